-- out-patient MR of the lumbar spine in a visit for low back pain
with study as (
    select
        s.event_id, s.patient_id, s.patient_key, s.institution_id, s.department_code, s.department_key, s.level,
        s.on_day, s.month, s.quarter, s.has_report, s.is_positive, s.net_amount, s.net_fund_amount, $to_day as last_day,
        $last_quarter as last_quarter
    from prepared.imaging_study as s
    where
        s.modality = 'MR' and s.body_part = 'lumbar_spine' and s.setting = 'outpatient'
        and s.on_day between $from_day and $to_day
        and s.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
        and s.visit_id in (
            select m.visit_id from prepared.imaging_context as m
            where m.measure = 'lumbar_mr_without_prior_care' and m.role = 'include'
        )
),

-- what went before: red flags, operations, therapy, an earlier visit for the same complaint
told as (
    select
        s.event_id,
        max(case when c.role in ('exclude', 'operation') then 1 else 0 end) as is_left_out,
        max(case
            when c.role = 'therapy' and s.on_day - c.on_day <= $therapy_days then 1
            when $prior_care = 'therapy_only' or c.role <> 'include' then 0
            when s.on_day - c.on_day between $visit_from_days and $visit_to_days then 1 else 0
        end) as had_care
    from study as s
    inner join prepared.imaging_context as c
        on
            s.patient_key = c.patient_key and c.on_day <= s.on_day and c.measure = 'lumbar_mr_without_prior_care'
            and (c.role <> 'operation' or s.on_day - c.on_day <= $operation_days)
    group by s.event_id
),

first_record as (
    select v.institution_id, min(v.on_day) as first_day from prepared.visit as v
    group by v.institution_id
),

-- studies that can be judged: sixty days of record lie before them, the department is known, and no red flag waves
examined as (
    select
        s.institution_id, s.department_code, s.department_key, s.level, s.month, s.quarter, s.patient_id,
        s.last_day, s.last_quarter, s.net_amount, s.net_fund_amount, 'mr' as family, 'outpatient' as stratum,
        1 - coalesce(t.had_care, 0) as observed,
        case when s.has_report and s.is_positive is not null then 1 else 0 end as reported,
        case when s.has_report and s.is_positive then 1 else 0 end as positive,
        s.department_code is not null and coalesce(t.is_left_out, 0) = 0
        and s.on_day - greatest($therapy_days, $visit_to_days) >= f.first_day as is_judged
    from study as s
    inner join first_record as f on s.institution_id = f.institution_id
    left join told as t on s.event_id = t.event_id
)

-- one row a cell and patient who had it; those who had it not stand together
select
    x.institution_id, x.department_code, x.department_key, x.level, x.family, x.stratum, x.quarter, x.last_day,
    x.last_quarter, case when x.observed = 1 then x.patient_id end as told_patient_id, count(*) as trials,
    cast(sum(x.reported) as bigint) as reported, cast(sum(x.positive) as bigint) as positive,
    count(x.net_amount) as priced, cast(sum(x.net_amount) as decimal(18, 2)) as amount,
    cast(sum(x.net_fund_amount) as decimal(18, 2)) as fund_amount
from examined as x
where x.is_judged
group by all
