-- what a patient was charged on a day, net, of an item with a published frequency limit; its last line stands for it
with limited as (
    select distinct f.item_code from pack.frequency_limits as f
),

line as (
    select
        c.claim_line_id,
        c.patient_key,
        c.institution_id,
        c.item_code,
        coalesce(i.family, c.item_code) as family,
        c.on_day,
        c.at_s,
        c.net_quantity,
        c.net_amount,
        c.net_fund_amount
    from prepared.charge as c
    inner join limited as l on c.item_code = l.item_code
    left join pack.exam_items as i
        on
            c.item_code = i.item_code
            and cast(c.charged_at as date) >= coalesce(i.valid_from, date '0001-01-01')
            and cast(c.charged_at as date) < coalesce(i.valid_to, date '9999-12-31')
    where c.net_quantity > 0
),

in_turn as (
    select
        l.*,
        sum(l.net_quantity) over one_day as quantity,
        sum(l.net_amount) over one_day as amount,
        sum(l.net_fund_amount) over one_day as fund_amount,
        first_value(l.claim_line_id) over (
            partition by l.patient_key, l.item_code, l.institution_id, l.on_day
            order by l.at_s, l.claim_line_id
        ) as first_line_id,
        row_number() over (
            partition by l.patient_key, l.item_code, l.institution_id, l.on_day
            order by l.at_s desc, l.claim_line_id desc
        ) as from_last
    from line as l
    window one_day as (partition by l.patient_key, l.item_code, l.institution_id, l.on_day)
)

select
    t.claim_line_id,
    t.first_line_id,
    t.patient_key,
    t.institution_id,
    t.item_code,
    t.family,
    t.on_day,
    t.at_s,
    t.quantity,
    t.amount,
    t.fund_amount
from in_turn as t
where t.from_last = 1
