-- from which day to which an institution is on the recognition list for each modality: a row of its own goes before all
with modality as (
    select distinct coalesce(lower(i.modality), '') as modality
    from pack.exam_items as i
    union
    select ''
),

fitting as (
    select
        r.institution_id,
        m.modality,
        coalesce(date_diff('day', date '1970-01-01', r.valid_from), -10000000) as from_day,
        coalesce(date_diff('day', date '1970-01-01', r.valid_to), 10000000) as to_day,
        dense_rank() over (
            partition by r.institution_id, m.modality
            order by case when r.modality is null then 1 else 0 end
        ) as turn
    from pack.recognition_institutions as r
    inner join modality as m on r.modality is null or lower(r.modality) = m.modality
)

select
    f.institution_id,
    f.modality,
    f.from_day,
    f.to_day
from fitting as f
where f.turn = 1
