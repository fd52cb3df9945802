-- what others do in each stratum of a unit: r = (O - o + k x the coarser stratum's r) / (N - n + k), k = $prior_visits
-- near, wide and widest leave the unit out; away_wide and away_widest leave out everybody of its level and department
with others as (
    select
        x.measure,
        x.unit_no,
        x.mix_no,
        cast($prior_visits as double) as k,
        s.near_n3 - x.n3 as near_n3,
        s.near_o3 - x.o3 as near_o3,
        s.near_n2 - x.n2 as near_n2,
        s.near_o2 - x.o2 as near_o2,
        s.near_n1 - x.n1 as near_n1,
        s.near_o1 - x.o1 as near_o1,
        s.near_n0 - x.n0 as near_n0,
        s.near_o0 - x.o0 as near_o0,
        s.wide_n0 - x.n0 as department_n0,
        s.wide_o0 - x.o0 as department_o0,
        s.wide_n3 - s.near_n3 as wide_n3,
        s.wide_o3 - s.near_o3 as wide_o3,
        s.wide_n2 - s.near_n2 as wide_n2,
        s.wide_o2 - s.near_o2 as wide_o2,
        s.wide_n1 - s.near_n1 as wide_n1,
        s.wide_o1 - s.near_o1 as wide_o1,
        s.wide_n0 - s.near_n0 as wide_n0,
        s.wide_o0 - s.near_o0 as wide_o0,
        s.widest_n3 - s.near_n3 as widest_n3,
        s.widest_o3 - s.near_o3 as widest_o3,
        s.widest_n2 - s.near_n2 as widest_n2,
        s.widest_o2 - s.near_o2 as widest_o2,
        s.widest_n1 - s.near_n1 as widest_n1,
        s.widest_o1 - s.near_o1 as widest_o1,
        s.widest_n0 - s.near_n0 as widest_n0,
        s.widest_o0 - s.near_o0 as widest_o0,
        case when s.near_n0 > x.n0 then (s.near_o0 - x.o0) / cast(s.near_n0 - x.n0 as double) end as near_r0,
        case when s.wide_n0 > x.n0 then (s.wide_o0 - x.o0) / cast(s.wide_n0 - x.n0 as double) end as department_r0,
        case when s.widest_n0 > x.n0 then (s.widest_o0 - x.o0) / cast(s.widest_n0 - x.n0 as double) end as setting_r0
    from work.own as x
    inner join work.stratum as s on x.measure = s.measure and x.near_no = s.near_no and x.mix_no = s.mix_no
),

-- everybody of the own level and department comes first, shrunk to everybody of the wider group
everybody as (
    select
        o.*,
        (o.near_o0 + o.k * o.department_r0) / cast(o.near_n0 + o.k as double) as wide_r0,
        (o.near_o0 + o.k * (o.department_o0 + o.k * o.setting_r0) / cast(o.department_n0 + o.k as double))
        / cast(o.near_n0 + o.k as double) as widest_r0,
        case when o.wide_n0 > 0 then o.wide_o0 / cast(o.wide_n0 as double) end as away_wide_r0,
        case when o.widest_n0 > 0 then o.widest_o0 / cast(o.widest_n0 as double) end as away_widest_r0
    from others as o
),

by_diagnosis as (
    select
        e.*,
        (e.near_o1 + e.k * e.near_r0) / cast(e.near_n1 + e.k as double) as near_r1,
        (e.near_o1 + e.k * e.wide_r0) / cast(e.near_n1 + e.k as double) as wide_r1,
        (e.near_o1 + e.k * e.widest_r0) / cast(e.near_n1 + e.k as double) as widest_r1,
        (e.wide_o1 + e.k * e.away_wide_r0) / cast(e.wide_n1 + e.k as double) as away_wide_r1,
        (e.widest_o1 + e.k * e.away_widest_r0) / cast(e.widest_n1 + e.k as double) as away_widest_r1
    from everybody as e
),

by_person as (
    select
        d.*,
        (d.near_o2 + d.k * d.near_r1) / cast(d.near_n2 + d.k as double) as near_r2,
        (d.near_o2 + d.k * d.wide_r1) / cast(d.near_n2 + d.k as double) as wide_r2,
        (d.near_o2 + d.k * d.widest_r1) / cast(d.near_n2 + d.k as double) as widest_r2,
        (d.wide_o2 + d.k * d.away_wide_r1) / cast(d.wide_n2 + d.k as double) as away_wide_r2,
        (d.widest_o2 + d.k * d.away_widest_r1) / cast(d.widest_n2 + d.k as double) as away_widest_r2
    from by_diagnosis as d
)

select
    p.measure,
    p.unit_no,
    p.mix_no,
    (p.near_o3 + p.k * p.near_r2) / cast(p.near_n3 + p.k as double) as near,
    (p.near_o3 + p.k * p.wide_r2) / cast(p.near_n3 + p.k as double) as wide,
    (p.near_o3 + p.k * p.widest_r2) / cast(p.near_n3 + p.k as double) as widest,
    (p.wide_o3 + p.k * p.away_wide_r2) / cast(p.wide_n3 + p.k as double) as away_wide,
    (p.widest_o3 + p.k * p.away_widest_r2) / cast(p.widest_n3 + p.k as double) as away_widest
from by_person as p
