-- everything that may explain an examination or a stay, with the seconds between which it took place
-- a diagnosis is new where the patient had none of its group in the ninety days before, and its moment is on record
with in_turn as (
    select
        m.*,
        lag(m.at_s) over (
            partition by m.patient_key, m.diagnosis_group
            order by m.at_s asc, m.encounter_id asc, m.diagnosis_code asc, m.is_dated desc
        ) as previous_at_s
    from prepared.mention as m
),

failed as (
    select
        o.*,
        -- what failed was to examine that part, where it is on record
        concat_ws('|', coalesce(i.family, o.item_code), coalesce(o.body_part, lower(i.body_part))) as family_and_part,
        coalesce(o.performed_at, o.ordered_at) as failed_at
    from prepared.known_order as o
    left join pack.exam_items as i
        on
            o.item_code = i.item_code
            and cast(o.ordered_at as date) >= coalesce(i.valid_from, date '0001-01-01')
            and cast(o.ordered_at as date) < coalesce(i.valid_to, date '9999-12-31')
    where o.status in ('failed', 'cancelled')
)

select
    t.patient_id,
    t.patient_key,
    t.visit_id as event_id,
    'new_diagnosis' as kind,
    t.diagnosis_code as detail,
    cast(null as varchar) as family,
    t.written_at as occurred_at,
    true as has_time,
    t.at_s,
    t.at_s as until_s
from in_turn as t
where (t.previous_at_s is null or t.at_s - t.previous_at_s > 90 * 86400) and t.is_dated
union all
select
    f.patient_id,
    f.patient_key,
    f.order_id,
    'failed_study',
    f.item_code,
    f.family_and_part,
    f.failed_at,
    true,
    date_diff('second', timestamp '1970-01-01', f.failed_at),
    date_diff('second', timestamp '1970-01-01', f.failed_at)
from failed as f
union all
select * from prepared.happening_of_procedure
union all
select * from prepared.happening_of_event
union all
select * from prepared.happening_of_stay
union all
select * from prepared.happening_of_series
union all
select * from prepared.happening_of_report
union all
select * from prepared.happening_of_admission
