-- examinations of fast-changing items, no more that day than its limit, for which a diagnosis of the visit calls
with event as (
    select
        x.patient_key, x.event_id, x.encounter_id, x.serial_by_design, x.daily_maximum,
        count(*) over (partition by x.patient_key, x.item_code, x.on_day) as times_that_day
    from prepared.exam_event as x
    where coalesce(x.serial_by_design, '0') not in ('', '0')
)

select distinct v.patient_key, v.event_id
from event as v
inner join prepared.mention as m on v.encounter_id = m.encounter_id
where
    v.times_that_day <= coalesce(v.daily_maximum, v.times_that_day)
    and (
        v.serial_by_design = '1'
        or instr(';' || v.serial_by_design || ';', ';' || m.diagnosis_group || ';') > 0
        or instr(';' || v.serial_by_design || ';', ';' || m.diagnosis_code || ';') > 0
        or instr(';' || v.serial_by_design || ';', ';' || substr(m.diagnosis_code, 1, 5) || ';') > 0
    )
