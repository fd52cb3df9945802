-- charges beside the reversals that name no line, in the places where such reversals stand
with reversed_item as (
    select distinct n.patient_id, n.institution_id, n.item_code
    from main.claim_line as n
    where
        n.reverses_claim_line_id is null and (n.quantity < 0 or n.amount < 0)
        and not coalesce(n.voided, false) and cast(n.charged_at as date) <= $as_of
),

line as (
    select
        l.claim_line_id,
        abs(l.quantity) as units,
        abs(l.amount) as yuan,
        abs(l.fund_amount) as fund_yuan,
        l.quantity < 0 or l.amount < 0 as is_negative,
        concat_ws('|', l.patient_id, l.institution_id, coalesce(l.encounter_id, l.claim_id), l.item_code) as place,
        concat_ws('|', l.patient_id, l.institution_id, l.order_id, l.item_code) as of_order,
        concat_ws('|', 'item', l.patient_id, l.institution_id, l.item_code) as of_item,
        l.order_id is not null as has_order,
        case
            when (l.quantity < 0 or l.amount < 0) and not l.charged_at_has_time then 86399
            else 0
        end + date_diff('second', timestamp '1970-01-01', l.charged_at) as at_s
    from main.claim_line as l
    inner join reversed_item as n
        on l.patient_id = n.patient_id and l.institution_id = n.institution_id and l.item_code = n.item_code
    where
        l.reverses_claim_line_id is null
        and not coalesce(l.voided, false) and cast(l.charged_at as date) <= $as_of
),

-- lines of an order that is charged and reversed are matched within it, the rest within its encounter or claim
placed as (
    select
        l.*,
        case
            when l.has_order and min(l.is_negative) over of_one_order < max(l.is_negative) over of_one_order
                then concat('order|', l.of_order)
            else l.place
        end as own_key
    from line as l
    window of_one_order as (partition by l.has_order, l.of_order)
),

-- and what there is only charged, or only reversed, with the rest of the item
keyed as (
    select
        p.*,
        case
            when min(p.is_negative) over of_one_key < max(p.is_negative) over of_one_key then p.own_key
            else p.of_item
        end as match_key
    from placed as p
    window of_one_key as (partition by p.own_key)
),

answered as (
    select distinct n.match_key
    from keyed as n
    where n.is_negative
)

select
    k.claim_line_id,
    k.is_negative,
    k.units, k.yuan, k.fund_yuan,
    k.at_s,
    k.match_key
from keyed as k
inner join answered as n on k.match_key = n.match_key
left join main.claim_line as p
    on
        k.claim_line_id = p.reverses_claim_line_id
        and not coalesce(p.voided, false) and cast(p.charged_at as date) <= $as_of
where p.claim_line_id is null
