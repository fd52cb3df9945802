-- a number for each mix of diagnosis, age, sex, urgency and first or follow-up visit, and for its coarser parts
select
    m.*,
    row_number() over (order by m.diagnosis_group, m.age_band, m.sex, m.urgency, m.visit_kind) as mix_no,
    dense_rank() over (order by m.diagnosis_group, m.age_band, m.sex) as person_no,
    dense_rank() over (order by m.diagnosis_group) as diagnosis_no
from (
    select distinct
        a.diagnosis_group,
        a.age_band,
        a.sex,
        a.urgency,
        a.visit_kind
    from work.asked as a
) as m
