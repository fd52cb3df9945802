-- the last day that counts, and the number (year x 12 + month) of the last month that is over by then
with period as (
    select
        d.last_day,
        year(date '1970-01-01' + (d.last_day - 30)) * 12 + month(date '1970-01-01' + (d.last_day - 30)) as last_month
    from (select cast(least(date_diff('day', date '1970-01-01', $as_of), $to_day) as integer) as last_day) as d
),

-- visits of the period that a doctor answers for
examined as (
    select
        v.visit_id, v.institution_id, v.month, v.practitioner_id, v.department_code,
        coalesce(v.national_department_code, v.department_code, '') as department_key, v.setting,
        cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer) as month_number,
        p.last_day, p.last_month, v.setting is not null as is_judged
    from prepared.visit as v
    cross join period as p
    where
        v.practitioner_id is not null
        and v.on_day between $from_day and p.last_day
        and cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer)
        between p.last_month - $months + 1 and p.last_month
),

-- examinations of those visits that the same doctor answers for: a colleague's orders are not held against him
visit_count as (
    select
        x.visit_id, count(*) as events, count(e.net_amount) as priced, sum(e.net_amount) as amount,
        sum(e.net_fund_amount) as fund_amount
    from examined as x
    inner join prepared.exam_event as e
        on x.visit_id = e.visit_id and x.practitioner_id = coalesce(e.practitioner_id, x.practitioner_id)
    where x.is_judged
    group by x.visit_id
)

select
    x.institution_id, x.practitioner_id, x.department_key, x.setting, min(x.department_code) as department_code,
    x.month_number, x.last_day, x.last_month, count(*) as visits,
    cast(coalesce(sum(c.events), 0) as bigint) as events, cast(coalesce(sum(c.priced), 0) as bigint) as priced,
    cast(sum(c.amount) as decimal(18, 2)) as amount, cast(sum(c.fund_amount) as decimal(18, 2)) as fund_amount
from examined as x
left join visit_count as c on x.visit_id = c.visit_id
where x.is_judged
group by
    x.institution_id, x.practitioner_id, x.department_key, x.setting, x.month_number, x.last_day, x.last_month
