-- which images add a modality to a body part that the same institution imaged by several others shortly before?
with examined as (
    select
        x.institution_id,
        x.month,
        not x.is_part_unknown and x.body_part is not null as is_judged
    from prepared.exam_event as x
    where
        x.on_day between $from_day and $to_day
        and lower(x.modality) in (select m.modality from pack.part_modality as m)
),

near as (
    select p.*
    from prepared.imaging_pair as p
    where p.gap_seconds < $window_hours * 3600
),

-- a chain that this image completes or lengthens by a modality of its own; a second image of one modality is a repeat
chain as (
    select
        n.event_id,
        count(distinct n.index_modality) + 1 as modalities,
        min(n.index_at_s) as first_at_s,
        max(n.gap_seconds) as gap_seconds
    from near as n
    group by n.event_id
    having
        count(distinct n.index_modality) + 1 >= $least_modalities
        and max(case when n.index_modality = n.modality then 1 else 0 end) = 0
),

-- the earlier image that speaks for this one: the newest with a finding, else the first of the chain
spoken_for as (
    select
        n.event_id,
        n.index_event_id,
        row_number() over (
            partition by n.event_id
            order by
                case when n.index_is_found then 0 else 1 end,
                case when n.index_is_found then -n.index_at_s else n.index_at_s end,
                n.index_event_id
        ) as turn
    from near as n
)

select
    concat_ws('|', f.patient_id, f.institution_id, cast(year(f.occurred_at) as varchar)) as subject_id,
    f.institution_id,
    f.department_code,
    f.patient_id,
    f.practitioner_id,
    f.encounter_id,
    s.index_event_id,
    f.event_id as flagged_event_id,
    f.occurred_at,
    coalesce(f.net_amount, f.ceiling_amount) as amount_at_issue,
    f.net_fund_amount as fund_amount_at_issue,
    f.patient_key,
    c.first_at_s as index_at_s,
    f.until_s as flagged_at_s,
    c.gap_seconds,
    floor(c.gap_seconds / 36.0) / 100.0 as gap_hours,
    c.modalities,
    f.setting,
    f.item_code,
    f.item_name,
    f.family,
    f.modality,
    f.body_part,
    f.laterality,
    i.item_name as index_item_name,
    i.modality as index_modality,
    i.occurred_at as index_occurred_at,
    i.has_time and f.has_time as is_hour_known,
    f.reexam_reason as claimed_reason,
    i.has_report as index_has_report,
    coalesce(i.is_abnormal, false) or coalesce(i.is_positive, false) as index_is_abnormal,
    f.is_fund_estimated
from chain as c
inner join spoken_for as s on c.event_id = s.event_id and s.turn = 1
inner join prepared.exam_event as f on c.event_id = f.event_id
inner join prepared.exam_event as i on s.index_event_id = i.event_id
where f.on_day between $from_day and $to_day
