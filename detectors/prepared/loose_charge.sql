-- which order a line belongs to where either has no encounter: by patient, institution, item and day, one line an order
-- of lines and orders that nothing else brings together
with beside as (
    select u.*, o.order_id, o.encounter_id as order_encounter_id
    from prepared.unnamed_line as u
    inner join prepared.known_order as o
        on
            u.patient_key = o.patient_key and u.institution_id = o.institution_id and u.item_code = o.item_code
            and (u.on_day = o.ordered_day or (o.performed_at is not null and u.on_day = o.performed_day))
    where u.encounter_id is null
    union all
    select u.*, o.order_id, o.encounter_id
    from prepared.unnamed_line as u
    inner join prepared.known_order as o
        on
            u.patient_key = o.patient_key and u.institution_id = o.institution_id and u.item_code = o.item_code
            and (u.on_day = o.ordered_day or (o.performed_at is not null and u.on_day = o.performed_day))
    where u.encounter_id is not null and o.encounter_id is null
),

with_own_line as (
    select distinct b.order_id
    from beside as b
    inner join prepared.charge as c on b.order_id = c.order_id
),

left_over as (
    select b.*
    from beside as b
    left join with_own_line as n on b.order_id = n.order_id
    where
        n.order_id is null
        and b.claim_line_id not in (select e.claim_line_id from prepared.encounter_charge as e)
        and b.order_id not in (select e.order_id from prepared.encounter_charge as e)
),

-- each line stands for an order: charged lines and orders without an encounter first
in_turn as (
    select
        l.claim_line_id,
        l.order_id,
        dense_rank() over (
            partition by l.patient_key, l.institution_id, l.item_code, l.on_day
            order by
                case when l.encounter_id is null then 1 else 0 end, case when l.is_charged then 0 else 1 end,
                l.claim_line_id
        ) as line_turn,
        dense_rank() over (
            partition by l.patient_key, l.institution_id, l.item_code, l.on_day
            order by case when l.order_encounter_id is null then 0 else 1 end, l.order_id
        ) as order_turn
    from left_over as l
)

select
    t.claim_line_id,
    t.order_id
from in_turn as t
where t.line_turn = t.order_turn
