-- series that a drug charged or a procedure done in the visit calls for: anticoagulants, insulin, dialysis, drains …
with event as (
    select
        x.*,
        count(*) over (partition by x.patient_key, x.item_code, x.on_day) as times_that_day
    from prepared.exam_event as x
    where x.family in (select c.family from pack.serial_causes as c)
),

-- charged names that are one of the drugs; a test of that name is none
drug as (
    select
        n.item_name,
        c.family,
        c.pattern
    from (
        select distinct l.item_name
        from prepared.charge as l
        where l.item_name is not null and l.item_code not in (select i.item_code from pack.exam_items as i)
    ) as n
    inner join pack.serial_causes as c on c.kind = 'drug' and instr(lower(n.item_name), lower(c.pattern)) > 0
),

cause as (
    select
        coalesce(sp.stay_id, l.encounter_id) as visit_id,
        d.family,
        concat('drug:', d.pattern) as detail,
        date_diff('day', date '1970-01-01', cast(l.charged_at as date)) as from_day
    from prepared.charge as l
    inner join drug as d on l.item_name = d.item_name
    left join prepared.stay_part as sp on l.encounter_id = sp.encounter_id
    where l.net_quantity > 0
    union all
    select
        coalesce(sp.stay_id, p.encounter_id),
        c.family,
        concat('procedure:', c.pattern),
        date_diff('day', date '1970-01-01', cast(coalesce(p.performed_at, e.started_at) as date))
    from main.procedure as p
    inner join pack.serial_causes as c on c.kind = 'procedure' and starts_with(p.procedure_code, c.pattern)
    inner join main.encounter as e on p.encounter_id = e.encounter_id
    left join prepared.stay_part as sp on p.encounter_id = sp.encounter_id
),

called_for as (
    select
        v.event_id,
        min(c.detail) as detail
    from event as v
    inner join cause as c on v.visit_id = c.visit_id and v.family = c.family and c.from_day <= v.on_day
    where v.times_that_day <= coalesce(v.daily_maximum, v.times_that_day)
    group by v.event_id
)

select
    v.patient_id,
    v.patient_key,
    v.event_id,
    'serial_indication' as kind,
    c.detail,
    cast(null as varchar) as family,
    v.occurred_at,
    v.has_time,
    v.at_s,
    v.until_s
from event as v
inner join called_for as c on v.event_id = c.event_id
