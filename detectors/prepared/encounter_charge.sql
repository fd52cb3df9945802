-- which order a line that names none belongs to, by encounter, item and day
with wanted as (
    select distinct u.encounter_id, u.item_code, u.on_day
    from prepared.unnamed_line as u
    where u.encounter_id is not null
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
    from prepared.unnamed_line as u
    where u.encounter_id is not null
)

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
