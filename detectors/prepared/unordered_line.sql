-- charged lines that count as examinations though no order matches them
-- a line whose category is known not to be an examination counts only where the pack lists its item
with examining_line as (
    select c.claim_line_id
    from prepared.charge as c
    where
        c.net_quantity > 0
        and (
            c.item_code in (select i.item_code from pack.exam_items as i)
            or c.charge_category is null
            or lower(c.charge_category) not in (select x.charge_category from pack.non_exam_charge_category as x)
        )
)

select l.claim_line_id
from examining_line as l
left join prepared.order_charge as oc on l.claim_line_id = oc.claim_line_id
where oc.claim_line_id is null
