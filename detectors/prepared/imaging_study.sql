-- one row a CT, MR or X-ray study as performed, before same-moment doubles are merged: part, contrast, who and where
with enhanced as (
    select
        i.item_code,
        m.valid_from,
        m.valid_to,
        min(m.role) as contrast
    from (select distinct x.item_code from pack.exam_items as x) as i
    inner join pack.imaging_measures as m on m.measure = 'contrast' and starts_with(i.item_code, m.code_prefix)
    group by i.item_code, m.valid_from, m.valid_to
),

study as (
    select
        d.*,
        upper(i.modality) as modality,
        cast(d.occurred_at as date) as on_date
    from prepared.exam_done as d
    inner join pack.exam_items as i
        on
            d.item_code = i.item_code
            and cast(d.occurred_at as date) >= coalesce(i.valid_from, date '0001-01-01')
            and cast(d.occurred_at as date) < coalesce(i.valid_to, date '9999-12-31')
    where upper(i.modality) in ('CT', 'MR', 'DR')
),

-- in hospital the attending answers for a study, elsewhere whoever ordered it
placed as (
    select
        s.*,
        coalesce(v.visit_id, s.encounter_id) as visit_id,
        coalesce(s.ordering_department_code, v.department_code) as department_code,
        v.setting,
        case
            when v.setting = 'inpatient' then v.attending_id
            else coalesce(s.ordering_practitioner_id, v.attending_id)
        end as practitioner_id
    from study as s
    left join prepared.encounter_context as v on s.encounter_id = v.encounter_id
)

select
    p.event_id,
    p.visit_id,
    p.patient_id,
    p.patient_key,
    p.institution_id,
    p.place_id,
    i.level,
    p.department_code,
    coalesce(d.national_department_code, p.department_code) as department_key,
    p.practitioner_id,
    p.setting,
    p.modality,
    p.part as body_part,
    x.contrast,
    p.has_report,
    p.is_positive,
    p.net_amount,
    p.net_fund_amount,
    date_diff('second', timestamp '1970-01-01', p.occurred_at) as at_s,
    date_diff('day', date '1970-01-01', p.on_date) as on_day,
    strftime(p.occurred_at, '%Y-%m') as month,
    concat(cast(year(p.occurred_at) as varchar), 'Q', cast(quarter(p.occurred_at) as varchar)) as quarter,
    year(p.occurred_at) * 4 + quarter(p.occurred_at) as quarter_number
from placed as p
left join enhanced as x
    on
        p.item_code = x.item_code
        and p.on_date >= coalesce(x.valid_from, date '0001-01-01')
        and p.on_date < coalesce(x.valid_to, date '9999-12-31')
left join main.institution as i on p.institution_id = i.institution_id
left join main.department as d on p.institution_id = d.institution_id and p.department_code = d.department_code
