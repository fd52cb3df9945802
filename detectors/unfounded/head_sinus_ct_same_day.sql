-- visits with an injury, a tumour or an infection of the head, where both scans have their place
with called_for as (
    select distinct m.visit_id from prepared.imaging_context as m
    where m.measure = 'head_sinus_ct_same_day' and m.role = 'exclude' and $exclusions = 'published'
),

-- the CT scans of head and sinuses that one patient had on one day in one institution
study as (
    select
        min(s.visit_id) as visit_id, s.patient_id, s.institution_id, min(s.department_code) as department_code,
        min(s.department_key) as department_key, s.level, min(s.setting) as setting, s.on_day, s.month, s.quarter,
        $to_day as last_day, $last_quarter as last_quarter,
        max(case when s.body_part = 'head' then 1 else 0 end) as has_head,
        max(case when s.body_part = 'sinus' then 1 else 0 end) as observed,
        max(case when s.body_part = 'sinus' and s.is_positive is not null then 1 else 0 end) as reported,
        max(case when s.body_part = 'sinus' and s.is_positive then 1 else 0 end) as positive,
        sum(case when s.body_part = 'sinus' then s.net_amount end) as net_amount,
        sum(case when s.body_part = 'sinus' then s.net_fund_amount end) as net_fund_amount
    from prepared.imaging_study as s
    where
        s.modality = 'CT' and s.body_part in ('head', 'sinus')
        and s.on_day between $from_day and $to_day
        and s.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
    group by s.patient_id, s.institution_id, s.level, s.on_day, s.month, s.quarter
),

-- days with a CT of the head; the department must be known, and no diagnosis call for both
examined as (
    select
        s.institution_id, s.department_code, s.department_key, s.level, s.month, s.quarter, s.patient_id,
        s.last_day, s.last_quarter, s.net_amount, s.net_fund_amount, s.reported, s.positive, s.observed,
        'ct' as family, coalesce(s.setting, '') as stratum,
        s.department_code is not null and c.visit_id is null as is_judged
    from study as s
    left join called_for as c on s.visit_id = c.visit_id
    where s.has_head = 1
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
