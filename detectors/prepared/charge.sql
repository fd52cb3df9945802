-- every charged line net of what reversed it; money in yuan; the fund's part is estimated where the line has none
with mapped as (
    select
        l.*,
        k.patient_key,
        coalesce(own.item_code, common.item_code, l.item_code) as pack_item_code,
        case
            when coalesce(l.voided, false) then l.quantity
            else coalesce(r.reversed_quantity, 0)
        end as undone_quantity,
        case when coalesce(l.voided, false) then l.amount else coalesce(r.reversed_amount, 0) end as undone_amount,
        coalesce(r.reversed_fund_amount, 0) as undone_fund_amount,
        f.fund_amount as estimated_fund_amount
    from main.claim_line as l
    inner join prepared.patient_key as k on l.patient_id = k.patient_id
    left join pack.item_map as own
        on
            l.item_code = own.local_item_code
            and l.institution_id = own.institution_id
            and cast(l.charged_at as date) >= coalesce(own.valid_from, date '0001-01-01')
            and cast(l.charged_at as date) < coalesce(own.valid_to, date '9999-12-31')
    left join pack.item_map as common
        on
            l.item_code = common.local_item_code
            and common.institution_id is null
            and cast(l.charged_at as date) >= coalesce(common.valid_from, date '0001-01-01')
            and cast(l.charged_at as date) < coalesce(common.valid_to, date '9999-12-31')
    left join prepared.line_reversal as r on l.claim_line_id = r.claim_line_id
    left join prepared.line_fund as f on l.claim_line_id = f.claim_line_id
    where
        l.reverses_claim_line_id is null and l.quantity >= 0 and l.amount >= 0
        and cast(l.charged_at as date) <= $as_of
)

select
    m.claim_line_id,
    m.encounter_id,
    m.patient_id,
    m.patient_key,
    m.institution_id,
    m.external_institution_id,
    m.item_code as local_item_code,
    m.pack_item_code as item_code,
    m.item_name,
    m.charge_category,
    m.order_id,
    m.ordering_practitioner_id,
    m.ordering_department_code,
    m.performing_department_code,
    m.charged_at,
    m.charged_at_has_time as has_time,
    date_diff('second', timestamp '1970-01-01', m.charged_at) as at_s,
    date_diff('day', date '1970-01-01', cast(m.charged_at as date)) as on_day,
    m.quantity - least(m.undone_quantity, m.quantity) as net_quantity,
    case
        when m.undone_quantity >= m.quantity then cast(0 as decimal(18, 2))
        else m.amount - least(m.undone_amount, m.amount)
    end as net_amount,
    case
        when m.fund_amount is null then m.estimated_fund_amount
        when m.undone_quantity >= m.quantity then cast(0 as decimal(18, 2))
        else m.fund_amount - least(m.undone_fund_amount, m.fund_amount)
    end as net_fund_amount,
    m.fund_amount is null and m.estimated_fund_amount is not null as is_fund_estimated
from mapped as m
