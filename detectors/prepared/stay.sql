-- in-patient stays: interim claims merged, amounts in yuan, ends unknown to the as-of date left open
with part as (
    select
        sp.stay_id,
        sp.patient_key,
        e.*,
        case
            when cast(e.ended_at as date) between cast(e.started_at as date) and $as_of then e.ended_at
        end as known_ended_at,
        row_number() over (partition by sp.stay_id order by e.started_at, e.encounter_id) as ordinal,
        row_number() over (
            partition by sp.stay_id
            order by
                e.started_at desc,
                case when cast(e.ended_at as date) <= $as_of then e.ended_at end desc nulls last,
                e.encounter_id desc
        ) as from_end
    from prepared.stay_part as sp
    inner join main.encounter as e on sp.encounter_id = e.encounter_id
),

-- stays without a main diagnosis of their own have the first of their list of diagnoses
listed as (
    select
        p.stay_id, d.diagnosis_code, d.diagnosis_name,
        row_number() over (partition by p.stay_id order by p.from_end, d.sequence, d.diagnosis_code) as place
    from part as p
    inner join main.diagnosis as d on p.encounter_id = d.encounter_id
    where p.main_diagnosis_code is null and cast(coalesce(d.diagnosed_at, p.started_at) as date) <= $as_of
),

charged as (
    select
        sp.stay_id,
        sum(c.net_amount) as net_amount,
        sum(c.net_fund_amount) as net_fund_amount
    from prepared.stay_part as sp
    inner join prepared.charge as c on sp.encounter_id = c.encounter_id
    group by sp.stay_id
),

settled as (
    select
        p.stay_id,
        sum(p.total_amount) as total_amount,
        sum(p.fund_amount) as fund_amount,
        count(*) as parts,
        case
            when count(distinct concat_ws('|', p.started_at, p.ended_at)) > count(distinct p.started_at)
                then 'two_ends_of_one_start'
            when count(case when cast(p.ended_at as date) < cast(p.started_at as date) then 1 end) > 0
                then 'ends_before_start'
        end as record_conflict
    from part as p
    group by p.stay_id
)

select
    f.stay_id, f.patient_id, f.patient_key, f.institution_id, f.department_code, f.started_at,
    l.known_ended_at as ended_at,
    date_diff('second', timestamp '1970-01-01', f.started_at) as start_s,
    date_diff('day', date '1970-01-01', cast(f.started_at as date)) as start_day,
    date_diff('day', date '1970-01-01', cast(l.known_ended_at as date)) as end_day,
    strftime(f.started_at, '%Y-%m') as month,
    l.discharge_disposition, f.transfer_from_encounter_id,
    coalesce(l.main_diagnosis_code, f.main_diagnosis_code, d.diagnosis_code, f.admission_diagnosis_code)
        as main_diagnosis_code,
    coalesce(l.main_diagnosis_name, f.main_diagnosis_name, d.diagnosis_name) as main_diagnosis_name,
    coalesce(l.drg_code, l.dip_code) as group_code,
    coalesce(l.readmission_plan_31d, false) as is_readmission_planned,
    l.readmission_plan_purpose,
    f.attending_id,
    s.parts,
    -- records of one stay that contradict each other are kept together, with the reason
    s.record_conflict,
    coalesce(s.total_amount, c.net_amount) as net_amount,
    coalesce(s.fund_amount, c.net_fund_amount) as net_fund_amount
from part as f
inner join part as l on f.stay_id = l.stay_id
inner join settled as s on f.stay_id = s.stay_id
left join charged as c on f.stay_id = c.stay_id
left join listed as d on f.stay_id = d.stay_id and d.place = 1
where f.ordinal = 1 and l.from_end = 1
