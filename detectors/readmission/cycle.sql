-- which stays begin so soon after a discharge of the same patient that one stay may have been cut into two?
with examined as (
    select
        s.institution_id,
        s.month,
        true as is_judged
    from prepared.stay as s
    where s.start_day between $from_day and $to_day
),

-- a discharge and the next admission, overlapping stays left to another question
link as (
    select n.*
    from prepared.next_stay as n
    where n.gap_days <= $window_days
),

readmitted as (
    select distinct l.next_stay_id as stay_id
    from link as l
),

-- links that follow one another are one chain; its first readmission names the episode
numbered as (
    select
        s.stay_id, s.patient_key, s.institution_id, s.start_s, s.net_amount, s.end_day - s.start_day as length_days,
        concat_ws('|', s.institution_id, cast(year(s.started_at) as varchar)) as own_episode,
        case when l.stay_id is null then 0 else 1 end as is_readmission,
        sum(case when l.stay_id is null then 1 else 0 end) over (
            partition by s.patient_key order by s.start_s, s.stay_id
        ) as chain_no
    from prepared.stay as s
    left join readmitted as l on s.stay_id = l.stay_id
),

chain as (
    select
        n.stay_id,
        count(*) over (partition by n.patient_key, n.chain_no) as chain_length,
        cast(sum(n.length_days) over (partition by n.patient_key, n.chain_no) as bigint) as chain_days,
        sum(n.net_amount) over (partition by n.patient_key, n.chain_no) as chain_amount,
        first_value(n.own_episode) over (
            partition by n.patient_key, n.chain_no, n.institution_id
            order by n.is_readmission desc, n.start_s asc, n.stay_id asc
        ) as episode
    from numbered as n
)

select
    concat_ws('|', f.patient_id, c.episode) as subject_id,
    f.institution_id, f.department_code, f.patient_id, f.attending_id as practitioner_id, f.stay_id as encounter_id,
    i.stay_id as index_event_id, f.stay_id as flagged_event_id, f.started_at as occurred_at,
    f.net_amount as amount_at_issue, f.net_fund_amount as fund_amount_at_issue,
    case when l.is_same_institution then 'suspected' else 'clue' end as grade,
    case when not l.is_same_institution then 'low' when l.is_same_diagnosis then 'high' else 'medium' end as confidence,
    f.patient_key,
    i.start_s as index_at_s, f.start_s as flagged_at_s,
    l.gap_days,
    case
        when l.gap_days <= 1 then '0-1' when l.gap_days <= 7 then '2-7' when l.gap_days <= 15 then '8-15' else '16-31'
    end as tier,
    l.is_same_institution as same_institution, l.is_same_diagnosis as same_diagnosis,
    c.chain_length,
    coalesce(i.record_conflict, f.record_conflict) as record_conflict,
    c.chain_days, cast(c.chain_amount as decimal(18, 2)) as chain_amount,
    i.is_readmission_planned as planned, i.readmission_plan_purpose as plan_purpose,
    -- a plan whose purpose the pack does not know says nothing and exempts nobody
    case when i.is_readmission_planned then d.has_backed_plan end as is_plan_backed,
    i.started_at as index_started_at, i.ended_at as index_ended_at, i.end_day - i.start_day as index_days,
    i.institution_id as index_institution_id,
    i.main_diagnosis_code as index_diagnosis_code, i.main_diagnosis_name as index_diagnosis_name,
    cast(i.net_amount as decimal(18, 2)) as index_amount, i.discharge_disposition,
    f.ended_at as flagged_ended_at, f.end_day - f.start_day as flagged_days,
    f.main_diagnosis_code as flagged_diagnosis_code, f.main_diagnosis_name as flagged_diagnosis_name
from link as l
inner join prepared.stay as i on l.stay_id = i.stay_id
inner join prepared.stay as f on l.next_stay_id = f.stay_id
inner join chain as c on f.stay_id = c.stay_id
inner join prepared.discharge as d on l.stay_id = d.stay_id
where f.start_day between $from_day and $to_day
