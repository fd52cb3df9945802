-- which examinations have no diagnosis on record that calls for them, by the pack's table of the day?
with rule as (
    select
        i.family, i.relation, i.diagnosis_prefix, coalesce(i.minimum_count, 1) as minimum_count,
        coalesce(date_diff('day', date '1970-01-01', i.valid_from), -1000000) as from_day,
        coalesce(date_diff('day', date '1970-01-01', i.valid_to), 1000000) as to_day
    from pack.indications as i
),

-- examinations of a family that has a rule on their day; check-ups are wanted without one
wanted as (
    select
        x.event_id, x.patient_key, x.visit_id, x.institution_id, x.month, x.family, x.at_s, x.until_s, x.on_day,
        count(case when i.relation = 'include' then 1 end) as indications, max(i.minimum_count) as minimum_count
    from prepared.exam_event as x
    inner join rule as i on x.family = i.family and x.on_day >= i.from_day and x.on_day < i.to_day
    where x.on_day between $from_day and $to_day and coalesce(x.setting, '') <> 'checkup'
    group by x.event_id, x.patient_key, x.visit_id, x.institution_id, x.month, x.family, x.at_s, x.until_s, x.on_day
),

-- what the diagnoses of the visit say, whenever they were written down
at_visit as (
    select
        w.event_id, min(m.diagnosis_code) as diagnosis_code, count(distinct m.diagnosis_code) as diagnosis_count,
        count(case when i.relation = 'include' then 1 end) as calls,
        min(case when i.relation = 'exclude' then m.diagnosis_code end) as excluding_diagnosis_code
    from wanted as w
    inner join prepared.mention as m on w.patient_key = m.patient_key and w.visit_id = m.visit_id
    left join rule as i
        on
            w.family = i.family and w.on_day >= i.from_day and w.on_day < i.to_day
            and starts_with(m.diagnosis_code, i.diagnosis_prefix)
    group by w.event_id
),

examined as (
    select w.institution_id, w.month, v.event_id is not null as is_judged
    from wanted as w
    left join at_visit as v on w.event_id = v.event_id
),

uncalled as (
    select w.*, v.diagnosis_code, v.diagnosis_count, v.excluding_diagnosis_code
    from wanted as w
    inner join at_visit as v on w.event_id = v.event_id
    where v.calls = 0 and (w.indications > 0 or v.excluding_diagnosis_code is not null)
),

-- a known disease calls for the test at later visits too
known as (
    select distinct u.event_id
    from uncalled as u
    inner join prepared.mention as m
        on u.patient_key = m.patient_key and m.at_s between u.at_s - $history_days * 86400 and u.until_s
    inner join rule as i
        on u.family = i.family and i.relation = 'include' and starts_with(m.diagnosis_code, i.diagnosis_prefix)
    where u.on_day >= i.from_day and u.on_day < i.to_day
),

-- how often the family was tested in the visit up to this time, and whether an operation of the visit was still to come
unexplained as (
    select
        u.event_id, u.minimum_count, u.diagnosis_code, u.diagnosis_count, u.excluding_diagnosis_code,
        count(distinct e.event_id) as tests_so_far, count(h.event_id) > 0 as is_before_operation
    from uncalled as u
    inner join prepared.exam_event as e
        on u.patient_key = e.patient_key and u.visit_id = e.visit_id and u.family = e.family and e.at_s <= u.at_s
    left join prepared.happening as h
        on u.patient_key = h.patient_key and u.visit_id = h.event_id and h.kind = 'operation' and h.until_s >= u.at_s
    where
        u.event_id not in (select k.event_id from known as k)
        and (e.at_s < u.at_s or e.event_id <= u.event_id)
    group by u.event_id, u.minimum_count, u.diagnosis_code, u.diagnosis_count, u.excluding_diagnosis_code
)

select
    concat_ws('|', x.patient_id, x.institution_id, cast(year(x.occurred_at) as varchar)) as subject_id,
    x.institution_id, x.department_code, x.patient_id, x.practitioner_id, x.encounter_id,
    cast(null as varchar) as index_event_id, x.event_id as flagged_event_id, x.occurred_at,
    coalesce(x.net_amount, x.ceiling_amount) as amount_at_issue, x.net_fund_amount as fund_amount_at_issue,
    case when c.excluding_diagnosis_code is null then 'low' else 'medium' end as confidence,
    x.patient_key, x.at_s as index_at_s, x.until_s as flagged_at_s,
    t.encounter_id is not null as suspected_diagnosis,
    c.is_before_operation and c.tests_so_far = 1 as preoperative_test,
    o.indication is not null as stated_indication,
    x.item_code, x.item_name, x.family, x.setting, c.diagnosis_code, c.diagnosis_count,
    c.excluding_diagnosis_code, c.tests_so_far, c.minimum_count, x.is_fund_estimated
from unexplained as c
inner join prepared.exam_event as x on c.event_id = x.event_id
left join prepared.tentative_visit as t on x.encounter_id = t.encounter_id
left join main.exam_order as o on x.event_id = o.order_id
where c.tests_so_far >= c.minimum_count
