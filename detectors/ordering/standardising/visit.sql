-- one row a visit: what its unit answers for in it, and whether its patient is the one whom the unit examined most
with visit_count as (
    select
        a.visit_id,
        sum(a.events) as events,
        sum(a.priced) as priced,
        sum(a.amount) as amount,
        sum(a.fund_amount) as fund_amount,
        sum(a.reported) as reported,
        sum(a.positive) as positive
    from work.answered as a
    group by a.visit_id
),

counted as (
    select
        v.visit_id,
        v.unit_no,
        v.mix_no,
        v.patient_id,
        v.quarter,
        v.is_stay,
        coalesce(c.events, 0) as events,
        coalesce(c.priced, 0) as priced,
        c.amount,
        c.fund_amount,
        coalesce(c.reported, 0) as reported,
        coalesce(c.positive, 0) as positive
    from work.numbered as v
    left join visit_count as c on v.visit_id = c.visit_id
),

patient_count as (
    select
        c.unit_no,
        c.patient_id,
        sum(c.events) as events
    from counted as c
    group by c.unit_no, c.patient_id
),

most as (
    select
        p.unit_no,
        max(p.events) as events
    from patient_count as p
    group by p.unit_no
),

-- of several patients with as many, the one with the least id
top_patient as (
    select
        p.unit_no,
        min(p.patient_id) as patient_id
    from patient_count as p
    inner join most as t on p.unit_no = t.unit_no and p.events = t.events
    group by p.unit_no
)

select
    c.*,
    t.patient_id is not null as is_top_patient
from counted as c
left join top_patient as t on c.unit_no = t.unit_no and c.patient_id = t.patient_id
