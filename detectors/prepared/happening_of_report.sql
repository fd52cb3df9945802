-- reports that other institutions could not see: what was not shared had not to be recognised
with unshared as (
    select distinct r.order_id
    from main.exam_result as r
    where not r.is_shareable and cast(r.reported_at as date) <= $as_of
),

-- reports lead to their order, and where no order is on record, to the lines charged under its number
event as (
    select u.order_id as event_id
    from unshared as u
    union
    select c.claim_line_id
    from prepared.charge as c
    inner join unshared as u on c.order_id = u.order_id
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
inner join event as e on x.event_id = e.event_id
