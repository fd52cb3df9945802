-- the lines of the extracts that an index or flagged event rests on
-- which charged lines belong to a wanted event: those of its order, itself, or those of its stay
with charge_of_event as (
    select
        w.event_id,
        oc.claim_line_id
    from work.lead_event as w
    inner join prepared.order_charge as oc on w.event_id = oc.order_id
    union
    select
        w.event_id,
        c.claim_line_id
    from work.lead_event as w
    inner join prepared.charge as c on w.event_id = c.claim_line_id
),

told as (
    select
        w.event_id,
        'exam_order' as table_name,
        o.order_id as row_id,
        o.item_code,
        o.item_name,
        coalesce(o.performed_at, o.ordered_at) as occurred_at,
        o.ordering_practitioner_id as practitioner_id,
        cast(null as decimal(18, 4)) as quantity,
        cast(null as decimal(18, 2)) as amount,
        cast(null as decimal(18, 2)) as reversed_amount,
        cast(null as decimal(18, 2)) as net_amount,
        cast(null as decimal(18, 2)) as fund_amount,
        false as is_fund_estimated,
        o.batch_id,
        o.source_file,
        o.source_row
    from work.lead_event as w
    inner join main.exam_order as o on w.event_id = o.order_id
    union all
    select
        ce.event_id, 'claim_line', l.claim_line_id, l.item_code, l.item_name, l.charged_at, l.ordering_practitioner_id,
        l.quantity, l.amount, l.amount - c.net_amount, c.net_amount, c.net_fund_amount, c.is_fund_estimated,
        l.batch_id, l.source_file, l.source_row
    from charge_of_event as ce
    inner join main.claim_line as l on ce.claim_line_id = l.claim_line_id
    inner join prepared.charge as c on ce.claim_line_id = c.claim_line_id
    union all
    select
        ce.event_id, 'claim_line', l.claim_line_id, l.item_code, l.item_name, l.charged_at, l.ordering_practitioner_id,
        l.quantity, l.amount, null, null, l.fund_amount, false, l.batch_id, l.source_file, l.source_row
    from charge_of_event as ce
    inner join main.claim_line as l on ce.claim_line_id = l.reverses_claim_line_id
    union all
    select
        w.event_id, 'exam_result', r.report_id, r.item_code,
        -- a report names no item: its order does, and the analyte tells which of its values it is
        nullif(concat_ws(' · ', o.item_name, r.analyte_code), ''), r.reported_at, null,
        null, null, null, null, null, false, r.batch_id, r.source_file, r.source_row
    from work.lead_event as w
    inner join main.exam_result as r on w.event_id = r.order_id
    left join main.exam_order as o on w.event_id = o.order_id
    union all
    select
        w.event_id, 'encounter', e.encounter_id, e.main_diagnosis_code, e.main_diagnosis_name, e.started_at,
        e.attending_id, null, e.total_amount, null, e.total_amount, e.fund_amount, false,
        e.batch_id, e.source_file, e.source_row
    from work.lead_event as w
    inner join prepared.stay_part as sp on w.event_id = sp.stay_id
    inner join main.encounter as e on sp.encounter_id = e.encounter_id
)

select t.*
from told as t
order by t.event_id, t.table_name, t.occurred_at, t.row_id, t.source_file, t.source_row
