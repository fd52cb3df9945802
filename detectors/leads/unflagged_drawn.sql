-- patient episodes with examinations and without a lead, those that the lot draws: by the hash of who, where and when
with examination as (
    select
        x.patient_id,
        x.institution_id,
        year(x.occurred_at) as in_year,
        concat_ws('|', x.patient_id, x.institution_id, cast(year(x.occurred_at) as varchar)) as subject_id,
        x.encounter_id,
        x.occurred_at,
        x.net_amount,
        x.net_fund_amount
    from prepared.exam_event as x
    where
        cast(x.occurred_at as date) >= coalesce($window_from, date '0001-01-01')
        and cast(x.occurred_at as date) <= coalesce($window_to, $as_of)
        and (
            not $is_bounded
            or x.institution_id in (select c.institution_id from work.chosen_institution as c)
        )
),

drawn as (
    select e.*
    from examination as e
    where substr(md5(e.subject_id), 1, 4) < $below
)

select
    d.patient_id,
    d.institution_id,
    d.subject_id,
    count(*) as exam_count,
    count(distinct d.encounter_id) as encounter_count,
    cast(sum(d.net_amount) as decimal(18, 2)) as net_amount,
    cast(sum(d.net_fund_amount) as decimal(18, 2)) as net_fund_amount,
    min(d.occurred_at) as first_occurred_at,
    max(d.occurred_at) as last_occurred_at
from drawn as d
anti join work.flagged_episode as f
    on d.patient_id = f.patient_id and d.institution_id = f.institution_id and d.in_year = f.in_year
group by d.patient_id, d.institution_id, d.subject_id
order by d.subject_id
