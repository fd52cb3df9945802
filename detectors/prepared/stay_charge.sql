-- what each stay was charged, net, and how much of it for examinations; only stays with a charge on record
with listed as (
    select distinct e.item_code from pack.exam_items as e
),

said as (
    select
        sp.stay_id,
        c.net_amount,
        case
            when i.item_code is not null then true
            when x.charge_category is not null then true
            else false
        end as is_exam
    from prepared.stay_part as sp
    inner join prepared.charge as c on sp.encounter_id = c.encounter_id
    left join listed as i on c.item_code = i.item_code
    left join pack.exam_charge_category as x on lower(c.charge_category) = x.charge_category
    where c.net_amount > 0
)

select
    s.stay_id,
    sum(s.net_amount) as net_amount,
    sum(case when s.is_exam then s.net_amount else cast(0 as decimal(18, 2)) end) as exam_amount,
    count(case when s.is_exam then 1 end) as exam_lines
from said as s
group by s.stay_id
