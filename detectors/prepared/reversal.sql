-- which charged line each reversal undoes, and by how much; a reversal that undoes nothing is kept as an orphan
with reversing as (
    select
        l.claim_line_id,
        l.institution_id,
        l.reverses_claim_line_id,
        abs(l.quantity) as units,
        abs(l.amount) as yuan,
        abs(l.fund_amount) as fund_yuan
    from main.claim_line as l
    where
        not coalesce(l.voided, false)
        and cast(l.charged_at as date) <= $as_of
        and (l.reverses_claim_line_id is not null or l.quantity < 0 or l.amount < 0)
),

closed as (
    select
        b.claim_line_id as reversal_line_id,
        b.opened_by as claim_line_id
    from prepared.bracketed_line as b
    where b.is_negative and not b.was_negative
),

-- the rest undoes, nearest first, what is still open of the item before it
nearest as (
    select
        b.claim_line_id as reversal_line_id,
        o.claim_line_id,
        b.units as wanted,
        o.units as available,
        sum(o.units) over (
            partition by b.claim_line_id
            order by o.at_s desc, o.claim_line_id desc
        ) - o.units as taken_before
    from prepared.bracketed_line as b
    inner join prepared.open_line as o on b.match_key = o.match_key and not o.is_negative and o.at_s <= b.at_s
    where
        b.is_negative and b.was_negative
        and o.claim_line_id not in (select c.claim_line_id from closed as c)
),

matched as (
    select r.claim_line_id as reversal_line_id, l.claim_line_id, r.units
    from reversing as r
    inner join main.claim_line as l on r.reverses_claim_line_id = l.claim_line_id
    union all
    select c.reversal_line_id, c.claim_line_id, r.units
    from closed as c
    inner join reversing as r on c.reversal_line_id = r.claim_line_id
    union all
    select n.reversal_line_id, n.claim_line_id, least(n.available, n.wanted - n.taken_before)
    from nearest as n
    where n.taken_before < n.wanted
)

select
    r.claim_line_id as reversal_line_id,
    r.institution_id,
    m.claim_line_id,
    m.units as reversed_quantity,
    case
        when m.units = r.units then r.yuan
        else cast(
            round(cast(r.yuan as double) * cast(m.units as double) / cast(r.units as double), 2) as decimal(18, 2)
        )
    end as reversed_amount,
    case
        when m.units = r.units then r.fund_yuan
        else cast(
            round(cast(r.fund_yuan as double) * cast(m.units as double) / cast(r.units as double), 2) as decimal(18, 2)
        )
    end as reversed_fund_amount,
    case
        when m.claim_line_id is null then 'orphan'
        when l.quantity <= m.units then 'full'
        else 'partial'
    end as outcome
from reversing as r
left join matched as m on r.claim_line_id = m.reversal_line_id
left join main.claim_line as l on m.claim_line_id = l.claim_line_id
