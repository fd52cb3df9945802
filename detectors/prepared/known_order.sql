-- orders as known on the as-of date, under the pack's item codes
-- the pack's codes are those in force on the day of the examination; where that is not on record, of the order
with dated as (
    select
        d.*,
        cast(
            case when cast(d.performed_at as date) <= $as_of then d.performed_at else d.ordered_at end as date
        ) as exam_date
    from main.exam_order as d
    where cast(d.ordered_at as date) <= $as_of
)

select
    o.order_id,
    o.encounter_id,
    o.patient_id,
    k.patient_key,
    o.institution_id,
    o.performing_institution_id,
    o.item_code as local_item_code,
    coalesce(own.item_code, common.item_code, o.item_code) as item_code,
    o.item_name,
    lower(trim(o.body_part)) as body_part,
    o.laterality,
    o.ordering_practitioner_id,
    o.ordering_department_code,
    o.performing_department_code,
    o.urgency,
    o.reexam_reason,
    case
        when o.status = 'performed' and cast(o.performed_at as date) > $as_of then 'ordered' else o.status
    end as status,
    o.ordered_at,
    o.ordered_at_has_time,
    case when cast(o.performed_at as date) <= $as_of then o.performed_at end as performed_at,
    o.performed_at_has_time,
    date_diff('day', date '1970-01-01', cast(o.ordered_at as date)) as ordered_day,
    date_diff('day', date '1970-01-01', cast(o.performed_at as date)) as performed_day
from dated as o
inner join prepared.patient_key as k on o.patient_id = k.patient_id
left join pack.item_map as own
    on
        o.item_code = own.local_item_code
        and o.institution_id = own.institution_id
        and o.exam_date >= coalesce(own.valid_from, date '0001-01-01')
        and o.exam_date < coalesce(own.valid_to, date '9999-12-31')
left join pack.item_map as common
    on
        o.item_code = common.local_item_code
        and common.institution_id is null
        and o.exam_date >= coalesce(common.valid_from, date '0001-01-01')
        and o.exam_date < coalesce(common.valid_to, date '9999-12-31')
