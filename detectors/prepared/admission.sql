-- one row a stay as an admission: where, when, whether operated on, whether the diagnosis is still being sought
with operated as (
    select distinct h.event_id as visit_id
    from prepared.happening as h
    where h.kind = 'operation'
)

select
    v.visit_id,
    v.patient_id,
    v.patient_key,
    v.institution_id,
    v.level,
    v.department_code,
    coalesce(v.national_department_code, v.department_code) as department_key,
    v.on_day,
    cast(v.started_at as date) as started_on,
    v.month,
    v.quarter,
    year(v.started_at) * 4 + quarter(v.started_at) as quarter_number,
    o.visit_id is not null as has_operation,
    instr(coalesce(s.main_diagnosis_name, ''), '待查') > 0
    or instr(coalesce(s.main_diagnosis_name, ''), '疑似') > 0 as is_diagnosis_sought
from prepared.visit as v
inner join prepared.stay as s on v.visit_id = s.stay_id
left join operated as o on v.visit_id = o.visit_id
where v.setting = 'inpatient'
