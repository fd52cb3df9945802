-- one row a unit (a doctor or department at one institution in one setting) and a number for each, and for its groups
select
    u.*,
    row_number() over (order by u.institution_id, u.practitioner_id, u.department_key, u.setting) as unit_no,
    dense_rank() over (order by u.level, u.department_key, u.setting) as near_no,
    dense_rank() over (order by u.department_key, u.setting) as wide_no,
    dense_rank() over (order by u.setting) as widest_no
from (
    select
        a.institution_id,
        a.practitioner_id,
        a.department_key,
        a.setting,
        min(a.level) as level,
        min(a.department_code) as department_code,
        max(a.last_day) as last_day,
        max(a.last_quarter) as last_quarter,
        count(*) as visits,
        count(distinct a.patient_id) as patients
    from work.asked as a
    group by a.institution_id, a.practitioner_id, a.department_key, a.setting
) as u
