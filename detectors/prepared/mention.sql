-- every time a diagnosis (first three characters) is written down for a patient, and whether its moment is on record
with written as (
    select
        e.patient_id,
        d.encounter_id,
        d.diagnosis_code,
        coalesce(d.diagnosed_at, e.started_at) as written_at,
        true as is_dated
    from main.diagnosis as d
    inner join main.encounter as e on d.encounter_id = e.encounter_id and cast(e.started_at as date) <= $as_of
    union all
    select
        e.patient_id,
        e.encounter_id,
        e.main_diagnosis_code,
        e.started_at,
        e.encounter_type = 'inpatient'
    from main.encounter as e
    where e.main_diagnosis_code is not null
)

select
    k.patient_key,
    w.patient_id,
    coalesce(sp.stay_id, w.encounter_id) as visit_id,
    w.encounter_id,
    upper(w.diagnosis_code) as diagnosis_code,
    upper(substr(w.diagnosis_code, 1, 3)) as diagnosis_group,
    w.is_dated,
    w.written_at,
    date_diff('second', timestamp '1970-01-01', w.written_at) as at_s
from written as w
inner join prepared.patient_key as k on w.patient_id = k.patient_id
left join prepared.stay_part as sp on w.encounter_id = sp.encounter_id
where cast(w.written_at as date) <= $as_of
