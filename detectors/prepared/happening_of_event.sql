-- what the record says about an examination itself: abnormal, serial, emergency, intensive care, claimed reason …
with appraised as (
    select distinct m.encounter_id
    from prepared.mention as m
    where m.diagnosis_group in ('Z02', 'Z04')
),

judged as (
    select
        x.patient_id, x.patient_key, x.event_id, x.occurred_at, x.has_time, x.at_s, x.until_s,
        x.reexam_reason, x.place_id, x.serial_by_design,
        case when coalesce(x.serial_by_design, '0') in ('', '0') then '' else 'fast_changing' end as pace,
        coalesce(x.setting = 'emergency', false) or coalesce(x.urgency = 'emergency', false)
        or coalesce(d.is_emergency, false) as is_emergency,
        coalesce(d.is_icu, false) as is_icu,
        coalesce(x.is_abnormal, false) or coalesce(x.is_positive, false) as is_abnormal,
        x.place_id <> x.institution_id as is_external,
        s.event_id is not null as is_serial,
        a.encounter_id is not null as is_appraisal
    from prepared.exam_event as x
    left join main.department as d
        on x.institution_id = d.institution_id and x.encounter_department_code = d.department_code
    left join prepared.serial_indication as s on x.patient_key = s.patient_key and x.event_id = s.event_id
    left join appraised as a on x.encounter_id = a.encounter_id
),

explained as (
    select j.*
    from judged as j
    where
        j.is_emergency or j.is_icu or j.is_abnormal or j.is_external or j.is_serial or j.is_appraisal
        or j.reexam_reason is not null
),

kind as (
    select k.kind
    from unnest(
        ['emergency', 'icu', 'abnormal_result', 'claimed_reason', 'external', 'serial_indication', 'appraisal']
    ) as k (kind)
)

select
    e.patient_id,
    e.patient_key,
    e.event_id,
    k.kind,
    case k.kind
        when 'claimed_reason' then e.reexam_reason
        when 'external' then e.place_id
        when 'serial_indication' then e.serial_by_design
        when 'emergency' then e.pace
        when 'icu' then e.pace
        else ''
    end as detail,
    cast(null as varchar) as family,
    e.occurred_at,
    e.has_time,
    e.at_s,
    e.until_s
from explained as e
cross join kind as k
where
    case k.kind
        when 'emergency' then e.is_emergency
        when 'icu' then e.is_icu
        when 'abnormal_result' then e.is_abnormal
        when 'claimed_reason' then e.reexam_reason is not null
        when 'external' then e.is_external
        when 'serial_indication' then e.is_serial
        else e.is_appraisal
    end
