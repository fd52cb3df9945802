-- visits of the period that a doctor answers for; what he answers for in them is counted by the steps that follow
with examined as (
    select
        v.visit_id, v.institution_id, v.month, v.quarter, v.on_day, v.patient_id, v.practitioner_id, v.department_code,
        coalesce(v.national_department_code, v.department_code, '') as department_key, v.level, v.setting,
        case
            when v.age_years < 6 then '00-05' when v.age_years < 15 then '06-14' when v.age_years < 45 then '15-44'
            when v.age_years < 65 then '45-64' when v.age_years < 80 then '65-79' when v.age_years >= 80 then '80+'
        end as age_band,
        v.diagnosis_group, v.sex, v.urgency, v.visit_kind, $to_day as last_day, $last_quarter as last_quarter,
        v.setting is not null as is_judged
    from prepared.visit as v
    where
        v.practitioner_id is not null
        and v.on_day between $from_day and $to_day
        and cast(substr(v.quarter, 1, 4) as integer) * 4 + cast(substr(v.quarter, 6, 1) as integer)
        between $last_quarter - $quarters + 1 and $last_quarter
)

select
    x.visit_id, x.institution_id, x.practitioner_id, x.department_code, x.department_key, x.level, x.setting,
    x.patient_id, x.quarter, x.on_day, x.diagnosis_group, x.age_band, x.sex, x.urgency, x.visit_kind,
    x.last_day, x.last_quarter
from examined as x
where x.is_judged
