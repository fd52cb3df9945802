-- what else is counted of a doctor's own examinations, by visit and family: costly ones, repeats, the first day's
with in_turn as (
    select
        e.event_id,
        e.until_s - lag(e.at_s) over (partition by e.series_key, e.place_id order by e.at_s, e.event_id) as gap_seconds
    from prepared.exam_event as e
    where e.retest_hours is not null and not e.is_part_unknown
),

own as (
    select
        v.visit_id,
        v.unit_no,
        e.family,
        case
            when e.modality in ('PETCT', 'PETMR', 'NM') then 1
            when e.modality = 'MR' and $high_cost in ('ct_mr_pet', 'mr_pet') then 1
            when e.modality = 'CT' and $high_cost = 'ct_mr_pet' then 1
            else 0
        end as high_cost,
        case when t.event_id is not null then 1 else 0 end as at_risk,
        case when t.gap_seconds > 0 and t.gap_seconds < e.retest_hours * 3600 then 1 else 0 end as repeats,
        case when e.on_day <= v.on_day then 1 else 0 end as is_first_day
    from work.numbered as v
    inner join prepared.exam_event as e
        on v.visit_id = e.visit_id and v.practitioner_id = coalesce(e.practitioner_id, v.practitioner_id)
    left join in_turn as t on e.event_id = t.event_id
)

select
    o.visit_id,
    o.unit_no,
    o.family,
    sum(o.high_cost) as high_cost,
    sum(o.at_risk) as at_risk,
    sum(o.repeats) as repeats,
    max(o.is_first_day) as is_first_day
from own as o
group by o.visit_id, o.unit_no, o.family
