-- which order each charged line belongs to: by order id, else by encounter, item and day; where either side has no
-- encounter, what is left on both sides by patient, institution, item and day
-- lines of ordered items that name no known order
with unnamed as (
    select
        c.claim_line_id,
        c.encounter_id,
        c.patient_key,
        c.institution_id,
        c.item_code,
        c.on_day,
        c.net_quantity > 0 as is_charged
    from prepared.charge as c
    left join prepared.known_order as o on c.order_id = o.order_id
    where
        c.item_code in (select k.item_code from prepared.known_order as k)
        and o.order_id is null
),

wanted as (
    select distinct
        u.encounter_id,
        u.item_code,
        u.on_day
    from unnamed as u
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
    from unnamed as u
    where u.encounter_id is not null
),

of_encounter as (
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
),

of_order as (
    select
        c.claim_line_id,
        o.order_id
    from prepared.charge as c
    inner join prepared.known_order as o on c.order_id = o.order_id
),

-- a line without an order and an order without a line, one of them without an encounter: each stands for the other
left_over as (
    select
        u.claim_line_id,
        o.order_id,
        dense_rank() over (
            partition by u.patient_key, u.institution_id, u.item_code, u.on_day
            order by
                case when u.encounter_id is null then 1 else 0 end,
                case when u.is_charged then 0 else 1 end,
                u.claim_line_id
        ) as line_turn,
        dense_rank() over (
            partition by u.patient_key, u.institution_id, u.item_code, u.on_day
            order by case when o.encounter_id is null then 0 else 1 end, o.order_id
        ) as order_turn
    from unnamed as u
    inner join prepared.known_order as o
        on
            u.patient_key = o.patient_key
            and u.institution_id = o.institution_id
            and u.item_code = o.item_code
            and (u.on_day = o.ordered_day or (o.performed_at is not null and u.on_day = o.performed_day))
    where
        (u.encounter_id is null or o.encounter_id is null)
        and u.claim_line_id not in (select e.claim_line_id from of_encounter as e)
        and o.order_id not in (select e.order_id from of_encounter as e)
        and o.order_id not in (select n.order_id from of_order as n)
)

select
    n.claim_line_id,
    n.order_id
from of_order as n
union all
select
    e.claim_line_id,
    e.order_id
from of_encounter as e
union all
select
    l.claim_line_id,
    l.order_id
from left_over as l
where l.line_turn = l.order_turn
