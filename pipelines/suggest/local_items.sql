-- every name and category under which an item was ordered, charged or reported, with how often
with seen as (
    select
        o.item_code,
        o.item_name,
        cast(null as varchar) as charge_category
    from main.exam_order as o

    union all

    select
        c.item_code,
        c.item_name,
        c.charge_category
    from main.claim_line as c

    union all

    select
        r.item_code,
        cast(null as varchar) as item_name,
        cast(null as varchar) as charge_category
    from main.exam_result as r
    where r.item_code is not null
)

select
    s.item_code,
    nullif(trim(s.item_name), '') as item_name,
    s.charge_category,
    count(*) as rows_seen
from seen as s
group by all
order by all
