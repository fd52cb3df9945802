-- the last day that counts, and the number (year x 4 + quarter) of the last quarter that is thirty days old by then
with period as (
    select
        d.last_day,
        year(date '1970-01-01' + (d.last_day - 30)) * 4
        + quarter(date '1970-01-01' + (d.last_day - 30)) as last_quarter
    from (select cast(least(date_diff('day', date '1970-01-01', $as_of), $to_day) as integer) as last_day) as d
),

-- visits of the period that name a department, with their stratum
examined as (
    select
        v.visit_id, v.institution_id, v.month, v.patient_id,
        v.department_code, coalesce(v.national_department_code, v.department_code) as department_key,
        v.level, v.setting, v.quarter, v.diagnosis_group, v.sex, v.urgency, v.visit_kind,
        case
            when v.age_years < 6 then '00-05' when v.age_years < 15 then '06-14' when v.age_years < 45 then '15-44'
            when v.age_years < 65 then '45-64' when v.age_years < 80 then '65-79' when v.age_years >= 80 then '80+'
        end as age_band,
        p.last_day, p.last_quarter, v.setting is not null as is_judged
    from prepared.visit as v
    cross join period as p
    where
        v.department_code is not null
        and v.on_day between $from_day and p.last_day
        and cast(substr(v.quarter, 1, 4) as integer) * 4 + cast(substr(v.quarter, 6, 1) as integer)
        between p.last_quarter - $quarters + 1 and p.last_quarter
),

-- examinations of those visits that the same department ordered: another's orders are not held against it
answered_for as (
    select
        v.visit_id, v.institution_id, v.department_key, v.setting, e.family,
        e.net_amount, e.net_fund_amount,
        case when e.has_report and e.is_positive is not null then 1 else 0 end as reported,
        case when e.has_report and e.is_positive then 1 else 0 end as positive
    from examined as v
    inner join prepared.exam_event as e
        on v.visit_id = e.visit_id and v.department_code = coalesce(e.department_code, v.department_code)
    where v.is_judged
),

visit_count as (
    select
        a.visit_id, count(*) as events, count(a.net_amount) as priced, sum(a.net_amount) as amount,
        sum(a.net_fund_amount) as fund_amount, sum(a.reported) as reported, sum(a.positive) as positive
    from answered_for as a
    group by a.visit_id
),

-- one visit stands for each patient, so that patients can be counted by adding up
patient_count as (
    select
        v.institution_id, v.department_key, v.setting, v.patient_id,
        min(v.visit_id) as first_visit_id,
        row_number() over (
            partition by v.institution_id, v.department_key, v.setting
            order by sum(coalesce(c.events, 0)) desc, v.patient_id asc
        ) as place
    from examined as v
    left join visit_count as c on v.visit_id = c.visit_id
    where v.is_judged
    group by v.institution_id, v.department_key, v.setting, v.patient_id
)

select
    'stratum' as grain, cast(null as varchar) as practitioner_id, v.institution_id, v.department_key, v.setting,
    min(v.department_code) as department_code, v.level, v.last_day, v.last_quarter, v.quarter, v.diagnosis_group,
    v.age_band, v.sex, v.urgency, v.visit_kind, p.place = 1 as is_top_patient, cast(null as varchar) as family,
    count(*) as visits, count(case when v.visit_id = p.first_visit_id then 1 end) as patients,
    cast(coalesce(sum(c.events), 0) as bigint) as events, cast(coalesce(sum(c.priced), 0) as bigint) as priced,
    cast(sum(c.amount) as decimal(18, 2)) as amount, cast(sum(c.fund_amount) as decimal(18, 2)) as fund_amount,
    cast(coalesce(sum(c.reported), 0) as bigint) as reported, cast(coalesce(sum(c.positive), 0) as bigint) as positive
from examined as v
inner join patient_count as p
    on
        v.institution_id = p.institution_id and v.department_key = p.department_key
        and v.setting = p.setting and v.patient_id = p.patient_id
left join visit_count as c on v.visit_id = c.visit_id
group by
    v.institution_id, v.department_key, v.setting, v.level, v.last_day, v.last_quarter, v.quarter,
    v.diagnosis_group, v.age_band, v.sex, v.urgency, v.visit_kind, p.place = 1
union all
select
    'family', null, a.institution_id, a.department_key, a.setting,
    null, null, null, null, null, null, null, null, null, null, null, a.family,
    0, 0, count(*) as events, 0, null, null, 0, 0
from answered_for as a
group by a.institution_id, a.department_key, a.setting, a.family
