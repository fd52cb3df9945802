-- which stays and visits lie inside an in-patient stay of the same patient, each beside the stay that began last
with inside as (
    -- a stay that begins before an earlier one ended; a start on the day of discharge is no overlap (day of transfer)
    select
        i.stay_id,
        f.stay_id as event_id,
        true as is_stay,
        f.start_day as on_day,
        f.start_s as event_at_s,
        least(i.end_day, coalesce(f.end_day, i.end_day)) - f.start_day as days_inside,
        i.start_s
    from prepared.stay as i
    inner join prepared.stay as f
        on
            i.patient_key = f.patient_key
            and f.start_day < i.end_day
            and (f.start_s > i.start_s or (f.start_s = i.start_s and f.stay_id > i.stay_id))
    union all
    -- a visit on a day that lies wholly inside a stay: neither its first day nor its last
    select
        i.stay_id,
        v.visit_id as event_id,
        false as is_stay,
        v.on_day,
        date_diff('second', timestamp '1970-01-01', v.started_at) as event_at_s,
        1 as days_inside,
        i.start_s
    from prepared.stay as i
    inner join prepared.visit as v
        on i.patient_key = v.patient_key and v.on_day > i.start_day and v.on_day < i.end_day
    where v.setting <> 'inpatient'
),

ranked as (
    select
        n.*,
        row_number() over (partition by n.event_id order by n.start_s desc, n.stay_id desc) as nearness
    from inside as n
)

select
    r.stay_id,
    r.event_id,
    r.is_stay,
    r.on_day,
    r.event_at_s,
    r.days_inside
from ranked as r
where r.nearness = 1
