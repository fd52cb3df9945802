-- the in-patient stays of a patient who stands in a lead
select
    s.patient_id,
    s.stay_id,
    s.institution_id,
    s.department_code,
    s.started_at,
    s.ended_at,
    s.discharge_disposition,
    s.main_diagnosis_code,
    s.main_diagnosis_name,
    cast(s.net_amount as decimal(18, 2)) as net_amount,
    cast(s.net_fund_amount as decimal(18, 2)) as net_fund_amount
from prepared.stay as s
inner join work.lead_patient as p on s.patient_id = p.patient_id
order by s.patient_id, s.start_s, s.stay_id
