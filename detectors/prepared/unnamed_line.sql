-- charged lines that name no known order, of items that were ordered for the patient
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
    o.order_id is null
    and exists (
        select 1
        from prepared.known_order as k
        where c.patient_key = k.patient_key and c.item_code = k.item_code
    )
