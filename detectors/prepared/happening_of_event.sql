-- what the record says about an examination itself: abnormal, serial, emergency, intensive care, claimed reason …
with event as (
    select
        x.*,
        coalesce(x.serial_by_design, '0') not in ('', '0') as is_fast_changing,
        count(*) over (partition by x.patient_key, x.item_code, x.on_day) as times_that_day
    from prepared.exam_event as x
),

-- the diagnoses of the visit that call for a series of this item
called_for as (
    select distinct v.event_id
    from event as v
    inner join prepared.mention as m on v.encounter_id = m.encounter_id
    where
        v.is_fast_changing
        and v.times_that_day <= coalesce(v.daily_maximum, v.times_that_day)
        and (
            v.serial_by_design = '1'
            or instr(';' || v.serial_by_design || ';', ';' || m.diagnosis_group || ';') > 0
            or instr(';' || v.serial_by_design || ';', ';' || m.diagnosis_code || ';') > 0
            or instr(';' || v.serial_by_design || ';', ';' || substr(m.diagnosis_code, 1, 5) || ';') > 0
        )
),

urgent as (
    select
        v.*,
        coalesce(v.setting = 'emergency', false) or coalesce(v.urgency = 'emergency', false)
        or coalesce(d.is_emergency, false) as is_emergency,
        coalesce(d.is_icu, false) as is_icu
    from event as v
    left join main.department as d
        on v.institution_id = d.institution_id and v.encounter_department_code = d.department_code
),

told as (
    select u.*, 'emergency' as kind, case when u.is_fast_changing then 'fast_changing' else '' end as detail
    from urgent as u
    where u.is_emergency
    union all
    select u.*, 'icu', case when u.is_fast_changing then 'fast_changing' else '' end
    from urgent as u
    where u.is_icu
    union all
    select u.*, 'abnormal_result', ''
    from urgent as u
    where coalesce(u.is_abnormal, false) or coalesce(u.is_positive, false)
    union all
    select u.*, 'claimed_reason', u.reexam_reason
    from urgent as u
    where u.reexam_reason is not null
    union all
    select u.*, 'external', u.place_id
    from urgent as u
    where u.place_id <> u.institution_id
    union all
    select u.*, 'serial_indication', u.serial_by_design
    from urgent as u
    where u.event_id in (select c.event_id from called_for as c)
    union all
    select u.*, 'appraisal', ''
    from urgent as u
    where
        u.encounter_id in (
            select m.encounter_id
            from prepared.mention as m
            where m.diagnosis_group in ('Z02', 'Z04')
        )
)

select
    t.patient_id,
    t.patient_key,
    t.event_id,
    t.kind,
    t.detail,
    cast(null as varchar) as family,
    t.occurred_at,
    t.has_time,
    t.at_s,
    t.until_s
from told as t
