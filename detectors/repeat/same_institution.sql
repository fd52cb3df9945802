-- which examinations repeat one of the same series at the same institution inside the item's interval?
with examined as (
    select
        x.institution_id,
        x.month,
        x.retest_hours is not null and not x.is_part_unknown as is_judged
    from prepared.exam_event as x
    where x.on_day between $from_day and $to_day
),

-- each examination beside the one immediately before it; two sides at one moment (a bilateral one) are not in turn
adjacent as (
    select
        i.event_id as flagged_event_id,
        case
            when i.has_time and lag(i.has_time) over in_turn and lag(i.at_s) over in_turn = i.at_s
                then lag(i.event_id, 2) over in_turn
            else lag(i.event_id) over in_turn
        end as index_event_id
    from prepared.exam_series as i
    window in_turn as (partition by i.series_key, i.place_id order by i.at_s, i.has_time, i.event_id)
),

-- the gap is the longest that the record allows: a bare date may mean any second of its day
compared as (
    select
        f.*,
        i.event_id as index_event_id,
        i.item_code as index_item_code,
        i.occurred_at as index_occurred_at,
        i.at_s as index_at_s,
        i.has_time and f.has_time as is_hour_known,
        i.has_report as index_has_report,
        coalesce(i.is_abnormal, false) or coalesce(i.is_positive, false) as index_is_abnormal,
        f.until_s - i.at_s as gap_seconds,
        case
            when i.result_value <> 0 and i.result_measure = f.result_measure
                then abs(f.result_value - i.result_value) / abs(i.result_value) * 100
        end as change_pct,
        row_number() over (partition by f.event_id order by i.at_s desc, i.has_time desc, i.event_id desc) as nearness
    from adjacent as a
    inner join prepared.exam_event as f on a.flagged_event_id = f.event_id
    inner join prepared.exam_event as i on a.index_event_id = i.event_id
    where f.on_day between $from_day and $to_day
)

select
    concat_ws('|', c.patient_id, c.institution_id, cast(year(c.occurred_at) as varchar)) as subject_id,
    c.institution_id,
    c.department_code,
    c.patient_id,
    c.practitioner_id,
    c.encounter_id,
    c.index_event_id,
    c.event_id as flagged_event_id,
    c.occurred_at,
    coalesce(c.net_amount, c.ceiling_amount) as amount_at_issue,
    c.net_fund_amount as fund_amount_at_issue,
    c.patient_key,
    c.index_at_s,
    c.until_s as flagged_at_s,
    c.gap_seconds,
    floor(c.gap_seconds / 36.0) / 100.0 as gap_hours,
    c.retest_hours as interval_hours,
    c.setting,
    c.item_code,
    c.item_name,
    c.family,
    c.modality,
    c.body_part,
    c.laterality,
    c.index_item_code,
    c.index_occurred_at,
    c.is_hour_known,
    c.reexam_reason as claimed_reason,
    c.index_has_report,
    c.index_is_abnormal,
    round(c.change_pct, 1) as change_pct,
    c.reference_change_pct,
    c.is_fund_estimated
from compared as c
where
    c.nearness = 1
    and c.gap_seconds > 0
    and c.gap_seconds * 100 < cast(c.retest_hours * 3600 as bigint) * $interval_scale_pct
