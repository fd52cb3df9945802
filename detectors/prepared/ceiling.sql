-- the price ceiling of each item at each institution: the row of its region and level, else of either, else of all
with fitting as (
    select
        i.institution_id,
        c.item_code,
        c.price_ceiling,
        row_number() over (
            partition by i.institution_id, c.item_code
            order by
                case when c.region_code is null then 1 else 0 end,
                case when c.level is null then 1 else 0 end,
                coalesce(c.valid_from, date '0001-01-01') desc
        ) as turn
    from main.institution as i
    inner join pack.price_ceilings as c
        on
            (c.region_code is null or c.region_code = i.region_code)
            and (c.level is null or c.level = i.level)
    where
        coalesce(c.valid_from, date '0001-01-01') <= $as_of
        and coalesce(c.valid_to, date '9999-12-31') > $as_of
)

select
    f.institution_id,
    f.item_code,
    f.price_ceiling
from fitting as f
where f.turn = 1
