-- the last day that counts, and the number (year x 4 + quarter) of the last quarter that is thirty days old by then
with period as (
    select
        d.last_day,
        year(date '1970-01-01' + (d.last_day - 30)) * 4 + quarter(date '1970-01-01' + (d.last_day - 30)) as last_quarter
    from (select cast(least(date_diff('day', date '1970-01-01', $as_of), $to_day) as integer) as last_day) as d
),

-- patients sent home or said to have left against advice; not judged where the days after it are not over
examined as (
    select
        d.institution_id, d.level, d.stratum, d.month, d.quarter, p.last_day, p.last_quarter,
        d.next_amount as amount, d.next_fund_amount as fund_amount,
        (d.disposition = 'against_advice' or (d.disposition = 'home' and $dispositions = 'home_or_against_advice'))
        and d.end_day <= p.last_day - $days_after as is_judged,
        case
            when d.gap_days <= $days_after and not d.is_next_here and not d.is_next_explained then d.patient_id
        end as told_patient_id
    from prepared.discharge as d
    cross join period as p
    where
        d.end_day between $from_day and p.last_day
        and d.quarter_number between p.last_quarter - $quarters + 1 and p.last_quarter
)

-- one row a cell and patient who had it; those who had it not stand together
select
    x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter, x.told_patient_id, count(*) as trials,
    count(x.amount) as priced, cast(sum(x.amount) as decimal(18, 2)) as amount,
    cast(sum(x.fund_amount) as decimal(18, 2)) as fund_amount
from examined as x
where x.is_judged
group by x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter, x.told_patient_id
