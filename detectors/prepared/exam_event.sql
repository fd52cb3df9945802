-- one row an examination as rules see it: pack item, series, setting, responsible doctor; same-moment doubles merged
-- a number for each family, part and side in which examinations are compared
with kind as (
    select
        k.*,
        row_number() over (order by k.family, k.part, k.laterality) as kind_no
    from (select distinct d.family, d.part, d.laterality from prepared.exam_done as d) as k
)

select
    m.event_id,
    coalesce(v.visit_id, m.encounter_id) as visit_id,
    m.encounter_id, m.patient_id, m.patient_key,
    -- there are far fewer kinds than a hundred million
    m.patient_key * 100000000 + k.kind_no as series_key,
    m.institution_id, m.place_id,
    m.item_code, m.item_name, m.family, i.modality,
    m.part as body_part,
    m.laterality,
    i.item_code is not null as is_in_pack,
    i.serial_by_design, i.daily_maximum, i.reference_change_pct, i.recognition_days,
    -- where the setting is unknown, the shorter interval
    case
        when v.setting = 'inpatient' then coalesce(i.retest_hours_inpatient, $default_retest_hours)
        when v.setting is not null then coalesce(i.retest_hours_outpatient, $default_retest_hours)
        else least(
            coalesce(i.retest_hours_inpatient, $default_retest_hours),
            coalesce(i.retest_hours_outpatient, $default_retest_hours)
        )
    end as retest_hours,
    m.part is null and lower(coalesce(i.modality, '')) in (select p.modality from pack.part_modality as p)
        as is_part_unknown,
    v.setting,
    m.ordering_practitioner_id,
    case when v.setting = 'inpatient' then v.attending_id else coalesce(m.ordering_practitioner_id, v.attending_id) end
        as practitioner_id,
    coalesce(m.ordering_department_code, v.department_code) as department_code,
    v.department_code as encounter_department_code,
    m.urgency, m.reexam_reason,
    m.occurred_at, m.has_time, m.at_s,
    m.at_s + case when m.has_time then 0 else 86399 end as until_s,
    date_diff('day', date '1970-01-01', cast(m.occurred_at as date)) as on_day,
    strftime(m.occurred_at, '%Y-%m') as month,
    concat(cast(year(m.occurred_at) as varchar), 'Q', cast(quarter(m.occurred_at) as varchar)) as quarter,
    case when o.event_id is null then m.net_amount else o.net_amount end as net_amount,
    case when o.event_id is null then m.net_fund_amount else o.net_fund_amount end as net_fund_amount,
    pc.price_ceiling as ceiling_amount,
    m.is_fund_estimated,
    m.has_report, m.is_positive, m.is_abnormal, m.result_value, m.result_measure
from prepared.exam_done as m
inner join kind as k
    on m.family = k.family and m.part is not distinct from k.part and m.laterality is not distinct from k.laterality
left join prepared.encounter_context as v on m.encounter_id = v.encounter_id
left join pack.exam_items as i
    on
        m.item_code = i.item_code
        and cast(m.occurred_at as date) >= coalesce(i.valid_from, date '0001-01-01')
        and cast(m.occurred_at as date) < coalesce(i.valid_to, date '9999-12-31')
left join prepared.exam_double as o on m.event_id = o.part_id
left join prepared.ceiling as pc on m.event_id = pc.event_id
where o.event_id is null or m.event_id = o.event_id
