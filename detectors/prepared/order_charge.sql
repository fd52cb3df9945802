-- which order each charged line belongs to: by order id, else by encounter, item and day; where either side has no
-- encounter, what is left on both sides by patient, institution, item and day
select
    c.claim_line_id,
    o.order_id
from prepared.charge as c
inner join prepared.known_order as o on c.order_id = o.order_id
union all
select
    e.claim_line_id,
    e.order_id
from prepared.encounter_charge as e
union all
select
    l.claim_line_id,
    l.order_id
from prepared.loose_charge as l
