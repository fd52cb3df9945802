-- which order each charged line belongs to: by order id, else by encounter, item and day
-- lines of ordered items that name no known order
with unnamed as (
    select
        c.claim_line_id,
        c.encounter_id,
        c.item_code,
        c.on_day
    from prepared.charge as c
    left join prepared.known_order as o on c.order_id = o.order_id
    where
        c.encounter_id is not null
        and c.item_code in (select k.item_code from prepared.known_order as k)
        and o.order_id is null
),

wanted as (
    select distinct
        u.encounter_id,
        u.item_code,
        u.on_day
    from unnamed as u
),

-- the days on which an order may have been charged: when ordered, and when performed
order_day as (
    select
        o.order_id,
        w.encounter_id,
        w.item_code,
        w.on_day
    from wanted as w
    inner join prepared.known_order as o
        on
            w.encounter_id = o.encounter_id
            and w.item_code = o.item_code
            and (w.on_day = o.ordered_day or (o.performed_at is not null and w.on_day = o.performed_day))
),

with_own_line as (
    select distinct d.order_id
    from order_day as d
    inner join prepared.charge as c on d.order_id = c.order_id
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
            order by case when b.order_id is not null then 1 else 0 end, d.order_id
        ) as turn,
        count(*) over (partition by d.encounter_id, d.item_code, d.on_day) as turns
    from order_day as d
    left join with_own_line as b on d.order_id = b.order_id
),

line_in_turn as (
    select
        u.*,
        row_number() over (
            partition by u.encounter_id, u.item_code, u.on_day
            order by u.claim_line_id
        ) as turn
    from unnamed as u
)

select
    c.claim_line_id,
    o.order_id
from prepared.charge as c
inner join prepared.known_order as o on c.order_id = o.order_id
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
