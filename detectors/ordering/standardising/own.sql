-- trials (n) and observed (o) of each unit itself in each of its strata, numbered as in work.stratum
with own_3 as (
    select
        c.measure,
        c.unit_no,
        c.mix_no,
        sum(c.trials) as n,
        sum(c.observed) as o
    from work.cell as c
    group by c.measure, c.unit_no, c.mix_no
),

own_2 as (
    select
        x.measure,
        x.unit_no,
        m.person_no,
        m.diagnosis_no,
        sum(x.n) as n,
        sum(x.o) as o
    from own_3 as x
    inner join work.mix as m on x.mix_no = m.mix_no
    group by x.measure, x.unit_no, m.person_no, m.diagnosis_no
),

own_1 as (
    select
        x.measure,
        x.unit_no,
        x.diagnosis_no,
        sum(x.n) as n,
        sum(x.o) as o
    from own_2 as x
    group by x.measure, x.unit_no, x.diagnosis_no
),

own_0 as (
    select
        x.measure,
        x.unit_no,
        sum(x.n) as n,
        sum(x.o) as o
    from own_1 as x
    group by x.measure, x.unit_no
)

select
    x.measure,
    x.unit_no,
    x.mix_no,
    u.near_no,
    x.n as n3,
    x.o as o3,
    b.n as n2,
    b.o as o2,
    a.n as n1,
    a.o as o1,
    r.n as n0,
    r.o as o0
from own_3 as x
inner join work.unit as u on x.unit_no = u.unit_no
inner join work.mix as m on x.mix_no = m.mix_no
inner join own_2 as b on x.measure = b.measure and x.unit_no = b.unit_no and m.person_no = b.person_no
inner join own_1 as a on x.measure = a.measure and x.unit_no = a.unit_no and m.diagnosis_no = a.diagnosis_no
inner join own_0 as r on x.measure = r.measure and x.unit_no = r.unit_no
