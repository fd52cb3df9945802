-- everything that may explain an examination or a stay, with the seconds between which it took place
-- operations and transfusions; without a moment of their own they may lie anywhere in the encounter
with step as (
    select
        e.patient_id,
        k.patient_key,
        coalesce(sp.stay_id, p.encounter_id) as event_id,
        case when starts_with(p.procedure_code, '99.0') then 'transfusion' else 'operation' end as kind,
        p.procedure_code as detail,
        coalesce(p.performed_at, e.started_at) as occurred_at,
        coalesce(p.performed_at_has_time, false) as has_time,
        coalesce(p.performed_at, e.ended_at, timestamp '9999-12-31') as latest_at
    from main.procedure as p
    inner join main.encounter as e on p.encounter_id = e.encounter_id and cast(e.started_at as date) <= $as_of
    inner join prepared.patient_key as k on e.patient_id = k.patient_id
    left join prepared.stay_part as sp on p.encounter_id = sp.encounter_id
    where
        cast(coalesce(p.performed_at, e.started_at) as date) <= $as_of
        and (
            starts_with(p.procedure_code, '99.0')
            or coalesce(try_cast(substr(p.procedure_code, 1, 2) as integer), 0) < 87
        )
),

-- a diagnosis is new where the patient had none of its group in the ninety days before, and its moment is on record
in_turn as (
    select
        m.*,
        lag(m.at_s) over (
            partition by m.patient_key, m.diagnosis_group
            order by m.at_s asc, m.encounter_id asc, m.diagnosis_code asc, m.is_dated desc
        ) as previous_at_s
    from prepared.mention as m
),

failed as (
    select
        o.*,
        i.family,
        coalesce(o.performed_at, o.ordered_at) as failed_at
    from prepared.known_order as o
    left join pack.exam_items as i
        on
            o.item_code = i.item_code
            and cast(o.ordered_at as date) >= coalesce(i.valid_from, date '0001-01-01')
            and cast(o.ordered_at as date) < coalesce(i.valid_to, date '9999-12-31')
    where o.status in ('failed', 'cancelled')
)

select
    s.patient_id,
    s.patient_key,
    s.event_id,
    s.kind,
    s.detail,
    cast(null as varchar) as family,
    s.occurred_at,
    s.has_time,
    date_diff('second', timestamp '1970-01-01', s.occurred_at) as at_s,
    date_diff('second', timestamp '1970-01-01', s.latest_at) + case when s.has_time then 0 else 86399 end as until_s
from step as s
union all
select
    t.patient_id,
    t.patient_key,
    t.visit_id,
    'new_diagnosis',
    t.diagnosis_code,
    cast(null as varchar),
    t.written_at,
    true,
    t.at_s,
    t.at_s
from in_turn as t
where (t.previous_at_s is null or t.at_s - t.previous_at_s > 90 * 86400) and t.is_dated
union all
select
    f.patient_id,
    f.patient_key,
    f.order_id,
    'failed_study',
    f.item_code,
    coalesce(f.family, f.item_code),
    f.failed_at,
    true,
    date_diff('second', timestamp '1970-01-01', f.failed_at),
    date_diff('second', timestamp '1970-01-01', f.failed_at)
from failed as f
union all
select * from prepared.happening_of_event
union all
select * from prepared.happening_of_stay
union all
select * from prepared.happening_of_series
union all
select * from prepared.happening_of_report
union all
select * from prepared.happening_of_admission
