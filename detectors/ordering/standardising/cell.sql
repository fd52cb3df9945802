-- what is measured of each unit, as trials and what was observed in them, by mix, quarter and whether the top patient's
with measured as (
    select 'volume' as measure
)

select
    m.measure,
    v.unit_no,
    v.mix_no,
    v.quarter,
    v.is_top_patient,
    cast(count(*) as bigint) as trials,
    cast(sum(v.events) as bigint) as observed,
    cast(0 as bigint) as squares
from work.visit as v
cross join measured as m
group by m.measure, v.unit_no, v.mix_no, v.quarter, v.is_top_patient
