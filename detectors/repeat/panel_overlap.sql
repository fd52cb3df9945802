-- which single tests stand beside a panel of the same day and specimen that contains them?
with examined as (
    select
        x.institution_id,
        x.month,
        true as is_judged
    from prepared.exam_event as x
    where x.on_day between $from_day and $to_day and x.item_code in (select p.item_code from pack.panel_items as p)
),

-- a patient's single tests and panels of one day and institution, by the pack's word for what contains what
paired as (
    select
        f.event_id as flagged_event_id,
        i.event_id as index_event_id,
        f.has_time and i.has_time as is_hour_known,
        abs(f.at_s - i.at_s) as gap_seconds
    from prepared.exam_event as f
    inner join pack.panel_items as p
        on
            f.item_code = p.item_code
            and cast(f.occurred_at as date) >= coalesce(p.valid_from, date '0001-01-01')
            and cast(f.occurred_at as date) < coalesce(p.valid_to, date '9999-12-31')
    inner join prepared.exam_event as i
        on
            f.patient_key = i.patient_key and f.on_day = i.on_day
            and p.panel_item_code = i.item_code and f.institution_id = i.institution_id
    where f.on_day between $from_day and $to_day
),

-- one specimen: by its id; where an id is lacking, not of two types and taken within so many minutes
of_one_specimen as (
    select
        p.*,
        coalesce(a.specimen_id = b.specimen_id, false) as is_same_specimen_id,
        row_number() over (
            partition by p.flagged_event_id
            order by
                case when a.specimen_id = b.specimen_id then 0 else 1 end, p.gap_seconds, p.index_event_id
        ) as nearness
    from paired as p
    left join main.exam_order as a on p.flagged_event_id = a.order_id
    left join main.exam_order as b on p.index_event_id = b.order_id
    where
        case
            when a.specimen_id is not null and b.specimen_id is not null then a.specimen_id = b.specimen_id
            when lower(a.specimen_type) <> lower(b.specimen_type) then false
            when not p.is_hour_known then $specimen_minutes >= 1440
            else p.gap_seconds <= $specimen_minutes * 60
        end
)

select
    concat_ws('|', f.patient_id, f.institution_id, cast(year(f.occurred_at) as varchar)) as subject_id,
    f.institution_id,
    f.department_code,
    f.patient_id,
    f.practitioner_id,
    f.encounter_id,
    o.index_event_id,
    f.event_id as flagged_event_id,
    f.occurred_at,
    coalesce(f.net_amount, f.ceiling_amount) as amount_at_issue,
    f.net_fund_amount as fund_amount_at_issue,
    f.patient_key,
    least(f.at_s, i.at_s) as index_at_s,
    greatest(f.until_s, i.until_s) as flagged_at_s,
    case when o.is_hour_known then cast(round(o.gap_seconds / 60.0) as bigint) end as gap_minutes,
    o.is_same_specimen_id,
    o.is_hour_known,
    f.setting,
    f.item_code,
    f.item_name,
    f.family,
    i.item_code as panel_item_code,
    i.item_name as panel_item_name,
    f.reexam_reason as claimed_reason,
    f.is_fund_estimated
from of_one_specimen as o
inner join prepared.exam_event as f on o.flagged_event_id = f.event_id
inner join prepared.exam_event as i on o.index_event_id = i.event_id
where o.nearness = 1
