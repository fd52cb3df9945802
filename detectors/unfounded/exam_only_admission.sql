-- which short in-patient stays were charged for hardly anything but examinations?
with examined as (
    select
        s.institution_id,
        s.month,
        s.end_day is not null and c.stay_id is not null as is_judged
    from prepared.stay as s
    left join prepared.stay_charge as c on s.stay_id = c.stay_id
    where s.start_day between $from_day and $to_day
),

-- the two variants of the rule differ in how much and how short
variant as (
    select
        case when $variant = 'sensitive' then $exam_share_pct_sensitive else $exam_share_pct_specific end as share_pct,
        case when $variant = 'sensitive' then $stay_days_sensitive else $stay_days_specific end as longest_days
),

-- a settlement that is larger than its charged lines tells that lines are missing, so the larger sum counts
weighed as (
    select
        s.*,
        s.end_day - s.start_day as stay_days,
        c.exam_amount,
        c.exam_lines,
        greatest(c.net_amount, coalesce(s.net_amount, c.net_amount)) as stay_amount
    from prepared.stay as s
    inner join prepared.stay_charge as c on s.stay_id = c.stay_id
    where s.start_day between $from_day and $to_day and s.end_day is not null
)

select
    concat_ws('|', w.patient_id, w.institution_id, cast(year(w.started_at) as varchar)) as subject_id,
    w.institution_id,
    w.department_code,
    w.patient_id,
    w.attending_id as practitioner_id,
    w.stay_id as encounter_id,
    cast(null as varchar) as index_event_id,
    w.stay_id as flagged_event_id,
    w.started_at as occurred_at,
    w.net_amount as amount_at_issue,
    w.net_fund_amount as fund_amount_at_issue,
    w.patient_key,
    w.start_s - 1 as index_at_s,
    w.end_day * 86400 + 86399 as flagged_at_s,
    w.stay_days,
    cast(w.exam_amount as decimal(18, 2)) as exam_amount,
    cast(w.stay_amount as decimal(18, 2)) as stay_amount,
    round(cast(w.exam_amount as double) * 100 / w.stay_amount, 1) as exam_share_pct,
    w.exam_lines,
    w.main_diagnosis_code,
    w.discharge_disposition,
    $variant as variant
from weighed as w
cross join variant as v
where
    w.exam_amount * 100 >= w.stay_amount * v.share_pct
    and w.stay_days <= v.longest_days
    and w.exam_amount > 0
