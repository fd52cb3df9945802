-- what each doctor did in each family: examinations, costly ones, repeats, and bundles of a first day that hold it
with bundled as (
    select
        s.visit_id
    from work.special as s
    inner join work.visit as v on s.visit_id = v.visit_id
    where v.is_stay
    group by s.visit_id
    having sum(s.is_first_day) >= $bundle_families
),

counted as (
    select 'high_cost_share' as measure, s.unit_no, s.family, s.high_cost as observed
    from work.special as s
    where s.high_cost > 0
    union all
    select 'repeat_share', s.unit_no, s.family, s.repeats
    from work.special as s
    where s.repeats > 0
    union all
    select 'first_day_bundle', s.unit_no, s.family, s.is_first_day
    from work.special as s
    inner join bundled as b on s.visit_id = b.visit_id
    where s.is_first_day > 0
)

select
    'volume' as measure,
    a.unit_no,
    a.family,
    cast(sum(a.events) as bigint) as events,
    cast(sum(a.priced) as bigint) as priced,
    cast(sum(a.amount) as decimal(18, 2)) as amount,
    cast(sum(a.events) as bigint) as observed
from work.answered as a
group by a.unit_no, a.family
union all
select
    c.measure,
    c.unit_no,
    c.family,
    cast(null as bigint),
    cast(null as bigint),
    cast(null as decimal(18, 2)),
    cast(sum(c.observed) as bigint)
from counted as c
group by c.measure, c.unit_no, c.family
