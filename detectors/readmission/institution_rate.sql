-- the last day that counts, and the number (year x 4 + quarter) of the last quarter that is thirty days old by then
with period as (
    select
        d.last_day,
        year(date '1970-01-01' + (d.last_day - 30)) * 4 + quarter(date '1970-01-01' + (d.last_day - 30)) as last_quarter
    from (select cast(least(date_diff('day', date '1970-01-01', $as_of), $to_day) as integer) as last_day) as d
),

-- discharges alive and not by transfer; not judged where the window after them is not over by the last day
examined as (
    select
        d.institution_id, d.patient_id, d.level, d.stratum, d.month, d.quarter, p.last_day, p.last_quarter,
        d.next_amount as amount, d.next_fund_amount as fund_amount,
        d.disposition not in ('died', 'transfer') and d.end_day <= p.last_day - $window_days as is_judged,
        case
            when
                d.gap_days <= $window_days and not d.is_next_explained
                and (d.is_next_here or $returns = 'anywhere')
                then 1
            else 0
        end as observed
    from prepared.discharge as d
    cross join period as p
    where
        d.end_day between $from_day and p.last_day
        and d.quarter_number between p.last_quarter - $quarters + 1 and p.last_quarter
),

-- how often each patient had it
by_patient as (
    select x.institution_id, x.patient_id, sum(x.observed) as times
    from examined as x
    where x.is_judged and x.observed = 1
    group by x.institution_id, x.patient_id
)

select
    'share' as grain, x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter, count(*) as trials,
    cast(sum(x.observed) as bigint) as observed, count(case when x.observed = 1 then x.amount end) as priced,
    cast(sum(case when x.observed = 1 then x.amount end) as decimal(18, 2)) as amount,
    cast(sum(case when x.observed = 1 then x.fund_amount end) as decimal(18, 2)) as fund_amount,
    cast(0 as bigint) as patients, cast(0 as bigint) as top_observed
from examined as x
where x.is_judged
group by x.institution_id, x.level, x.stratum, x.quarter, x.last_day, x.last_quarter
union all
select
    'patients', b.institution_id, null, null, null, null, null, 0, 0, 0, null, null, count(*),
    cast(max(b.times) as bigint)
from by_patient as b
group by b.institution_id
