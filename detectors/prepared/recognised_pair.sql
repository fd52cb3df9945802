-- examinations whose newest earlier one elsewhere stood on a recognition list that covers both, and was still valid
-- the lists are those of the day of the later examination; the gap is the longest that the record allows
with paired as (
    select
        f.event_id,
        f.patient_key,
        e.index_event_id,
        f.institution_id,
        f.item_code,
        lower(coalesce(f.modality, '')) as modality,
        f.on_day,
        i.place_id as index_place_id,
        i.item_code as index_item_code,
        lower(coalesce(i.modality, '')) as index_modality,
        i.on_day as index_on_day,
        least(f.recognition_days, i.recognition_days) as valid_days
    from prepared.exam_elsewhere as e
    inner join prepared.exam_event as f on e.event_id = f.event_id
    inner join prepared.exam_event as i on e.index_event_id = i.event_id
    where
        e.gap_seconds > 0
        and e.gap_seconds < cast(f.recognition_days as bigint) * 86400
        and e.gap_seconds < cast(i.recognition_days as bigint) * 86400
)

select
    p.event_id,
    p.patient_key,
    p.index_event_id,
    p.valid_days,
    nullif(r.list_region_code, '') as list_region_code,
    own.institution_id is not null
    and earlier.institution_id is not null
    and made.institution_id is not null as is_institution_listed
from paired as p
left join main.institution as fi on p.institution_id = fi.institution_id
left join main.institution as ii on p.index_place_id = ii.institution_id
inner join prepared.recognised_item as r
    on
        p.item_code = r.item_code and coalesce(fi.region_code, '') = r.region_code
        and p.on_day >= r.from_day and p.on_day < r.to_day
inner join prepared.recognised_item as q
    on
        p.index_item_code = q.item_code and coalesce(ii.region_code, '') = q.region_code
        and r.list_region_code = q.list_region_code
        and p.on_day >= q.from_day and p.on_day < q.to_day
left join prepared.recognised_institution as own
    on
        p.institution_id = own.institution_id and p.modality = own.modality
        and p.on_day >= own.from_day and p.on_day < own.to_day
-- the earlier institution stood on the list when it examined, and still does
left join prepared.recognised_institution as earlier
    on
        p.index_place_id = earlier.institution_id and p.index_modality = earlier.modality
        and p.on_day >= earlier.from_day and p.on_day < earlier.to_day
left join prepared.recognised_institution as made
    on
        p.index_place_id = made.institution_id and p.index_modality = made.modality
        and p.index_on_day >= made.from_day and p.index_on_day < made.to_day
