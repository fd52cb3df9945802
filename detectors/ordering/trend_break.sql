-- visits of the period that a doctor answers for, each with the doctor's place of work
with examined as (
    select
        v.visit_id, v.institution_id, v.month, v.practitioner_id, v.patient_id, v.department_code, v.setting,
        coalesce(v.national_department_code, v.department_code, '') as department_key,
        concat_ws(
            '|', v.institution_id, v.practitioner_id, v.setting, coalesce(v.national_department_code, v.department_code)
        ) as place,
        cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer) as month_number,
        $to_day as last_day, $last_month as last_month, v.setting is not null as is_judged
    from prepared.visit as v
    where
        v.practitioner_id is not null
        and v.on_day between $from_day and $to_day
        and cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer)
        between $last_month - $months + 1 and $last_month
),

-- examinations of those visits that the same doctor answers for: a colleague's orders are not held against him
done as (
    select x.visit_id, x.place, x.patient_id, x.month_number, e.family, e.net_amount, e.net_fund_amount
    from examined as x
    inner join prepared.exam_event as e
        on x.visit_id = e.visit_id and x.practitioner_id = coalesce(e.practitioner_id, x.practitioner_id)
    where x.is_judged
),

-- of each place: the patient, and the family, that adds most to a rise from its first month to its last
span as (
    select x.place, min(x.month_number) + max(x.month_number) as twice_middle
    from examined as x
    where x.is_judged
    group by x.place
),

part as (
    select d.place, 'patient' as kind, d.patient_id as name, d.month_number
    from done as d
    union all
    select d.place, 'family', d.family, d.month_number
    from done as d
),

rising as (
    select
        r.place, r.kind, r.name,
        row_number() over (
            partition by r.place, r.kind order by sum(2 * r.month_number - s.twice_middle) desc, r.name asc
        ) as turn
    from part as r
    inner join span as s on r.place = s.place
    group by r.place, r.kind, r.name
),

visit_count as (
    select
        d.visit_id, count(*) as events, count(d.net_amount) as priced, sum(d.net_amount) as amount,
        sum(d.net_fund_amount) as fund_amount, max(f.name) as top_family, count(f.name) as top_family_events
    from done as d
    left join rising as f on d.place = f.place and d.family = f.name and f.kind = 'family' and f.turn = 1
    group by d.visit_id
)

select
    x.institution_id, x.practitioner_id, x.department_key, x.setting, min(x.department_code) as department_code,
    x.month_number, x.last_day, x.last_month, count(*) as visits,
    cast(coalesce(sum(c.events), 0) as bigint) as events, cast(coalesce(sum(c.priced), 0) as bigint) as priced,
    cast(sum(c.amount) as decimal(18, 2)) as amount, cast(sum(c.fund_amount) as decimal(18, 2)) as fund_amount,
    count(t.name) as top_patient_visits,
    cast(coalesce(sum(case when t.name is not null then c.events end), 0) as bigint) as top_patient_events,
    max(c.top_family) as top_family, cast(coalesce(sum(c.top_family_events), 0) as bigint) as top_family_events
from examined as x
left join visit_count as c on x.visit_id = c.visit_id
left join rising as t on x.place = t.place and x.patient_id = t.name and t.kind = 'patient' and t.turn = 1
where x.is_judged
group by
    x.institution_id, x.practitioner_id, x.department_key, x.setting, x.month_number, x.last_day, x.last_month
