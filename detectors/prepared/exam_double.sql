-- examinations of one series at one known moment are parts of one event, which carries the least id and all the money
with doubled as (
    select
        d.patient_key,
        d.family,
        d.part,
        d.laterality,
        d.at_s,
        min(d.event_id) as event_id,
        sum(d.net_amount) as net_amount,
        sum(d.net_fund_amount) as net_fund_amount
    from prepared.exam_done as d
    where d.has_time
    group by d.patient_key, d.family, d.part, d.laterality, d.at_s
    having count(*) > 1
)

select
    d.event_id as part_id,
    o.event_id,
    o.patient_key,
    o.net_amount,
    o.net_fund_amount
from prepared.exam_done as d
inner join doubled as o
    on
        d.patient_key = o.patient_key and d.at_s = o.at_s and d.has_time and d.family = o.family
        and d.part is not distinct from o.part and d.laterality is not distinct from o.laterality
