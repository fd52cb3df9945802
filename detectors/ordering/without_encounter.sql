-- the first day of which visits are on record, by institution: nobody can look further back
with recorded as (
    select v.institution_id, min(v.on_day) as first_day
    from prepared.visit as v
    group by v.institution_id
),

-- examinations outside hospital stays that name who ordered them; judged where the record reaches back far enough
examined as (
    select
        e.event_id, e.institution_id, e.month, e.quarter, e.patient_id, e.patient_key, e.on_day, e.encounter_id,
        e.department_code, e.ordering_practitioner_id as practitioner_id,
        concat(coalesce(e.setting, ''), ' × ', coalesce(e.modality, '')) as stratum,
        e.net_amount, e.net_fund_amount, $to_day as last_day, $last_quarter as last_quarter,
        e.on_day - $lookback_days >= r.first_day as is_judged
    from prepared.exam_event as e
    inner join recorded as r on e.institution_id = r.institution_id
    where
        e.ordering_practitioner_id is not null and coalesce(e.setting, '') <> 'inpatient'
        and e.on_day between $from_day and $to_day
        and cast(substr(e.quarter, 1, 4) as integer) * 4 + cast(substr(e.quarter, 6, 1) as integer)
        between $last_quarter - $quarters + 1 and $last_quarter
),

-- those whose patient saw the doctor: a visit or stay of his, or one that no other doctor answers for
seen as (
    select x.event_id from examined as x
    inner join prepared.visit as v on x.patient_key = v.patient_key and x.practitioner_id = v.practitioner_id
    where x.is_judged and v.on_day between x.on_day - $lookback_days and x.on_day
    union
    select x.event_id from examined as x
    inner join main.encounter as n on x.encounter_id = n.encounter_id
    where x.is_judged and n.attending_id is null
),

-- departments under their national code, so that those of different hospitals are peers
told as (
    select
        x.*, i.level, coalesce(d.national_department_code, x.department_code) as department_key,
        case when s.event_id is null then 1 else 0 end as observed
    from examined as x
    left join seen as s on x.event_id = s.event_id
    left join main.institution as i on x.institution_id = i.institution_id
    left join main.department as d on x.institution_id = d.institution_id and x.department_code = d.department_code
    where x.is_judged
),

by_patient as (
    select t.institution_id, t.department_code, t.practitioner_id, t.patient_id, count(*) as times
    from told as t
    where t.observed = 1
    group by t.institution_id, t.department_code, t.practitioner_id, t.patient_id
)

select
    'share' as grain, t.institution_id, t.department_code, t.department_key, t.practitioner_id, t.level, t.stratum,
    t.quarter, t.last_day, t.last_quarter, count(*) as trials, cast(sum(t.observed) as bigint) as observed,
    count(case when t.observed = 1 then t.net_amount end) as priced,
    cast(sum(case when t.observed = 1 then t.net_amount end) as decimal(18, 2)) as amount,
    cast(sum(case when t.observed = 1 then t.net_fund_amount end) as decimal(18, 2)) as fund_amount,
    cast(0 as bigint) as patients, cast(0 as bigint) as top_observed
from told as t
group by
    t.institution_id, t.department_code, t.department_key, t.practitioner_id, t.level, t.stratum, t.quarter, t.last_day,
    t.last_quarter
union all
select
    'patients', b.institution_id, b.department_code, null, b.practitioner_id, null, null, null, null, null, 0, 0, 0,
    null, null, count(*), max(b.times)
from by_patient as b
group by b.institution_id, b.department_code, b.practitioner_id
