-- which readmissions examined again, within their intervals, several things that the stay before had just examined?
with link as (
    select
        n.*,
        f.patient_key,
        f.start_day
    from prepared.next_stay as n
    inner join prepared.stay as f on n.next_stay_id = f.stay_id
    where n.gap_days <= $window_days
),

examined as (
    select
        s.institution_id,
        s.month,
        true as is_judged
    from link as l
    inner join prepared.stay as s on l.next_stay_id = s.stay_id
    where l.start_day between $from_day and $to_day
),

-- examinations of both stays, counted from the gap outwards; each event carries the stay in which it was made
beside_gap as (
    select
        l.stay_id,
        x.visit_id = l.next_stay_id as is_after,
        x.series_key,
        x.at_s,
        x.until_s,
        x.retest_hours,
        x.net_amount,
        x.net_fund_amount,
        row_number() over (
            partition by l.stay_id, x.visit_id, x.series_key
            order by case when x.visit_id = l.next_stay_id then x.at_s else -x.at_s end, x.event_id
        ) as place
    from link as l
    inner join prepared.exam_event as x on l.patient_key = x.patient_key and x.visit_id in (l.stay_id, l.next_stay_id)
    where not x.is_part_unknown
),

-- a series is re-tested where its first examination after the gap comes within the interval of the last one before it
retested as (
    select
        a.stay_id,
        count(*) as retested_series,
        sum(a.net_amount) as amount,
        sum(a.net_fund_amount) as fund_amount
    from beside_gap as a
    inner join beside_gap as b on a.stay_id = b.stay_id and a.series_key = b.series_key
    where
        a.is_after and not b.is_after and a.place = 1 and b.place = 1
        and a.until_s - b.at_s between 1 and cast(a.retest_hours * 3600 as bigint) - 1
    group by a.stay_id
)

select
    concat_ws('|', f.patient_id, f.institution_id, cast(year(f.started_at) as varchar)) as subject_id,
    f.institution_id,
    f.department_code,
    f.patient_id,
    f.attending_id as practitioner_id,
    f.stay_id as encounter_id,
    r.stay_id as index_event_id,
    f.stay_id as flagged_event_id,
    f.started_at as occurred_at,
    r.amount as amount_at_issue,
    r.fund_amount as fund_amount_at_issue,
    case when l.is_same_institution then 'suspected' else 'clue' end as grade,
    f.patient_key,
    i.start_s as index_at_s,
    f.start_s as flagged_at_s,
    l.gap_days,
    r.retested_series,
    l.is_same_institution as same_institution,
    l.is_same_diagnosis as same_diagnosis,
    i.started_at as index_started_at,
    i.ended_at as index_ended_at,
    i.institution_id as index_institution_id,
    i.main_diagnosis_code as index_diagnosis_code,
    f.main_diagnosis_code as flagged_diagnosis_code,
    i.discharge_disposition
from retested as r
inner join link as l on r.stay_id = l.stay_id
inner join prepared.stay as i on r.stay_id = i.stay_id
inner join prepared.stay as f on l.next_stay_id = f.stay_id
where r.retested_series >= $minimum_series and f.start_day between $from_day and $to_day
