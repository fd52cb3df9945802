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
