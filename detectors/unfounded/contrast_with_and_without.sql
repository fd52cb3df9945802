-- visits whose diagnosis calls for a scan before and after contrast
with called_for as (
    select distinct m.visit_id from prepared.imaging_context as m
    where m.measure = 'contrast_with_and_without' and m.role = 'exclude' and $exclusions = 'published'
),

-- the scans of one region that one patient had on one day in one visit are one study
study as (
    select
        s.visit_id, s.patient_id, s.institution_id, s.department_code, s.department_key, s.level, s.setting,
        s.on_day, s.month, s.quarter,
        case when s.body_part in ('abdomen', 'upper_abdomen') then 'abdomen' else s.body_part end as region,
        $to_day as last_day, $last_quarter as last_quarter,
        max(case when s.contrast in ('without', 'both') then 1 else 0 end) as is_plain,
        max(case when s.contrast in ('with', 'both') then 1 else 0 end) as is_enhanced,
        min(case when s.contrast is null then 0 else 1 end) as is_known,
        max(case when s.has_report and s.is_positive is not null then 1 else 0 end) as reported,
        max(case when s.has_report and s.is_positive then 1 else 0 end) as positive,
        sum(case when s.contrast = 'without' then s.net_amount end) as net_amount,
        sum(case when s.contrast = 'without' then s.net_fund_amount end) as net_fund_amount
    from prepared.imaging_study as s
    where
        s.modality = 'CT' and ($regions = 'any' or s.body_part in ('abdomen', 'upper_abdomen'))
        and s.on_day between $from_day and $to_day
        and s.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
    group by
        s.visit_id, s.patient_id, s.institution_id, s.department_code, s.department_key, s.level, s.setting,
        s.on_day, s.month, s.quarter,
        case when s.body_part in ('abdomen', 'upper_abdomen') then 'abdomen' else s.body_part end
),

-- studies that can be judged: department, region and contrast are known, and no diagnosis calls for both scans
examined as (
    select
        s.institution_id, s.department_code, s.department_key, s.level, s.month, s.quarter, s.patient_id,
        s.last_day, s.last_quarter, s.net_amount, s.net_fund_amount, s.reported, s.positive, 'ct' as family,
        concat(coalesce(s.setting, ''), ' × ', s.region) as stratum, s.is_plain * s.is_enhanced as observed,
        s.is_known = 1 and s.region is not null and s.department_code is not null and c.visit_id is null as is_judged
    from study as s
    left join called_for as c on s.visit_id = c.visit_id
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
