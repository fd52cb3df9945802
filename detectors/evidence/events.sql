-- every examination of a patient who stands in a lead
select
    x.patient_id,
    x.event_id,
    x.encounter_id,
    x.institution_id,
    x.place_id as performing_institution_id,
    x.department_code,
    x.ordering_practitioner_id as practitioner_id,
    x.item_code,
    x.item_name,
    x.family,
    x.modality,
    x.body_part,
    x.laterality,
    x.setting,
    x.occurred_at,
    x.has_time,
    case when x.has_report then coalesce(x.is_abnormal, false) or coalesce(x.is_positive, false) end as is_abnormal,
    cast(x.net_amount as decimal(18, 2)) as net_amount,
    cast(x.net_fund_amount as decimal(18, 2)) as net_fund_amount
from prepared.exam_event as x
inner join work.lead_patient as p on x.patient_id = p.patient_id
order by x.patient_id, x.at_s, x.event_id
