-- what is measured of each doctor: trials and what was observed in them, by mix, quarter and whether the top patient's
with special_visit as (
    select
        s.visit_id,
        sum(s.high_cost) as high_cost,
        sum(s.at_risk) as at_risk,
        sum(s.repeats) as repeats,
        sum(s.is_first_day) as first_day_families
    from work.special as s
    group by s.visit_id
),

counted as (
    select
        v.unit_no,
        v.mix_no,
        v.quarter,
        v.is_top_patient,
        v.is_stay,
        v.events,
        cast(coalesce(v.amount, 0) * 100 as bigint) as fen,
        coalesce(s.high_cost, 0) as high_cost,
        coalesce(s.at_risk, 0) as at_risk,
        coalesce(s.repeats, 0) as repeats,
        case when s.first_day_families >= $bundle_families then 1 else 0 end as bundles
    from work.visit as v
    left join special_visit as s on v.visit_id = s.visit_id
),

-- fen squared by the visit: what chance moves a sum of unequal prices by
measured as (
    select
        'volume' as measure, c.unit_no, c.mix_no, c.quarter, c.is_top_patient,
        1 as trials, c.events as observed, 0 as squares
    from counted as c
    union all
    select 'cost', c.unit_no, c.mix_no, c.quarter, c.is_top_patient, 1, c.fen, c.fen * c.fen
    from counted as c
    union all
    select 'high_cost_share', c.unit_no, c.mix_no, c.quarter, c.is_top_patient, c.events, c.high_cost, 0
    from counted as c
    where c.events > 0
    union all
    select 'repeat_share', c.unit_no, c.mix_no, c.quarter, c.is_top_patient, c.at_risk, c.repeats, 0
    from counted as c
    where c.at_risk > 0
    union all
    select 'first_day_bundle', c.unit_no, c.mix_no, c.quarter, c.is_top_patient, 1, c.bundles, 0
    from counted as c
    where c.is_stay
)

select
    m.measure,
    m.unit_no,
    m.mix_no,
    m.quarter,
    m.is_top_patient,
    cast(sum(m.trials) as bigint) as trials,
    cast(sum(m.observed) as bigint) as observed,
    cast(sum(m.squares) as bigint) as squares
from measured as m
group by m.measure, m.unit_no, m.mix_no, m.quarter, m.is_top_patient
