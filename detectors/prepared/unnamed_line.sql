-- charged lines of ordered items that name no known order
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
