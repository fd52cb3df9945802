-- what the record says about how a stay ended and what was examined in it by a coded procedure
select
    s.patient_id,
    s.patient_key,
    s.stay_id as event_id,
    'died' as kind,
    '' as detail,
    cast(null as varchar) as family,
    s.ended_at as occurred_at,
    true as has_time,
    date_diff('second', timestamp '1970-01-01', s.ended_at) as at_s,
    date_diff('second', timestamp '1970-01-01', s.ended_at) as until_s
from prepared.stay as s
where s.discharge_disposition = 'died' and s.ended_at is not null
union all
-- diagnostic procedures of chapter 16 of the procedure code; without a moment of their own they may lie anywhere in it
select
    s.patient_id,
    s.patient_key,
    s.stay_id,
    'diagnostic_procedure',
    p.procedure_code,
    cast(null as varchar),
    coalesce(p.performed_at, s.started_at),
    coalesce(p.performed_at_has_time, false),
    date_diff('second', timestamp '1970-01-01', coalesce(p.performed_at, s.started_at)),
    date_diff('second', timestamp '1970-01-01', coalesce(p.performed_at, s.ended_at, s.started_at))
    + case when coalesce(p.performed_at_has_time, false) then 0 else 86399 end
from main.procedure as p
inner join prepared.stay_part as sp on p.encounter_id = sp.encounter_id
inner join prepared.stay as s on sp.stay_id = s.stay_id
where
    coalesce(try_cast(substr(p.procedure_code, 1, 2) as integer), 0) >= 87
    and not starts_with(p.procedure_code, '99.0')
    and cast(coalesce(p.performed_at, s.started_at) as date) <= $as_of
