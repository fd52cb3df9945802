-- what each charged line was reversed by: a pointer to it, else the latest line before that it can undo
with pointed as (
    select
        l.reverses_claim_line_id as claim_line_id,
        abs(l.quantity) as units,
        abs(l.amount) as yuan,
        abs(l.fund_amount) as fund_yuan
    from main.claim_line as l
    where
        not coalesce(l.voided, false)
        and cast(l.charged_at as date) <= $as_of
        and l.reverses_claim_line_id is not null
),

-- whole lines match like brackets: a reversal closes the latest charge that is still open at its depth
depth as (
    select
        o.*,
        sum(case when o.is_negative then -1 else 1 end) over like_lines
        + case when o.is_negative then 1 else 0 end as level
    from prepared.open_line as o
    window like_lines as (
        partition by o.match_key, o.units, o.yuan
        order by o.at_s, o.is_negative, o.claim_line_id
    )
),

bracketed as (
    select
        d.*,
        lag(d.claim_line_id) over one_level as opened_by,
        lag(d.is_negative) over one_level as was_negative
    from depth as d
    window one_level as (
        partition by d.match_key, d.units, d.yuan, d.level
        order by d.at_s, d.is_negative, d.claim_line_id
    )
),

-- the rest undoes part of the latest earlier charge of the same item
partial as (
    select
        o.claim_line_id,
        b.units,
        b.yuan,
        b.fund_yuan,
        row_number() over (partition by b.claim_line_id order by o.at_s desc, o.claim_line_id desc) as nearness
    from bracketed as b
    inner join prepared.open_line as o
        on
            b.match_key = o.match_key and not o.is_negative
            and o.at_s <= b.at_s and b.units <= o.units
    where b.is_negative and (b.opened_by is null or b.was_negative)
),

undone as (
    select
        p.claim_line_id,
        p.units,
        p.yuan,
        p.fund_yuan
    from pointed as p
    union all
    select
        b.opened_by,
        b.units,
        b.yuan,
        b.fund_yuan
    from bracketed as b
    where b.is_negative and not b.was_negative
    union all
    select
        p.claim_line_id,
        p.units,
        p.yuan,
        p.fund_yuan
    from partial as p
    where p.nearness = 1
)

select
    u.claim_line_id,
    sum(u.units) as reversed_quantity,
    sum(u.yuan) as reversed_amount,
    sum(u.fund_yuan) as reversed_fund_amount
from undone as u
group by u.claim_line_id
