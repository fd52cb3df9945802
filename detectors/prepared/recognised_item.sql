-- from which day to which an item is on the recognition list of each region: the list that is nearest to the region
with region as (
    select distinct coalesce(i.region_code, '') as region_code
    from main.institution as i
    union
    select ''
),

-- a list's region covers the regions inside it: 310000 a province, 310100 a city, 310115 a district
fitting as (
    select
        g.region_code,
        r.item_code,
        coalesce(r.region_code, '') as list_region_code,
        coalesce(date_diff('day', date '1970-01-01', r.valid_from), -10000000) as from_day,
        coalesce(date_diff('day', date '1970-01-01', r.valid_to), 10000000) as to_day,
        dense_rank() over (
            partition by g.region_code, r.item_code
            order by length(regexp_replace(coalesce(r.region_code, ''), '(00)+$', '')) desc, r.region_code asc
        ) as turn
    from region as g
    inner join pack.recognition_items as r
        on
            r.region_code is null
            or starts_with(g.region_code, regexp_replace(r.region_code, '(00)+$', ''))
)

select
    f.region_code,
    f.item_code,
    f.list_region_code,
    f.from_day,
    f.to_day
from fitting as f
where f.turn = 1
