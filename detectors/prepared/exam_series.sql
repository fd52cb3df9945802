-- in which series each examination stands; a bilateral one stands in the series of each side too
with side as (
    select distinct
        x.patient_key,
        x.family,
        x.body_part,
        x.series_key
    from prepared.exam_event as x
    where x.laterality in ('L', 'R')
)

select
    x.event_id,
    x.patient_key,
    x.series_key,
    x.place_id,
    x.at_s,
    x.until_s,
    x.has_time
from prepared.exam_event as x
where not x.is_part_unknown
union all
select
    x.event_id,
    x.patient_key,
    s.series_key,
    x.place_id,
    x.at_s,
    x.until_s,
    x.has_time
from prepared.exam_event as x
inner join side as s
    on
        x.patient_key = s.patient_key
        and x.family = s.family
        and x.body_part is not distinct from s.body_part
where x.laterality = 'B' and not x.is_part_unknown
