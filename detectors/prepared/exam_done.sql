-- examinations that took place: performed orders, and charged lines that no order matches
-- an order took place where it was performed, reported or charged, and was neither called off nor wholly reversed
with performed_order as (
    select
        o.*,
        c.net_amount, c.net_fund_amount, c.is_fund_estimated, c.external_institution_id,
        r.order_id is not null as has_report,
        r.is_positive, r.is_abnormal, r.result_value, r.result_measure,
        coalesce(o.performed_at, c.charged_at, o.ordered_at) as occurred_at,
        case
            when o.performed_at is not null then o.performed_at_has_time
            when c.charged_at is not null then c.charged_on is null or c.charged_on <> c.charged_at
            else o.ordered_at_has_time
        end as has_time
    from prepared.known_order as o
    left join prepared.order_money as c on o.order_id = c.order_id
    left join prepared.order_report as r on o.order_id = r.order_id
    where
        coalesce(o.status, 'ordered') not in ('cancelled', 'failed')
        and (o.performed_at is not null or r.order_id is not null or c.net_quantity > 0 or o.status = 'performed')
        and coalesce(c.net_quantity, 1) > 0
),

done as (
    select
        p.order_id as event_id,
        true as is_ordered,
        p.encounter_id, p.patient_id, p.patient_key, p.institution_id,
        coalesce(p.performing_institution_id, p.external_institution_id, p.institution_id) as place_id,
        p.item_code, p.item_name, p.body_part, p.laterality,
        p.ordering_practitioner_id, p.ordering_department_code, p.urgency, p.reexam_reason,
        p.occurred_at, p.has_time,
        p.net_amount, p.net_fund_amount,
        coalesce(p.is_fund_estimated, false) as is_fund_estimated,
        p.has_report, p.is_positive, p.is_abnormal, p.result_value, p.result_measure
    from performed_order as p
    union all
    select
        c.claim_line_id,
        false,
        c.encounter_id, c.patient_id, c.patient_key, c.institution_id,
        coalesce(c.external_institution_id, c.institution_id),
        c.item_code, c.item_name, cast(null as varchar), cast(null as varchar),
        c.ordering_practitioner_id, c.ordering_department_code, cast(null as varchar), cast(null as varchar),
        c.charged_at, c.has_time,
        c.net_amount, c.net_fund_amount,
        c.is_fund_estimated,
        r.order_id is not null,
        r.is_positive, r.is_abnormal, r.result_value, r.result_measure
    from prepared.unordered_line as l
    inner join prepared.charge as c on l.claim_line_id = c.claim_line_id
    -- the order may be missing from the extracts though both the line and the report name it
    left join prepared.order_report as r on c.order_id = r.order_id
)

-- with the family and the part by which examinations are compared
select
    d.*,
    coalesce(i.family, d.item_code) as family,
    coalesce(d.body_part, lower(i.body_part)) as part,
    date_diff('second', timestamp '1970-01-01', d.occurred_at) as at_s
from done as d
left join pack.exam_items as i
    on
        d.item_code = i.item_code
        and cast(d.occurred_at as date) >= coalesce(i.valid_from, date '0001-01-01')
        and cast(d.occurred_at as date) < coalesce(i.valid_to, date '9999-12-31')
