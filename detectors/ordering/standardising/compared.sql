-- what the judge sees: units, their quarters, families and (of those in excess) diagnosis groups, with what is expected
with unit_count as (
    select
        v.unit_no,
        sum(v.events) as events,
        sum(v.priced) as priced,
        sum(v.amount) as amount,
        sum(v.fund_amount) as fund_amount,
        sum(v.reported) as reported,
        sum(v.positive) as positive
    from work.visit as v
    group by v.unit_no
),

-- nobody below min_ratio is looked at closely; what is spared here is never near it
in_excess as (
    select
        e.measure,
        e.unit_no
    from work.expected as e
    group by e.measure, e.unit_no
    having sum(e.observed) * 1000000001 >= $min_ratio * least(
        coalesce(sum(e.near), 0), coalesce(sum(e.wide), 0), coalesce(sum(e.widest), 0),
        coalesce(sum(e.away_wide), 0), coalesce(sum(e.away_widest), 0)
    )
)

select
    'unit' as grain, u.unit_no, u.institution_id, u.practitioner_id, u.department_key, u.setting, u.department_code,
    u.level, u.last_day, u.last_quarter, cast(null as varchar) as measure, cast(null as varchar) as quarter,
    cast(null as boolean) as is_top_patient, cast(null as varchar) as diagnosis_group, cast(null as varchar) as family,
    u.visits, u.patients, cast(c.events as bigint) as events, cast(c.priced as bigint) as priced,
    cast(c.amount as decimal(18, 2)) as amount, cast(c.fund_amount as decimal(18, 2)) as fund_amount,
    cast(c.reported as bigint) as reported, cast(c.positive as bigint) as positive,
    cast(null as bigint) as trials, cast(null as bigint) as observed, cast(null as bigint) as squares,
    cast(null as bigint) as near, cast(null as bigint) as wide, cast(null as bigint) as widest,
    cast(null as bigint) as away_wide, cast(null as bigint) as away_widest
from work.unit as u
inner join unit_count as c on u.unit_no = c.unit_no
union all
select
    'quarter', e.unit_no, null, null, null, null, null,
    null, null, null, e.measure, e.quarter,
    e.is_top_patient, null, null,
    null, null, null, null,
    null, null, null, null,
    cast(sum(e.trials) as bigint), cast(sum(e.observed) as bigint), cast(sum(e.squares) as bigint),
    cast(sum(e.near) as bigint), cast(sum(e.wide) as bigint), cast(sum(e.widest) as bigint),
    cast(sum(e.away_wide) as bigint), cast(sum(e.away_widest) as bigint)
from work.expected as e
group by e.measure, e.unit_no, e.quarter, e.is_top_patient
union all
select
    'mix', e.unit_no, null, null, null, null, null,
    null, null, null, e.measure, null,
    null, e.diagnosis_group, null,
    null, null, null, null,
    null, null, null, null,
    cast(sum(e.trials) as bigint), cast(sum(e.observed) as bigint), cast(sum(e.squares) as bigint),
    cast(sum(e.near) as bigint), cast(sum(e.wide) as bigint), cast(sum(e.widest) as bigint),
    cast(sum(e.away_wide) as bigint), cast(sum(e.away_widest) as bigint)
from work.expected as e
inner join in_excess as x on e.measure = x.measure and e.unit_no = x.unit_no
group by e.measure, e.unit_no, e.diagnosis_group
union all
select
    'family', f.unit_no, null, null, null, null, null,
    null, null, null, f.measure, null,
    null, null, f.family,
    null, null, f.events, f.priced,
    f.amount, null, null, null,
    null, f.observed, null,
    null, null, null,
    null, null
from work.family as f
