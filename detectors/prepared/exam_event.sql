-- one row an examination as rules see it: pack item, series, setting, responsible doctor; same-moment doubles merged
with described as (
    select
        d.*,
        coalesce(i.family, d.item_code) as family,
        i.modality,
        coalesce(d.body_part, lower(i.body_part)) as part,
        i.item_code is not null as is_in_pack,
        i.serial_by_design,
        i.daily_maximum,
        i.reference_change_pct,
        i.recognition_days,
        case
            when e.encounter_type = 'inpatient'
                then coalesce(i.retest_hours_inpatient, $default_retest_hours)
            when e.encounter_type is not null
                then coalesce(i.retest_hours_outpatient, $default_retest_hours)
            else least(
                coalesce(i.retest_hours_inpatient, $default_retest_hours),
                coalesce(i.retest_hours_outpatient, $default_retest_hours)
            )
        end as retest_hours,
        e.encounter_type,
        e.attending_id,
        e.department_code as encounter_department_code,
        date_diff('second', timestamp '1970-01-01', d.occurred_at) as at_s,
        date_diff('day', date '1970-01-01', cast(d.occurred_at as date)) as on_day
    from prepared.exam_done as d
    left join main.encounter as e on d.encounter_id = e.encounter_id and cast(e.started_at as date) <= $as_of
    left join pack.exam_items as i
        on
            d.item_code = i.item_code
            and cast(d.occurred_at as date) >= coalesce(i.valid_from, date '0001-01-01')
            and cast(d.occurred_at as date) < coalesce(i.valid_to, date '9999-12-31')
),

-- events of one series at one known moment are one event, which carries the least id and all the money
merged as (
    select
        d.*,
        row_number() over (same_moment order by d.event_id) as place_in_merge,
        sum(d.net_amount) over same_moment as merged_amount,
        sum(d.net_fund_amount) over same_moment as merged_fund_amount
    from described as d
    window same_moment as (
        partition by
            d.patient_key, d.family, d.part, d.laterality, d.at_s,
            case when d.has_time then '' else d.event_id end
    )
),

series as (
    select
        s.*,
        row_number() over (order by s.patient_key, s.family, s.part, s.laterality) as series_key
    from (
        select distinct
            m.patient_key,
            m.family,
            m.part,
            m.laterality
        from merged as m
    ) as s
)

select
    m.event_id,
    coalesce(sp.stay_id, m.encounter_id) as visit_id,
    m.encounter_id,
    m.patient_id,
    m.patient_key,
    s.series_key,
    m.institution_id,
    m.place_id,
    m.item_code,
    m.item_name,
    m.family,
    m.modality,
    m.part as body_part,
    m.laterality,
    m.is_in_pack,
    m.serial_by_design,
    m.daily_maximum,
    m.reference_change_pct,
    m.recognition_days,
    m.retest_hours,
    m.part is null and lower(coalesce(m.modality, '')) in (
        select p.modality
        from pack.part_modality as p
    ) as is_part_unknown,
    case m.encounter_type
        when 'chronic_outpatient' then 'outpatient'
        when 'observation' then 'emergency'
        else m.encounter_type
    end as setting,
    m.ordering_practitioner_id,
    case
        when m.encounter_type = 'inpatient' then m.attending_id
        else coalesce(m.ordering_practitioner_id, m.attending_id)
    end as practitioner_id,
    coalesce(m.ordering_department_code, m.encounter_department_code) as department_code,
    m.encounter_department_code,
    m.urgency,
    m.reexam_reason,
    m.occurred_at,
    m.has_time,
    m.at_s,
    m.at_s + case when m.has_time then 0 else 86399 end as until_s,
    m.on_day,
    strftime(m.occurred_at, '%Y-%m') as month,
    concat(cast(year(m.occurred_at) as varchar), 'Q', cast(quarter(m.occurred_at) as varchar)) as quarter,
    m.merged_amount as net_amount,
    m.merged_fund_amount as net_fund_amount,
    pc.price_ceiling as ceiling_amount,
    m.is_fund_estimated,
    m.has_report,
    m.is_positive,
    m.is_abnormal,
    m.result_value,
    m.result_measure
from merged as m
inner join series as s
    on
        m.patient_key = s.patient_key
        and m.family = s.family
        and m.part is not distinct from s.part
        and m.laterality is not distinct from s.laterality
left join prepared.stay_part as sp on m.encounter_id = sp.encounter_id
left join prepared.ceiling as pc on m.event_id = pc.event_id
where m.place_in_merge = 1
