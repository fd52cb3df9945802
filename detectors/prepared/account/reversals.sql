-- how many reversals undid a charge wholly, in part or not at all, and what all charges come to before and after
with outcome as (
    select
        count(distinct case when r.outcome = 'full' then r.reversal_line_id end) as full_lines,
        count(distinct case when r.outcome = 'partial' then r.reversal_line_id end) as partial_lines,
        count(distinct case when r.outcome = 'orphan' then r.reversal_line_id end) as orphan_lines
    from prepared.reversal as r
),

charged as (
    select
        count(case when l.voided then 1 end) as voided_lines,
        coalesce(sum(l.amount), 0) as charged_amount,
        coalesce(sum(l.amount - c.net_amount), 0) as reversed_amount,
        coalesce(sum(c.net_amount), 0) as net_amount
    from prepared.charge as c
    inner join main.claim_line as l on c.claim_line_id = l.claim_line_id
)

select
    o.full_lines as "full",
    o.partial_lines as partial,
    o.orphan_lines as orphan,
    c.voided_lines as voided,
    c.charged_amount,
    c.reversed_amount,
    c.net_amount
from outcome as o
cross join charged as c
