-- what bears on an imaging measure: diagnoses that include or exclude, therapy that went before, operations
with bearing_diagnosis as (
    select
        c.diagnosis_code,
        m.measure,
        m.role,
        m.valid_from,
        m.valid_to
    from (select distinct x.diagnosis_code from prepared.mention as x) as c
    inner join pack.imaging_measures as m
        on m.role in ('include', 'exclude') and starts_with(c.diagnosis_code, m.code_prefix)
),

bearing_item as (
    select
        c.item_code,
        m.measure,
        m.valid_from,
        m.valid_to
    from (select distinct x.item_code from prepared.charge as x) as c
    inner join pack.imaging_measures as m on m.role = 'therapy' and starts_with(c.item_code, m.code_prefix)
),

told as (
    select
        n.patient_key,
        n.visit_id,
        b.measure,
        b.role,
        cast(n.written_at as date) as on_date,
        b.valid_from,
        b.valid_to
    from prepared.mention as n
    inner join bearing_diagnosis as b on n.diagnosis_code = b.diagnosis_code
    union all
    select
        c.patient_key,
        c.encounter_id,
        b.measure,
        'therapy',
        cast(c.charged_at as date),
        b.valid_from,
        b.valid_to
    from prepared.charge as c
    inner join bearing_item as b on c.item_code = b.item_code
    where c.net_quantity > 0
    union all
    select
        h.patient_key,
        h.event_id,
        m.measure,
        'operation',
        cast(h.occurred_at as date),
        m.valid_from,
        m.valid_to
    from prepared.happening as h
    inner join pack.imaging_measures as m on m.role = 'operation' and starts_with(h.detail, m.code_prefix)
    where h.kind = 'operation'
)

select distinct
    t.patient_key,
    t.visit_id,
    t.measure,
    t.role,
    date_diff('day', date '1970-01-01', t.on_date) as on_day
from told as t
where
    t.on_date >= coalesce(t.valid_from, date '0001-01-01')
    and t.on_date < coalesce(t.valid_to, date '9999-12-31')
