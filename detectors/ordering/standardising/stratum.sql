-- trials (n) and observed (o) of all units of a group in each stratum: near = level, department and setting, wide = all
-- levels, widest = all departments too; 3 = the whole mix, 2 = diagnosis, age and sex, 1 = diagnosis, 0 = everybody
with near as (
    select
        c.measure,
        u.near_no,
        u.wide_no,
        u.widest_no,
        m.mix_no,
        m.person_no,
        m.diagnosis_no,
        sum(c.trials) as n,
        sum(c.observed) as o
    from work.cell as c
    inner join work.unit as u on c.unit_no = u.unit_no
    inner join work.mix as m on c.mix_no = m.mix_no
    group by c.measure, u.near_no, u.wide_no, u.widest_no, m.mix_no, m.person_no, m.diagnosis_no
)

select
    s.measure,
    s.near_no,
    s.mix_no,
    s.person_no,
    s.diagnosis_no,
    s.n as near_n3,
    s.o as near_o3,
    sum(s.n) over (partition by s.measure, s.near_no, s.person_no) as near_n2,
    sum(s.o) over (partition by s.measure, s.near_no, s.person_no) as near_o2,
    sum(s.n) over (partition by s.measure, s.near_no, s.diagnosis_no) as near_n1,
    sum(s.o) over (partition by s.measure, s.near_no, s.diagnosis_no) as near_o1,
    sum(s.n) over (partition by s.measure, s.near_no) as near_n0,
    sum(s.o) over (partition by s.measure, s.near_no) as near_o0,
    sum(s.n) over (partition by s.measure, s.wide_no, s.mix_no) as wide_n3,
    sum(s.o) over (partition by s.measure, s.wide_no, s.mix_no) as wide_o3,
    sum(s.n) over (partition by s.measure, s.wide_no, s.person_no) as wide_n2,
    sum(s.o) over (partition by s.measure, s.wide_no, s.person_no) as wide_o2,
    sum(s.n) over (partition by s.measure, s.wide_no, s.diagnosis_no) as wide_n1,
    sum(s.o) over (partition by s.measure, s.wide_no, s.diagnosis_no) as wide_o1,
    sum(s.n) over (partition by s.measure, s.wide_no) as wide_n0,
    sum(s.o) over (partition by s.measure, s.wide_no) as wide_o0,
    sum(s.n) over (partition by s.measure, s.widest_no, s.mix_no) as widest_n3,
    sum(s.o) over (partition by s.measure, s.widest_no, s.mix_no) as widest_o3,
    sum(s.n) over (partition by s.measure, s.widest_no, s.person_no) as widest_n2,
    sum(s.o) over (partition by s.measure, s.widest_no, s.person_no) as widest_o2,
    sum(s.n) over (partition by s.measure, s.widest_no, s.diagnosis_no) as widest_n1,
    sum(s.o) over (partition by s.measure, s.widest_no, s.diagnosis_no) as widest_o1,
    sum(s.n) over (partition by s.measure, s.widest_no) as widest_n0,
    sum(s.o) over (partition by s.measure, s.widest_no) as widest_o0
from near as s
