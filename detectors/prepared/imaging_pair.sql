-- each image beside every earlier one of the same body part at the same institution within thirty days, any modality
with imaging as (
    select
        x.event_id,
        x.patient_key,
        x.place_id,
        x.body_part,
        x.laterality,
        lower(x.modality) as modality,
        x.at_s,
        x.until_s,
        x.at_s * 2 + case when x.has_time then 1 else 0 end as turn,
        coalesce(x.is_abnormal, false) or coalesce(x.is_positive, false) as is_found
    from prepared.exam_event as x
    where x.body_part is not null and lower(x.modality) in (select m.modality from pack.part_modality as m)
),

-- only parts that an institution imaged by two modalities at all
mixed as (
    select
        i.patient_key,
        i.place_id,
        i.body_part
    from imaging as i
    group by i.patient_key, i.place_id, i.body_part
    having min(i.modality) <> max(i.modality)
),

kept as (
    select i.*
    from imaging as i
    inner join mixed as m
        on i.patient_key = m.patient_key and i.place_id = m.place_id and i.body_part = m.body_part
)

select
    f.event_id,
    f.patient_key,
    i.event_id as index_event_id,
    f.modality,
    i.modality as index_modality,
    i.is_found as index_is_found,
    i.at_s as index_at_s,
    f.until_s - i.at_s as gap_seconds
from kept as f
inner join kept as i
    on
        f.patient_key = i.patient_key and f.place_id = i.place_id and f.body_part = i.body_part
        and f.until_s - i.at_s < 30 * 86400
        and (i.turn < f.turn or (i.turn = f.turn and i.event_id < f.event_id))
-- the other side is another part; both sides hold each, and a side that nobody wrote may be either
where f.laterality = i.laterality or coalesce(f.laterality, 'B') = 'B' or coalesce(i.laterality, 'B') = 'B'
