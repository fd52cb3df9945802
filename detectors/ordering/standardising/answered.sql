-- examinations that a unit answers for, by visit and family: nobody is blamed for what colleagues ordered in his visits
select
    v.visit_id,
    v.unit_no,
    e.family,
    count(*) as events,
    count(e.net_amount) as priced,
    sum(e.net_amount) as amount,
    sum(e.net_fund_amount) as fund_amount,
    sum(case when e.has_report and e.is_positive is not null then 1 else 0 end) as reported,
    sum(case when e.has_report and e.is_positive then 1 else 0 end) as positive
from work.numbered as v
inner join prepared.exam_event as e
    on
        v.visit_id = e.visit_id
        and (v.practitioner_id is null or v.practitioner_id = coalesce(e.practitioner_id, v.practitioner_id))
        and (v.practitioner_id is not null or v.department_code = coalesce(e.department_code, v.department_code))
group by v.visit_id, v.unit_no, e.family
