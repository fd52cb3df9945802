-- what the charged lines of an order come to, net of what reversed them
select
    oc.order_id,
    sum(c.net_quantity) as net_quantity,
    sum(c.net_amount) as net_amount,
    sum(c.net_fund_amount) as net_fund_amount,
    max(case when c.is_fund_estimated then 1 else 0 end) = 1 as is_fund_estimated,
    min(case when c.net_quantity > 0 then c.charged_at end) as charged_at,
    min(case when c.net_quantity > 0 and not c.has_time then c.charged_at end) as charged_on,
    max(c.external_institution_id) as external_institution_id
from prepared.order_charge as oc
inner join prepared.charge as c on oc.claim_line_id = c.claim_line_id
group by oc.order_id
