-- which order each charged line belongs to: by order id, else by encounter, item and day
with by_id as (
    select
        c.claim_line_id,
        o.order_id
    from prepared.charge as c
    inner join prepared.known_order as o on c.order_id = o.order_id
),

-- the days on which an order may have been charged: when ordered, and when performed
order_day as (
    select
        o.order_id,
        o.encounter_id,
        o.item_code,
        o.ordered_day as on_day
    from prepared.known_order as o
    where o.encounter_id is not null
    union
    select
        o.order_id,
        o.encounter_id,
        o.item_code,
        o.performed_day
    from prepared.known_order as o
    where o.encounter_id is not null and o.performed_at is not null
),

-- orders of one encounter, item and day in turn, those without a line of their own first
order_in_turn as (
    select
        d.order_id,
        d.encounter_id,
        d.item_code,
        d.on_day,
        row_number() over (
            partition by d.encounter_id, d.item_code, d.on_day
            order by case when d.order_id in (select b.order_id from by_id as b) then 1 else 0 end, d.order_id
        ) as turn,
        count(*) over (partition by d.encounter_id, d.item_code, d.on_day) as turns
    from order_day as d
),

line_in_turn as (
    select
        c.claim_line_id,
        c.encounter_id,
        c.item_code,
        c.on_day,
        row_number() over (
            partition by c.encounter_id, c.item_code, c.on_day
            order by c.claim_line_id
        ) as turn
    from prepared.charge as c
    where c.encounter_id is not null and c.claim_line_id not in (select b.claim_line_id from by_id as b)
)

select
    b.claim_line_id,
    b.order_id
from by_id as b
union all
select
    l.claim_line_id,
    o.order_id
from line_in_turn as l
inner join order_in_turn as o
    on
        l.encounter_id = o.encounter_id
        and l.item_code = o.item_code
        and l.on_day = o.on_day
        and least(l.turn, o.turns) = o.turn
