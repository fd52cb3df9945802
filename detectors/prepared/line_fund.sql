-- the fund's part of an encounter shared among its lines by what is left in scope of each: exact to the fen in total;
-- every line takes part, and those that tell no fund part of their own are given theirs
with net_line as (
    select
        l.claim_line_id,
        l.encounter_id,
        l.fund_amount is null as lacks_fund,
        e.fund_amount as settled_fund_amount,
        case
            when coalesce(l.voided, false) or r.reversed_quantity >= l.quantity or l.amount = 0
                then cast(0 as decimal(18, 2))
            else cast(round(
                cast(l.in_scope_amount as double)
                * cast(l.amount - least(coalesce(r.reversed_amount, 0), l.amount) as double)
                / cast(l.amount as double), 2
            ) as decimal(18, 2))
        end as in_scope_amount
    from main.claim_line as l
    inner join main.encounter as e on l.encounter_id = e.encounter_id and cast(e.started_at as date) <= $as_of
    left join prepared.line_reversal as r on l.claim_line_id = r.claim_line_id
    where
        e.fund_amount is not null and l.in_scope_amount >= 0
        and l.reverses_claim_line_id is null and l.quantity >= 0 and l.amount >= 0
        and cast(l.charged_at as date) <= $as_of
),

-- each line takes the fund up to itself less the fund before it, so that rounding never adds or loses a fen
running as (
    select
        n.*,
        sum(n.in_scope_amount) over (
            partition by n.encounter_id order by n.claim_line_id
            rows between unbounded preceding and current row
        ) as up_to_here,
        sum(n.in_scope_amount) over (partition by n.encounter_id) as of_all
    from net_line as n
)

select
    s.claim_line_id,
    cast(round(
        cast(s.settled_fund_amount as double) * cast(s.up_to_here as double) / cast(s.of_all as double), 2
    ) as decimal(18, 2))
    - cast(round(
        cast(s.settled_fund_amount as double) * cast(s.up_to_here - s.in_scope_amount as double)
        / cast(s.of_all as double), 2
    ) as decimal(18, 2)) as fund_amount
from running as s
where s.of_all > 0 and s.lacks_fund
