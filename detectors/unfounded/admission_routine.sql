-- stays of the period; without a department, under a diagnosis still being sought, or operated on they are not judged
with examined as (
    select
        a.visit_id, a.institution_id, a.month, a.patient_id, a.patient_key, a.department_code, a.department_key,
        a.level, a.quarter, a.on_day, a.started_on, $to_day as last_day, $last_quarter as last_quarter,
        a.department_code is not null and not a.is_diagnosis_sought
        and not (a.has_operation and $operated_stays = 'leave_out') as is_judged
    from prepared.admission as a
    where
        a.on_day between $from_day and $to_day
        and a.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
),

-- stays whose patient had a diagnosis that calls for a family, by the first days or in the stay itself
called_for as (
    select distinct x.visit_id, c.family
    from examined as x
    inner join prepared.mention as m on x.patient_key = m.patient_key
    inner join prepared.indicating_diagnosis as c on m.diagnosis_code = c.diagnosis_code
    where
        (m.visit_id = x.visit_id or m.at_s < (x.on_day + $first_days) * 86400)
        and x.started_on >= coalesce(c.valid_from, date '0001-01-01')
        and x.started_on < coalesce(c.valid_to, date '9999-12-31')
),

-- tests of the first days that nothing on record calls for, one row a stay and family
tested as (
    select
        x.visit_id, e.family, sum(e.net_amount) as amount, sum(e.net_fund_amount) as fund_amount,
        max(case when e.is_abnormal or e.is_positive then 2 when e.has_report then 1 else 0 end) as told
    from examined as x
    inner join prepared.exam_event as e on x.visit_id = e.visit_id
    left join called_for as c on x.visit_id = c.visit_id and e.family = c.family
    where
        x.is_judged and c.visit_id is null and e.on_day between x.on_day and x.on_day + $first_days - 1
        and e.family in (
            select n.family
            from pack.indications as n
            where n.relation = 'include'
        )
    group by x.visit_id, e.family
),

-- every department's stays of a quarter, what to take off for families that some of them call for, and what was done
counted as (
    select
        x.visit_id, cast(null as varchar) as family, 1 as stays, 0 as called, 0 as observed, 0 as told,
        cast(null as decimal(18, 2)) as amount, cast(null as decimal(18, 2)) as fund_amount
    from examined as x
    union all
    select c.visit_id, c.family, 0, 1, 0, 0, null, null from called_for as c
    union all
    select t.visit_id, t.family, 0, 0, 1, t.told, t.amount, t.fund_amount from tested as t
),

-- how often the most tested patient was tested
by_patient as (
    select x.institution_id, x.department_code, t.family, x.patient_id, count(*) as times
    from tested as t
    inner join examined as x on t.visit_id = x.visit_id
    group by x.institution_id, x.department_code, t.family, x.patient_id
)

select
    'share' as grain, x.institution_id, x.department_code, x.department_key, x.level, x.quarter, x.last_day,
    x.last_quarter, c.family, cast(sum(c.stays) as bigint) as stays, cast(sum(c.called) as bigint) as called,
    cast(sum(c.observed) as bigint) as observed, count(case when c.told > 0 then 1 end) as reported,
    count(case when c.told = 2 then 1 end) as positive, count(c.amount) as priced,
    cast(sum(c.amount) as decimal(18, 2)) as amount, cast(sum(c.fund_amount) as decimal(18, 2)) as fund_amount,
    cast(0 as bigint) as patients, cast(0 as bigint) as top_observed
from examined as x
inner join counted as c on x.visit_id = c.visit_id
where x.is_judged
group by
    x.institution_id, x.department_code, x.department_key, x.level, x.quarter, x.last_day, x.last_quarter, c.family
union all
select
    'patients', b.institution_id, b.department_code, null, null, null, null, null, b.family, 0, 0, 0, 0, 0, 0,
    null, null, count(*), max(b.times)
from by_patient as b
group by b.institution_id, b.department_code, b.family
