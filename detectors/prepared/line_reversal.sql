-- how much of each charged line was undone, by all its reversals together
select
    r.claim_line_id,
    sum(r.reversed_quantity) as reversed_quantity,
    sum(r.reversed_amount) as reversed_amount,
    sum(r.reversed_fund_amount) as reversed_fund_amount
from prepared.reversal as r
where r.claim_line_id is not null
group by r.claim_line_id
