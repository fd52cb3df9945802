-- what each unit did in each family of examinations
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
