-- which exemptions hold for which candidates: does a happening of the right kind stand where the rule says?
with placed as (
    select
        c.candidate_no,
        x.exemption_id,
        h.detail
    from work.candidate as c
    inner join prepared.happening as h on c.patient_key = h.patient_key
    inner join work.exemption as x on h.kind = x.happening_kind
    where
        c.flagged_day >= x.valid_from_day
        and c.flagged_day < x.valid_to_day
        -- of the same family, and of the same part where both are on record
        and (
            h.family is null
            or h.family = c.family
            or h.family = concat(c.family, '|', c.body_part)
            or (c.body_part is null and starts_with(h.family, concat(c.family, '|')))
        )
        and (
            (x.anchor = 'between' and h.until_s > c.index_at_s and h.at_s <= c.flagged_at_s)
            or (x.anchor = 'index' and h.event_id = c.index_event_id)
            or (x.anchor = 'flagged' and h.event_id = c.flagged_event_id)
        )
        -- an abnormal index result explains a repeat only where the value went beyond the reference change
        and (x.happening_kind <> 'abnormal_result' or not coalesce(c.is_change_small, false))
    union all
    -- and a value that moved by more than the reference change explains it, whatever the first one was called
    select
        c.candidate_no,
        x.exemption_id,
        '' as detail
    from work.candidate as c
    inner join work.exemption as x on x.happening_kind = 'abnormal_result'
    where
        c.is_change_large
        and c.flagged_day >= x.valid_from_day
        and c.flagged_day < x.valid_to_day
    union all
    -- any diagnosis written for the patient, new or old: at the visit itself, or in the record up to it
    select
        c.candidate_no,
        x.exemption_id,
        m.diagnosis_code as detail
    from work.candidate as c
    inner join prepared.mention as m on c.patient_key = m.patient_key
    inner join work.exemption as x on x.happening_kind = 'diagnosis'
    where
        c.flagged_day >= x.valid_from_day
        and c.flagged_day < x.valid_to_day
        and (
            (x.anchor = 'between' and m.at_s > c.index_at_s and m.at_s <= c.flagged_at_s)
            or (x.anchor = 'flagged' and (m.encounter_id = c.encounter_id or m.visit_id = c.encounter_id))
        )
),

told as (
    select
        p.candidate_no,
        p.exemption_id,
        p.detail,
        max(case when d.is_excluded then 1 else 0 end) as is_excluded,
        max(case when not d.is_excluded then 1 else 0 end) as is_included,
        max(case when x.has_include then 1 else 0 end) as has_include
    from placed as p
    inner join work.exemption as x on p.exemption_id = x.exemption_id
    left join work.exemption_detail as d
        on p.exemption_id = d.exemption_id and starts_with(p.detail, d.prefix)
    group by p.candidate_no, p.exemption_id, p.detail
)

select distinct
    t.candidate_no,
    t.exemption_id
from told as t
where t.is_excluded = 0 and (t.has_include = 0 or t.is_included = 1)
