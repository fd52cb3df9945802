-- one row a doctor and day of orders, called off ones left out, and one a device and day of studies
with examined as (
    select
        'practitioner' as subject_type, o.institution_id, o.ordering_practitioner_id as subject_id,
        cast(null as varchar) as device_type, o.ordered_day as on_day,
        strftime(date '1970-01-01' + cast(o.ordered_day as integer), '%Y-%m') as month,
        count(*) as events, count(distinct o.patient_key) as patients, count(e.net_amount) as priced,
        cast(sum(e.net_amount) as decimal(18, 2)) as amount,
        cast(sum(e.net_fund_amount) as decimal(18, 2)) as fund_amount, true as is_judged
    from prepared.known_order as o
    left join prepared.exam_event as e on o.order_id = e.event_id
    where
        o.ordering_practitioner_id is not null and coalesce(o.status, 'ordered') <> 'cancelled'
        and o.ordered_day between $from_day and $to_day
    group by o.institution_id, o.ordering_practitioner_id, o.ordered_day
    union all
    select
        'device', d.institution_id, d.device_id, d.device_type, e.on_day,
        strftime(date '1970-01-01' + cast(e.on_day as integer), '%Y-%m'), count(*),
        count(distinct e.patient_key), count(e.net_amount), cast(sum(e.net_amount) as decimal(18, 2)),
        cast(sum(e.net_fund_amount) as decimal(18, 2)), d.device_type in ('CT', 'MR', 'PETCT', 'PETMR', 'DR', 'US')
    from prepared.exam_event as e
    inner join main.exam_order as o on e.event_id = o.order_id
    inner join main.device as d on o.device_id = d.device_id
    where e.on_day between $from_day and $to_day
    group by d.institution_id, d.device_id, d.device_type, e.on_day
),

-- the least time that one patient takes on a device of that type
timed as (
    select
        x.*,
        case x.device_type
            when 'CT' then $minutes_ct when 'MR' then $minutes_mr when 'PETCT' then $minutes_pet
            when 'PETMR' then $minutes_pet when 'DR' then $minutes_dr when 'US' then $minutes_us
        end as minutes_each
    from examined as x
    where x.is_judged
)

select
    t.subject_type, t.institution_id, t.subject_id, t.device_type, t.minutes_each,
    cast(date '1970-01-01' + cast(t.on_day as integer) as timestamp) as occurred_at,
    t.events, t.patients, t.priced, t.amount, t.fund_amount
from timed as t
where
    t.patients * t.minutes_each > $device_hours * 60
    or (t.subject_type = 'practitioner' and (t.events > $max_orders or t.patients > $max_patients))
