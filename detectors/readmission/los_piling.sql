-- what a case of the stay's group is paid on its day of discharge: of its region and level, else more generally
with standard as (
    select
        s.stay_id,
        coalesce(
            max(case when c.region_code is not null and c.level is not null then c.standard_amount end),
            max(case when c.region_code is not null then c.standard_amount end),
            max(case when c.level is not null then c.standard_amount end),
            max(c.standard_amount)
        ) as standard_amount
    from prepared.stay as s
    inner join main.institution as i on s.institution_id = i.institution_id
    inner join pack.payment_standards as c
        on
            s.group_code = c.group_code
            and (c.region_code is null or c.region_code = i.region_code)
            and (c.level is null or c.level = i.level)
            and cast(s.ended_at as date) >= coalesce(c.valid_from, date '0001-01-01')
            and cast(s.ended_at as date) < coalesce(c.valid_to, date '9999-12-31')
    group by s.stay_id
),

-- discharges whose length or cost lies in the neighbourhood of its limit; the dead are not judged
examined as (
    select
        d.institution_id, d.month, d.length_days, d.net_amount, d.net_fund_amount,
        $to_day as last_day, $last_quarter as last_quarter,
        cast(d.net_amount * 10000 as bigint) as cost, cast(t.standard_amount * 100 as bigint) * $step_pct as step,
        coalesce(d.length_days between $limit_days - $reach_days and $limit_days + $reach_days, false) as is_near_days,
        coalesce(
            d.net_amount * 100 > t.standard_amount * ($limit_pct - $reach_pct - $step_pct)
            and d.net_amount * 100 <= t.standard_amount * ($limit_pct + $reach_pct), false
        ) as is_near_payment,
        d.disposition <> 'died' and (d.payer = 'insured' or $payers = 'all') as is_judged
    from prepared.discharge as d
    left join standard as t on d.stay_id = t.stay_id
    where
        d.end_day between $from_day and $to_day
        and d.quarter_number between $last_quarter - $quarters + 1 and $last_quarter
),

-- a stay's place on the scale of days, and on that of hundredths of the payment standard, rounded up to a whole step
placed as (
    select x.*, 'days' as scale, cast(x.length_days as bigint) as place
    from examined as x
    where x.is_judged and x.is_near_days
    union all
    select x.*, 'payment', cast(floor(cast(x.cost + x.step - 1 as double) / x.step) as bigint)
    from examined as x
    where x.is_judged and x.is_near_payment
)

select
    x.institution_id, x.scale, x.place, x.last_day, x.last_quarter,
    count(*) as stays, count(x.net_amount) as priced,
    cast(sum(x.net_amount) as decimal(18, 2)) as amount, cast(sum(x.net_fund_amount) as decimal(18, 2)) as fund_amount
from placed as x
group by x.institution_id, x.scale, x.place, x.last_day, x.last_quarter
