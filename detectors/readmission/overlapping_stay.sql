-- which stays, and which visits, lie inside another in-patient stay of the same patient?
with examined as (
    select
        s.institution_id,
        s.month,
        s.end_day is not null as is_judged
    from prepared.stay as s
    where s.start_day between $from_day and $to_day
),

-- a visit that tells no total of its own costs what its charged lines come to
charged as (
    select
        c.encounter_id, cast(sum(c.net_amount) as decimal(18, 2)) as amount,
        cast(sum(c.net_fund_amount) as decimal(18, 2)) as fund_amount
    from prepared.overlap as o
    inner join prepared.charge as c on o.event_id = c.encounter_id
    where not o.is_stay
    group by c.encounter_id
),

-- a visit is told by the stay it lies in: whoever was elsewhere may not have lain in that bed
beside as (
    select
        o.*,
        e.encounter_type,
        e.institution_id as event_institution_id,
        e.started_at as occurred_at,
        coalesce(f.institution_id, s.institution_id) as institution_id,
        coalesce(f.department_code, s.department_code) as department_code,
        coalesce(f.attending_id, s.attending_id) as practitioner_id,
        case when o.is_stay then f.net_amount else coalesce(e.total_amount, c.amount) end as amount,
        case when o.is_stay then f.net_fund_amount else coalesce(e.fund_amount, c.fund_amount) end as fund_amount,
        case
            when o.is_stay and e.institution_id = s.institution_id then 'stay_same_institution'
            when o.is_stay then 'stay_elsewhere'
            when e.institution_id = s.institution_id then 'visit_same_institution'
            else 'visit_elsewhere'
        end as variant
    from prepared.overlap as o
    inner join prepared.stay as s on o.stay_id = s.stay_id
    inner join main.encounter as e on o.event_id = e.encounter_id
    left join prepared.stay as f on o.event_id = f.stay_id
    left join charged as c on o.event_id = c.encounter_id
)

select
    concat_ws('|', s.patient_id, b.institution_id, cast(year(b.occurred_at) as varchar)) as subject_id,
    b.institution_id,
    b.department_code,
    s.patient_id,
    b.practitioner_id,
    b.event_id as encounter_id,
    b.stay_id as index_event_id,
    b.event_id as flagged_event_id,
    b.occurred_at,
    b.amount as amount_at_issue,
    b.fund_amount as fund_amount_at_issue,
    case when b.is_stay then 'suspected' else 'clue' end as grade,
    case
        when b.variant = 'stay_elsewhere' then 'high'
        when b.is_stay or (b.variant = 'visit_elsewhere' and b.encounter_type <> 'chronic_outpatient') then 'medium'
        else 'low'
    end as confidence,
    s.patient_key,
    s.start_s as index_at_s,
    b.event_at_s as flagged_at_s,
    b.variant,
    case b.variant
        when 'stay_elsewhere' then 'card_misuse' when 'stay_same_institution' then 'conflicting_records'
        else 'bed_hanging'
    end as sign,
    b.encounter_type,
    b.days_inside,
    b.event_institution_id,
    s.institution_id as index_institution_id,
    s.started_at as index_started_at,
    s.ended_at as index_ended_at,
    s.net_amount as index_amount,
    s.main_diagnosis_code as index_diagnosis_code,
    s.discharge_disposition
from beside as b
inner join prepared.stay as s on b.stay_id = s.stay_id
where
    b.on_day between $from_day and $to_day
    and (b.is_stay or $visits = 'all' or ($visits = 'elsewhere' and b.variant = 'visit_elsewhere'))
