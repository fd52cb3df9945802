-- which examinations repeat one elsewhere whose result had to be recognised?
with examined as (
    select
        x.institution_id,
        x.month,
        x.recognition_days is not null and not x.is_part_unknown and r.item_code is not null
        and (p.institution_id is not null or $institution_list = 'not_required') as is_judged
    from prepared.exam_event as x
    left join main.institution as i on x.institution_id = i.institution_id
    left join prepared.recognised_item as r
        on
            x.item_code = r.item_code and coalesce(i.region_code, '') = r.region_code
            and x.on_day >= r.from_day and x.on_day < r.to_day
    left join prepared.recognised_institution as p
        on
            x.institution_id = p.institution_id and coalesce(lower(x.modality), '') = p.modality
            and x.on_day >= p.from_day and x.on_day < p.to_day
    where x.on_day between $from_day and $to_day
),

-- the gap is the longest that the record allows: a bare date may mean any second of its day
compared as (
    select
        f.*,
        i.event_id as index_event_id,
        i.place_id as index_institution_id,
        i.occurred_at as index_occurred_at,
        i.at_s as index_at_s,
        i.has_time and f.has_time as is_hour_known,
        i.has_report as index_has_report,
        coalesce(i.is_abnormal, false) or coalesce(i.is_positive, false) as index_is_abnormal,
        p.valid_days,
        p.list_region_code,
        p.is_institution_listed,
        f.until_s - i.at_s as gap_seconds,
        case
            when i.result_value <> 0 and i.result_measure = f.result_measure
                then abs(f.result_value - i.result_value) / abs(i.result_value) * 100
        end as change_pct
    from prepared.recognised_pair as p
    inner join prepared.exam_event as f on p.event_id = f.event_id
    inner join prepared.exam_event as i on p.index_event_id = i.event_id
    where
        f.on_day between $from_day and $to_day
        and (p.is_institution_listed or $institution_list = 'not_required')
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
    c.valid_days * 24 as interval_hours,
    c.setting,
    c.item_code,
    c.item_name,
    c.family,
    c.modality,
    c.body_part,
    c.laterality,
    c.index_institution_id,
    c.index_occurred_at,
    c.list_region_code,
    c.is_institution_listed,
    c.is_hour_known,
    c.reexam_reason as claimed_reason,
    c.index_has_report,
    c.index_is_abnormal,
    round(c.change_pct, 1) as change_pct,
    c.reference_change_pct,
    c.is_fund_estimated
from compared as c
