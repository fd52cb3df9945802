-- a sample of what a practitioner ordered, drawn by the hash of an order's number and by nothing else
-- departments as they are compared, by the code that a finding bears
with own_department as (
    select distinct
        u.subject_id,
        u.institution_id,
        u.setting,
        u.first_quarter,
        u.last_quarter,
        coalesce(v.national_department_code, v.department_code, '') as department_key
    from work.compared_unit as u
    inner join prepared.visit as v
        on
            u.subject_id = v.practitioner_id
            and u.institution_id = v.institution_id
            and u.setting = v.setting
            and u.department_code is not distinct from v.department_code
),

-- the visits in which he was compared; findings by several measures rest on the same ones
compared_visit as (
    select distinct
        d.subject_id,
        v.visit_id,
        v.diagnosis_group
    from own_department as d
    inner join prepared.visit as v
        on
            d.subject_id = v.practitioner_id
            and d.institution_id = v.institution_id
            and d.setting = v.setting
            and d.department_key = coalesce(v.national_department_code, v.department_code, '')
    where v.quarter between d.first_quarter and d.last_quarter
),

ordered as (
    select
        v.subject_id,
        f.turn,
        f.lines,
        v.diagnosis_group,
        x.event_id,
        x.family,
        row_number() over (partition by v.subject_id, x.family order by md5(x.event_id), x.event_id) as place,
        count(*) over (partition by v.subject_id, x.family) as drawn_from
    from compared_visit as v
    inner join prepared.exam_event as x
        on v.visit_id = x.visit_id and v.subject_id = coalesce(x.practitioner_id, v.subject_id)
    inner join work.drawn_family as f on v.subject_id = f.subject_id and x.family = f.family
)

select
    d.subject_id,
    d.turn,
    d.family,
    d.place,
    d.drawn_from,
    d.event_id,
    x.patient_id,
    x.item_code,
    x.item_name,
    x.body_part,
    x.laterality,
    d.diagnosis_group,
    x.occurred_at,
    x.has_time,
    case when x.has_report then coalesce(x.is_abnormal, false) or coalesce(x.is_positive, false) end as is_abnormal,
    cast(x.net_amount as decimal(18, 2)) as net_amount,
    case when o.order_id is null then 'claim_line' else 'exam_order' end as table_name,
    coalesce(o.batch_id, c.batch_id) as batch_id,
    coalesce(o.source_file, c.source_file) as source_file,
    coalesce(o.source_row, c.source_row) as source_row
from ordered as d
inner join prepared.exam_event as x on d.event_id = x.event_id
left join main.exam_order as o on d.event_id = o.order_id
left join main.claim_line as c on d.event_id = c.claim_line_id
where d.place <= d.lines
order by d.subject_id, d.turn, d.place
