-- the price ceiling of each examination without a charge, in force on its date: of its region and level, else of all
with fitting as (
    select
        d.event_id,
        d.patient_key,
        c.price_ceiling,
        row_number() over (
            partition by d.event_id
            order by
                case when c.region_code is null then 1 else 0 end,
                case when c.level is null then 1 else 0 end,
                c.price_ceiling asc
        ) as turn
    from prepared.exam_done as d
    inner join main.institution as i on d.institution_id = i.institution_id
    inner join pack.price_ceilings as c
        on
            d.item_code = c.item_code
            and (c.region_code is null or c.region_code = i.region_code)
            and (c.level is null or c.level = i.level)
            and cast(d.occurred_at as date) >= coalesce(c.valid_from, date '0001-01-01')
            and cast(d.occurred_at as date) < coalesce(c.valid_to, date '9999-12-31')
    where d.net_amount is null
)

select
    f.event_id,
    f.patient_key,
    f.price_ceiling
from fitting as f
where f.turn = 1
