-- the last day that counts, and the number (year x 4 + quarter) of the last quarter that is thirty days old by then
with period as (
    select
        d.last_day,
        year(date '1970-01-01' + (d.last_day - 30)) * 4 + quarter(date '1970-01-01' + (d.last_day - 30)) as last_quarter
    from (select cast(least(date_diff('day', date '1970-01-01', $as_of), $to_day) as integer) as last_day) as d
),

-- discharges alive; judged where the length of stay lies in the neighbourhood of the limit
examined as (
    select
        d.institution_id, d.month, d.length_days, d.net_amount, d.net_fund_amount, p.last_day, p.last_quarter,
        d.disposition <> 'died' and (d.payer = 'insured' or $payers = 'all')
        and d.length_days between $limit_days - $reach_days and $limit_days + $reach_days as is_judged
    from prepared.discharge as d
    cross join period as p
    where
        d.end_day between $from_day and p.last_day
        and d.quarter_number between p.last_quarter - $quarters + 1 and p.last_quarter
)

select
    x.institution_id,
    x.length_days,
    x.last_day,
    x.last_quarter,
    count(*) as stays,
    count(x.net_amount) as priced,
    cast(sum(x.net_amount) as decimal(18, 2)) as amount,
    cast(sum(x.net_fund_amount) as decimal(18, 2)) as fund_amount
from examined as x
where x.is_judged
group by x.institution_id, x.length_days, x.last_day, x.last_quarter
