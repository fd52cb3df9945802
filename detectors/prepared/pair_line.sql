-- charged lines of items that stand in a pair, of patients charged a main item too, with what their order says
with item as (
    select p.main_item_code as item_code
    from pack.charge_pairs as p
    union
    select p.included_item_code
    from pack.charge_pairs as p
),

-- main items are rare: most patients have none, and nothing of theirs need be looked at
charged_main as (
    select distinct
        m.patient_key,
        m.institution_id
    from prepared.charge as m
    where m.net_quantity > 0 and m.item_code in (select p.main_item_code from pack.charge_pairs as p)
)

select
    c.claim_line_id,
    coalesce(oc.order_id, c.claim_line_id) as event_id,
    c.patient_key,
    c.institution_id,
    coalesce(sp.stay_id, c.encounter_id) as visit_id,
    sp.stay_id,
    c.item_code,
    c.on_day,
    c.at_s,
    c.has_time,
    c.net_amount,
    c.net_fund_amount,
    c.has_time and c.at_s <> c.on_day * 86400 as is_hour_known,
    c.on_day * 24 + hour(c.charged_at) as hour_no,
    o.laterality,
    o.body_part,
    o.performed_day,
    case when o.performed_at_has_time then date_diff('second', timestamp '1970-01-01', o.performed_at) end as done_s
from prepared.charge as c
inner join charged_main as m on c.patient_key = m.patient_key and c.institution_id = m.institution_id
left join prepared.order_charge as oc on c.claim_line_id = oc.claim_line_id
left join prepared.known_order as o on oc.order_id = o.order_id
left join prepared.stay_part as sp on c.encounter_id = sp.encounter_id
where c.net_quantity > 0 and c.item_code in (select i.item_code from item as i)
