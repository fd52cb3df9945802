-- the visits asked for, with the numbers of their unit and mix
select
    a.visit_id,
    u.unit_no,
    m.mix_no,
    a.patient_id,
    a.quarter,
    a.on_day,
    a.setting = 'inpatient' as is_stay,
    a.practitioner_id,
    a.department_code
from work.asked as a
inner join work.unit as u
    on
        a.institution_id = u.institution_id
        and a.practitioner_id is not distinct from u.practitioner_id
        and a.department_key = u.department_key
        and a.setting = u.setting
inner join work.mix as m
    on
        a.diagnosis_group is not distinct from m.diagnosis_group
        and a.age_band is not distinct from m.age_band
        and a.sex is not distinct from m.sex
        and a.urgency is not distinct from m.urgency
        and a.visit_kind is not distinct from m.visit_kind
