-- where the table of reports is declared whole, from the first to the last day declared
with scope as (
    select s.institution_id, min(s.period_from) as period_from, max(s.period_to) as period_to
    from main.extract_scope as s
    where s.table_name = 'exam_result' and s.is_complete
    group by s.institution_id
),

-- studies done in the house; judged where a report says positive or not
examined as (
    select
        s.event_id, s.patient_key, s.institution_id, s.level, s.department_code, s.department_key, s.practitioner_id,
        case when s.modality = 'DR' then 'radiography' else lower(s.modality) end as family,
        concat(coalesce(s.setting, ''), ' × ', coalesce(s.body_part, '')) as stratum, s.month, s.quarter,
        s.net_amount, s.net_fund_amount, s.has_report and s.is_positive is not null as is_judged,
        case when s.has_report and s.is_positive then 1 else 0 end as observed,
        case
            when date '1970-01-01' + cast(s.on_day as integer) between c.period_from and c.period_to then 1 else 0
        end as declared
    from prepared.imaging_study as s
    left join scope as c on s.institution_id = c.institution_id
    where
        s.place_id = s.institution_id and instr($modalities, s.modality) > 0
        and s.on_day between $from_day and $to_day
        and s.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
),

-- each study counts for its institution, the department that ordered it, and the doctor who answers for the order
subject as (
    select
        x.*, 'institution' as subject_type, cast(null as varchar) as unit_code, cast(null as varchar) as unit_key,
        cast(null as varchar) as doctor_id
    from examined as x
    union all
    select x.*, 'department', x.department_code, x.department_key, null from examined as x
    where x.department_code is not null
    union all
    select x.*, 'practitioner', x.department_code, x.department_key, x.practitioner_id from examined as x
    where x.department_code is not null and x.practitioner_id is not null
),

by_patient as (
    select
        s.subject_type, s.institution_id, s.unit_code, s.doctor_id, s.family, s.patient_key,
        sum(case when s.is_judged then s.observed else 0 end) as times
    from subject as s
    group by s.subject_type, s.institution_id, s.unit_code, s.doctor_id, s.family, s.patient_key
)

select
    'share' as grain, s.subject_type, s.institution_id, s.unit_code as department_code, s.unit_key as department_key,
    s.doctor_id as practitioner_id, s.level, s.family, s.stratum, s.quarter, $to_day as last_day,
    $last_quarter as last_quarter, count(*) as performed, cast(sum(s.declared) as bigint) as declared,
    count(case when s.is_judged then 1 end) as trials,
    cast(sum(case when s.is_judged then s.observed else 0 end) as bigint) as observed,
    count(s.net_amount) as priced, cast(sum(s.net_amount) as decimal(18, 2)) as amount,
    cast(sum(s.net_fund_amount) as decimal(18, 2)) as fund_amount,
    cast(0 as bigint) as patients, cast(0 as bigint) as top_observed
from subject as s
group by
    s.subject_type, s.institution_id, s.unit_code, s.unit_key, s.doctor_id, s.level, s.family, s.stratum, s.quarter
union all
select
    'patients', b.subject_type, b.institution_id, b.unit_code, null, b.doctor_id, null, b.family, null, null, null,
    null, 0, 0, 0, 0, 0, null, null, count(*), cast(max(b.times) as bigint)
from by_patient as b
group by b.subject_type, b.institution_id, b.unit_code, b.doctor_id, b.family
