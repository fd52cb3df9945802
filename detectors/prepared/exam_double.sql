-- events of one series at one known moment are one event, which carries the least id and all the money
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
