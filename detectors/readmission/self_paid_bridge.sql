-- which insured stays follow another one over a self-paid stay in between, so that the insured days stand apart?
with paid as (
    select
        s.stay_id,
        s.institution_id,
        s.month,
        s.start_day,
        e.payer
    from prepared.stay as s
    inner join main.encounter as e on s.stay_id = e.encounter_id
),

examined as (
    select
        p.institution_id,
        p.month,
        p.payer is not null as is_judged
    from paid as p
    where p.start_day between $from_day and $to_day
),

-- out of an insured stay into a self-paid one and back into an insured one, at one institution, without a long pause
bridged as (
    select
        a.stay_id as index_stay_id,
        b.stay_id as bridge_stay_id,
        c.stay_id as flagged_stay_id,
        out_of.gap_days as gap_before_days,
        back_to.gap_days as gap_after_days
    from prepared.next_stay as out_of
    inner join prepared.next_stay as back_to on out_of.next_stay_id = back_to.stay_id
    inner join paid as a on out_of.stay_id = a.stay_id
    inner join paid as b on out_of.next_stay_id = b.stay_id
    inner join paid as c on back_to.next_stay_id = c.stay_id
    where
        a.payer = 'insured' and b.payer = 'self_paid' and c.payer = 'insured'
        and out_of.is_same_institution and back_to.is_same_institution
        and out_of.gap_days <= $pause_days and back_to.gap_days <= $pause_days
)

select
    concat_ws('|', c.patient_id, c.institution_id, cast(year(c.started_at) as varchar)) as subject_id,
    c.institution_id,
    c.department_code,
    c.patient_id,
    c.attending_id as practitioner_id,
    c.stay_id as encounter_id,
    a.stay_id as index_event_id,
    c.stay_id as flagged_event_id,
    c.started_at as occurred_at,
    c.net_amount as amount_at_issue,
    c.net_fund_amount as fund_amount_at_issue,
    c.patient_key,
    a.start_s as index_at_s,
    c.start_s as flagged_at_s,
    b.stay_id as bridge_encounter_id,
    b.started_at as bridge_started_at,
    b.ended_at as bridge_ended_at,
    b.net_amount as bridge_amount,
    c.start_day - a.end_day as gap_days,
    x.gap_before_days,
    x.gap_after_days,
    a.started_at as index_started_at,
    a.ended_at as index_ended_at,
    upper(substr(a.main_diagnosis_code, 1, 3)) = upper(substr(c.main_diagnosis_code, 1, 3)) as same_diagnosis,
    a.main_diagnosis_code as index_diagnosis_code,
    c.main_diagnosis_code as flagged_diagnosis_code,
    a.discharge_disposition
from bridged as x
inner join prepared.stay as a on x.index_stay_id = a.stay_id
inner join prepared.stay as b on x.bridge_stay_id = b.stay_id
inner join prepared.stay as c on x.flagged_stay_id = c.stay_id
where c.start_day between $from_day and $to_day
