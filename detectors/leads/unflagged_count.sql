-- patient episodes with examinations and without a lead
with episode as (
    select distinct
        x.patient_id,
        x.institution_id,
        year(x.occurred_at) as in_year
    from prepared.exam_event as x
    where
        cast(x.occurred_at as date) >= coalesce($window_from, date '0001-01-01')
        and cast(x.occurred_at as date) <= coalesce($window_to, $as_of)
        and (
            not $is_bounded
            or x.institution_id in (select c.institution_id from work.chosen_institution as c)
        )
)

select count(*) as episodes
from episode as e
anti join work.flagged_episode as f
    on e.patient_id = f.patient_id and e.institution_id = f.institution_id and e.in_year = f.in_year
