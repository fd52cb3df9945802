-- each examination and the newest earlier one of its series that another institution performed, with the longest gap
-- only series that were examined at two institutions at all
with mixed as (
    select s.series_key
    from prepared.exam_series as s
    group by s.series_key
    having min(s.place_id) <> max(s.place_id)
),

in_turn as (
    select
        s.event_id,
        s.patient_key,
        s.series_key,
        s.place_id,
        s.at_s,
        s.has_time,
        s.until_s,
        lag(s.event_id) over turn as before_id,
        lag(s.place_id) over turn as before_place_id,
        lag(s.at_s) over turn as before_at_s,
        lag(s.at_s * 2 + case when s.has_time then 1 else 0 end) over turn as before_turn
    from prepared.exam_series as s
    inner join mixed as m on s.series_key = m.series_key
    window turn as (partition by s.series_key order by s.at_s, s.has_time, s.event_id)
),

-- what stands before the first of a run at one institution is the newest elsewhere for the whole run
carried as (
    select
        t.event_id,
        t.patient_key,
        t.until_s,
        last_value(case when t.before_place_id <> t.place_id then t.before_id end ignore nulls) over run
            as index_event_id,
        last_value(case when t.before_place_id <> t.place_id then t.before_turn end ignore nulls) over run
            as index_turn,
        last_value(case when t.before_place_id <> t.place_id then t.before_at_s end ignore nulls) over run
            as index_at_s
    from in_turn as t
    window run as (
        partition by t.series_key
        order by t.at_s, t.has_time, t.event_id
        rows between unbounded preceding and current row
    )
),

-- a bilateral examination stands in several series: the newest of them all
nearest as (
    select
        c.event_id,
        c.patient_key,
        c.index_event_id,
        c.until_s - c.index_at_s as gap_seconds,
        row_number() over (partition by c.event_id order by c.index_turn desc, c.index_event_id desc) as nearness
    from carried as c
    where c.index_event_id is not null
)

select
    n.event_id,
    n.patient_key,
    n.index_event_id,
    n.gap_seconds
from nearest as n
where n.nearness = 1
