-- one row a visit or stay with the doctor who answers for it: the attending, else (never in hospital) who ordered
with unattended as (
    select e.encounter_id
    from main.encounter as e
    where e.encounter_type <> 'inpatient' and e.attending_id is null and cast(e.started_at as date) <= $as_of
),

ordering as (
    select
        o.encounter_id,
        min(o.ordering_practitioner_id) as practitioner_id
    from prepared.known_order as o
    inner join unattended as u on o.encounter_id = u.encounter_id
    where o.ordering_practitioner_id is not null
    group by o.encounter_id
),

contact as (
    select
        e.encounter_id as visit_id,
        e.patient_id,
        e.institution_id,
        e.department_code,
        coalesce(e.attending_id, o.practitioner_id) as practitioner_id,
        case e.encounter_type
            when 'chronic_outpatient' then 'outpatient'
            when 'observation' then 'emergency'
            else e.encounter_type
        end as setting,
        e.main_diagnosis_code,
        e.visit_kind,
        e.started_at
    from main.encounter as e
    left join ordering as o on e.encounter_id = o.encounter_id
    where e.encounter_type <> 'inpatient' and cast(e.started_at as date) <= $as_of
    union all
    select
        s.stay_id,
        s.patient_id,
        s.institution_id,
        s.department_code,
        s.attending_id,
        'inpatient',
        s.main_diagnosis_code,
        cast(null as varchar),
        s.started_at
    from prepared.stay as s
)

select
    c.visit_id,
    c.patient_id,
    k.patient_key,
    c.institution_id,
    c.department_code,
    d.national_department_code,
    c.practitioner_id,
    c.setting,
    upper(substr(c.main_diagnosis_code, 1, 3)) as diagnosis_group,
    year(c.started_at) - year(p.birth_date) as age_years,
    p.sex,
    c.visit_kind,
    cast(null as varchar) as urgency,
    c.started_at,
    date_diff('day', date '1970-01-01', cast(c.started_at as date)) as on_day,
    strftime(c.started_at, '%Y-%m') as month,
    concat(cast(year(c.started_at) as varchar), 'Q', cast(quarter(c.started_at) as varchar)) as quarter,
    i.level
from contact as c
inner join prepared.patient_key as k on c.patient_id = k.patient_id
left join main.patient as p on c.patient_id = p.patient_id
left join main.institution as i on c.institution_id = i.institution_id
left join main.department as d
    on c.institution_id = d.institution_id and c.department_code = d.department_code
