-- the rows of the extracts that the examinations, stays and happenings of a patient who stands in a lead rest on
-- encounters, each under the stay that it is a part of
with visited as (
    select
        e.patient_id, e.encounter_id, e.main_diagnosis_code, e.batch_id, e.source_file, e.source_row,
        coalesce(sp.stay_id, e.encounter_id) as visit_id
    from main.encounter as e
    inner join work.lead_patient as p on e.patient_id = p.patient_id
    left join prepared.stay_part as sp on e.encounter_id = sp.encounter_id
),

-- the event that a charged line belongs to: the order that it was charged for, or itself without one
charge_event as (
    select oc.claim_line_id, oc.order_id as event_id
    from prepared.order_charge as oc
    union all
    select u.claim_line_id, u.claim_line_id
    from prepared.unordered_line as u
),

-- orders, the lines charged for them or without one, their reversals, and reports
examined as (
    select
        o.patient_id, o.order_id as event_id, 'exam_order' as table_name, o.item_code as record_code,
        o.batch_id, o.source_file, o.source_row
    from main.exam_order as o
    inner join work.lead_patient as p on o.patient_id = p.patient_id
    union all
    select l.patient_id, c.event_id, 'claim_line', l.item_code, l.batch_id, l.source_file, l.source_row
    from main.claim_line as l
    inner join work.lead_patient as p on l.patient_id = p.patient_id
    inner join charge_event as c on coalesce(l.reverses_claim_line_id, l.claim_line_id) = c.claim_line_id
    union all
    select o.patient_id, o.order_id, 'exam_result', r.item_code, r.batch_id, r.source_file, r.source_row
    from main.exam_result as r
    inner join main.exam_order as o on r.order_id = o.order_id
    inner join work.lead_patient as p on o.patient_id = p.patient_id
),

-- kept before they are put in order: the joins' memory is free again then
told as materialized (
    select
        x.patient_id, coalesce(o.event_id, x.event_id) as record_id, x.table_name, x.record_code,
        x.batch_id, x.source_file, x.source_row
    from examined as x
    left join prepared.exam_double as o on x.event_id = o.part_id
    union all
    select v.patient_id, v.visit_id, 'encounter', v.main_diagnosis_code, v.batch_id, v.source_file, v.source_row
    from visited as v
    union all
    select v.patient_id, v.visit_id, 'diagnosis', d.diagnosis_code, d.batch_id, d.source_file, d.source_row
    from main.diagnosis as d
    inner join visited as v on d.encounter_id = v.encounter_id
    union all
    select v.patient_id, v.visit_id, 'procedure', r.procedure_code, r.batch_id, r.source_file, r.source_row
    from main.procedure as r
    inner join visited as v on r.encounter_id = v.encounter_id
    union all
    select
        c.patient_id, coalesce(c.order_id, c.consent_id), 'consent', c.item_code,
        c.batch_id, c.source_file, c.source_row
    from main.consent as c
    inner join work.lead_patient as p on c.patient_id = p.patient_id
)

select t.*
from told as t
order by t.patient_id, t.record_id, t.table_name, t.source_file, t.source_row, t.batch_id
