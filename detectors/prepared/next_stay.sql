-- for each stay that its patient left alive, the next stay that begins on or after the day of discharge, within 31 days
with followed as (
    select
        d.stay_id,
        n.stay_id as next_stay_id,
        n.start_day - d.end_day as gap_days,
        n.institution_id = d.institution_id as is_same_institution,
        upper(substr(n.main_diagnosis_code, 1, 3)) = upper(substr(d.main_diagnosis_code, 1, 3)) as is_same_code,
        n.group_code = d.group_code as is_same_group,
        row_number() over (partition by d.stay_id order by n.start_s, n.stay_id) as nearness
    from prepared.stay as d
    inner join prepared.stay as n
        on
            d.patient_key = n.patient_key
            and n.start_day >= d.end_day
            and n.start_day <= d.end_day + 31
            and (n.start_s > d.start_s or (n.start_s = d.start_s and n.stay_id > d.stay_id))
    where coalesce(d.discharge_disposition, 'other') <> 'died'
)

select
    f.stay_id,
    f.next_stay_id,
    f.gap_days,
    f.is_same_institution,
    -- unknown where neither the codes nor the groups of both stays are there
    coalesce(f.is_same_code or f.is_same_group, f.is_same_code, f.is_same_group) as is_same_diagnosis
from followed as f
where f.nearness = 1
