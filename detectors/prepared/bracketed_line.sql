-- whole lines match like brackets: a reversal closes the latest charge that is still open at its depth
with depth as (
    select
        o.*,
        sum(case when o.is_negative then -1 else 1 end) over like_lines
        + case when o.is_negative then 1 else 0 end as level
    from prepared.open_line as o
    window like_lines as (
        partition by o.match_key, o.units, o.yuan
        order by o.at_s, o.is_negative, o.claim_line_id
    )
)

select
    d.*,
    lag(d.claim_line_id) over one_level as opened_by,
    coalesce(lag(d.is_negative) over one_level, true) as was_negative
from depth as d
window one_level as (
    partition by d.match_key, d.units, d.yuan, d.level
    order by d.at_s, d.is_negative, d.claim_line_id
)
