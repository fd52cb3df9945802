-- which charged quantities of an examination go beyond the published limit for a day, a period or a course?
with examined as (
    select
        d.institution_id, true as is_judged,
        strftime(date '1970-01-01' + cast(d.on_day as integer), '%Y-%m') as month
    from prepared.limited_day as d
    where d.on_day between $from_day and $to_day
),

-- the limit counts at one institution, or wherever the patient was; a long pause begins a new course
in_turn as (
    select
        d.*,
        case when $counted_at = 'everywhere' then '' else d.institution_id end as place,
        lag(d.on_day) over by_time as previous_day, lag(d.claim_line_id) over by_time as previous_line_id,
        case when d.on_day - lag(d.on_day) over by_time <= $course_gap_days then 0 else 1 end as begins
    from prepared.limited_day as d
    window by_time as (
        partition by d.patient_key, d.item_code, case when $counted_at = 'everywhere' then '' else d.institution_id end
        order by d.at_s, d.claim_line_id
    )
),

numbered as (
    select
        i.*,
        sum(i.begins) over (partition by i.patient_key, i.item_code, i.place order by i.at_s, i.claim_line_id) as no
    from in_turn as i
),

-- what counts by each day: the quantity of the period that ends with it, or the days since its course began
counted as (
    select
        d.claim_line_id, f.limit_kind, f.period_days, f.maximum_quantity, f.quantity_unit, f.rule_code,
        min(b.on_day) as first_day,
        case when f.limit_kind = 'course' then max(d.on_day - b.on_day) + 1 else sum(b.quantity) end as counted_quantity
    from numbered as d
    inner join pack.frequency_limits as f
        on
            d.item_code = f.item_code
            and date '1970-01-01' + cast(d.on_day as integer) >= coalesce(f.valid_from, date '0001-01-01')
            and date '1970-01-01' + cast(d.on_day as integer) < coalesce(f.valid_to, date '9999-12-31')
    inner join numbered as b
        on
            d.patient_key = b.patient_key and d.item_code = b.item_code and d.place = b.place and b.at_s <= d.at_s
            and (b.no = d.no or f.limit_kind is distinct from 'course')
            and (b.on_day > d.on_day - f.period_days or f.limit_kind = 'course')
    where d.on_day between $from_day and $to_day
    group by d.claim_line_id, f.limit_kind, f.period_days, f.maximum_quantity, f.quantity_unit, f.rule_code
),

-- what is too much: of a day or period the units above the limit, of a course all that the day was charged
beyond as (
    select
        k.*, n.previous_day, n.on_day, n.quantity, n.amount, n.fund_amount, n.family,
        case
            when k.limit_kind = 'course' or k.counted_quantity - k.maximum_quantity >= n.quantity then 1.0
            else cast(k.counted_quantity - k.maximum_quantity as double) / n.quantity
        end as excess_share,
        case
            when n.first_line_id <> n.claim_line_id then n.first_line_id
            when n.previous_day > n.on_day - k.period_days then n.previous_line_id
        end as index_line_id
    from counted as k
    inner join numbered as n on k.claim_line_id = n.claim_line_id
    where k.counted_quantity > k.maximum_quantity
)

select
    concat_ws('|', c.patient_id, c.institution_id, cast(year(c.charged_at) as varchar)) as subject_id,
    c.institution_id, c.ordering_department_code as department_code, c.patient_id,
    c.ordering_practitioner_id as practitioner_id, c.encounter_id,
    coalesce(oi.order_id, b.index_line_id) as index_event_id,
    coalesce(oc.order_id, b.claim_line_id) as flagged_event_id, c.charged_at as occurred_at,
    cast(round(b.amount * b.excess_share, 2) as decimal(18, 2)) as amount_at_issue,
    cast(round(b.fund_amount * b.excess_share, 2) as decimal(18, 2)) as fund_amount_at_issue,
    c.patient_key, b.first_day * 86400 - 1 as index_at_s, b.on_day * 86400 + 86399 as flagged_at_s,
    -- charges of several days posted on one: no more than the limit for the days since the item was last charged
    b.period_days = 1 and s.start_day is not null and b.quantity <= b.maximum_quantity
    * (b.on_day - greatest(coalesce(b.previous_day, s.start_day - 1), s.start_day - 1)) as posted_for_several_days,
    b.family, c.item_code, c.item_name, coalesce(b.limit_kind, 'period') as limit_kind,
    cast(b.counted_quantity as double) as counted_quantity, cast(b.maximum_quantity as double) as maximum_quantity,
    round(b.quantity * b.excess_share, 4) as excess_quantity, b.quantity_unit, b.period_days, b.rule_code,
    c.is_fund_estimated
from beyond as b
inner join prepared.charge as c on b.claim_line_id = c.claim_line_id
left join prepared.order_charge as oc on b.claim_line_id = oc.claim_line_id
left join prepared.order_charge as oi on b.index_line_id = oi.claim_line_id
left join prepared.stay_part as sp on c.encounter_id = sp.encounter_id
left join prepared.stay as s on sp.stay_id = s.stay_id
