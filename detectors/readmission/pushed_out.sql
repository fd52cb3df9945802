-- patients sent home or said to have left against advice; not judged where the days after it are not over
with examined as (
    select
        d.institution_id, d.level, d.stratum, d.month, d.quarter, $to_day as last_day, $last_quarter as last_quarter,
        d.next_amount as amount, d.next_fund_amount as fund_amount,
        (d.disposition = 'against_advice' or (d.disposition = 'home' and $dispositions = 'home_or_against_advice'))
        and d.end_day <= $to_day - $days_after as is_judged,
        case
            when d.gap_days <= $days_after and not d.is_next_here and not d.is_next_explained then d.patient_id
        end as told_patient_id
    from prepared.discharge as d
    where
        d.end_day between $from_day and $to_day
        and d.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
)

-- one row a cell and patient who had it; those who had it not stand together
select
    x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter, x.told_patient_id, count(*) as trials,
    count(x.amount) as priced, cast(sum(x.amount) as decimal(18, 2)) as amount,
    cast(sum(x.fund_amount) as decimal(18, 2)) as fund_amount
from examined as x
where x.is_judged
group by x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter, x.told_patient_id
