-- visits of the period that a doctor answers for, each with the doctor's place of work
with examined as (
    select
        v.visit_id, v.institution_id, v.month, v.practitioner_id, v.patient_id, v.department_code, v.setting,
        coalesce(v.national_department_code, v.department_code, '') as department_key,
        cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer) as month_number,
        v.setting is not null as is_judged
    from prepared.visit as v
    where
        v.practitioner_id is not null and v.on_day between $from_day and $to_day
        and cast(substr(v.month, 1, 4) as integer) * 12 + cast(substr(v.month, 6, 2) as integer)
        between $last_month - $months + 1 and $last_month
),

-- a number for each place: a doctor in one department and setting of one institution; an unknown setting joins none
place as (
    select
        x.institution_id, x.practitioner_id, x.department_key, x.setting,
        min(x.month_number) + max(x.month_number) as both_ends,
        row_number() over (order by x.institution_id, x.practitioner_id, x.department_key, x.setting) as place_no
    from examined as x
    group by x.institution_id, x.practitioner_id, x.department_key, x.setting
),

placed as (
    select x.visit_id, x.patient_id, x.practitioner_id, x.department_code, x.month_number, p.place_no
    from examined as x
    inner join place as p
        on
            x.institution_id = p.institution_id and x.practitioner_id = p.practitioner_id
            and x.department_key = p.department_key and x.setting = p.setting
),

-- examinations of those visits that the same doctor answers for: a colleague's orders are not held against him
counted as (
    select
        v.place_no, v.month_number, case when e.family is null then 'patient' else 'family' end as kind,
        coalesce(e.family, v.patient_id) as name, count(*) as events, count(e.net_amount) as priced,
        sum(e.net_amount) as amount, sum(e.net_fund_amount) as fund_amount
    from placed as v
    inner join prepared.exam_event as e
        on v.visit_id = e.visit_id and v.practitioner_id = coalesce(e.practitioner_id, v.practitioner_id)
    group by grouping sets ((v.place_no, v.month_number, e.family), (v.place_no, v.month_number, v.patient_id))
),

-- of each place: the patient, and the family, that adds most to a rise from its first month to its last
weighed as (
    select c.place_no, c.kind, c.name, sum(c.events * (2 * c.month_number - p.both_ends)) as rise
    from counted as c
    inner join place as p on c.place_no = p.place_no
    group by c.place_no, c.kind, c.name
),

rising as (
    select w.place_no, w.kind, struct_extract(min(struct_pack(fall := -w.rise, name := w.name)), 'name') as name
    from weighed as w
    group by w.place_no, w.kind
),

visited as (
    select
        v.place_no, v.month_number, min(v.department_code) as code, count(*) as visits, count(t.name) as top_visits
    from placed as v
    left join rising as t on v.place_no = t.place_no and v.patient_id = t.name and t.kind = 'patient'
    group by v.place_no, v.month_number
),

done as (
    select
        c.place_no, c.month_number,
        sum(case when c.kind = 'family' then c.events end) as events,
        sum(case when c.kind = 'family' then c.priced end) as priced,
        sum(case when c.kind = 'family' then c.amount end) as amount,
        sum(case when c.kind = 'family' then c.fund_amount end) as fund_amount,
        sum(case when t.kind = 'patient' then c.events end) as top_patient_events,
        max(case when t.kind = 'family' then c.name end) as top_family,
        sum(case when t.kind = 'family' then c.events end) as top_family_events
    from counted as c
    left join rising as t on c.place_no = t.place_no and c.kind = t.kind and c.name = t.name
    group by c.place_no, c.month_number
)

select
    p.institution_id, p.practitioner_id, p.department_key, p.setting, v.code as department_code, v.month_number,
    $to_day as last_day, $last_month as last_month, v.visits, v.top_visits as top_patient_visits, d.top_family,
    cast(coalesce(d.events, 0) as bigint) as events, cast(coalesce(d.priced, 0) as bigint) as priced,
    cast(d.amount as decimal(18, 2)) as amount, cast(d.fund_amount as decimal(18, 2)) as fund_amount,
    cast(coalesce(d.top_patient_events, 0) as bigint) as top_patient_events,
    cast(coalesce(d.top_family_events, 0) as bigint) as top_family_events
from visited as v
inner join place as p on v.place_no = p.place_no
left join done as d on v.place_no = d.place_no and v.month_number = d.month_number
