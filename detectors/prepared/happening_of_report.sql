-- reports that other institutions could not see: what was not shared had not to be recognised
with unshared as (
    select distinct r.order_id
    from main.exam_result as r
    where not r.is_shareable and cast(r.reported_at as date) <= $as_of
)

select
    x.patient_id,
    x.patient_key,
    x.event_id,
    'not_shareable' as kind,
    '' as detail,
    cast(null as varchar) as family,
    x.occurred_at,
    x.has_time,
    x.at_s,
    x.until_s
from prepared.exam_event as x
inner join unshared as u on x.event_id = u.order_id
