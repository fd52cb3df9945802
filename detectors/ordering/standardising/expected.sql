-- what peers would have done in each cell, in thousand-millionths so that adding up is exact
select
    c.measure,
    c.unit_no,
    m.diagnosis_group,
    c.quarter,
    c.is_top_patient,
    sum(c.trials) as trials,
    sum(c.observed) as observed,
    sum(c.squares) as squares,
    sum(cast(round(c.trials * r.near * 1000000000) as bigint)) as near,
    sum(cast(round(c.trials * r.wide * 1000000000) as bigint)) as wide,
    sum(cast(round(c.trials * r.widest * 1000000000) as bigint)) as widest,
    sum(cast(round(c.trials * r.away_wide * 1000000000) as bigint)) as away_wide,
    sum(cast(round(c.trials * r.away_widest * 1000000000) as bigint)) as away_widest
from work.cell as c
inner join work.rate as r on c.measure = r.measure and c.unit_no = r.unit_no and c.mix_no = r.mix_no
inner join work.mix as m on c.mix_no = m.mix_no
group by c.measure, c.unit_no, m.diagnosis_group, c.quarter, c.is_top_patient
