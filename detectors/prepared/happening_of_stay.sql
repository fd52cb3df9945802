-- what the record says about a stay itself: planned, obstetric, transferred, against advice, settled at year's end
with beside as (
    select
        s.*,
        lag(s.institution_id) over by_patient as previous_institution_id,
        lag(s.ended_at) over by_patient as previous_ended_at,
        lag(s.end_day) over by_patient as previous_end_day
    from prepared.stay as s
    window by_patient as (partition by s.patient_key order by s.start_s, s.stay_id)
),

-- pregnancy, birth and the newborn: the pack's rules of those two groups, held against the main diagnosis
birth as (
    select distinct b.stay_id
    from beside as b
    inner join pack.planned_readmission as r
        on
            r.kind = 'diagnosis' and starts_with(upper(b.main_diagnosis_code), r.pattern)
            and (starts_with(r.rule_id, 'obstetric_') or starts_with(r.rule_id, 'newborn_'))
),

told as (
    select b.*, 'planned_readmission' as kind, p.rule_id as detail
    from beside as b
    inner join prepared.planned_stay as p on b.stay_id = p.stay_id
    union all
    select b.*, 'newborn_or_obstetric', substr(b.main_diagnosis_code, 1, 3)
    from beside as b
    where b.stay_id in (select o.stay_id from birth as o)
    union all
    select b.*, 'transfer', 'discharged'
    from beside as b
    where b.discharge_disposition = 'transfer'
    union all
    select b.*, 'transfer', 'received'
    from beside as b
    where b.transfer_from_encounter_id is not null
    union all
    select b.*, 'against_advice', ''
    from beside as b
    where b.discharge_disposition = 'against_advice'
    union all
    select b.*, 'year_end_settlement', ''
    from beside as b
    where
        b.previous_institution_id = b.institution_id
        and month(b.previous_ended_at) = 12 and day(b.previous_ended_at) = 31
        and b.start_day - b.previous_end_day <= 1
)

select
    t.patient_id,
    t.patient_key,
    t.stay_id as event_id,
    t.kind,
    t.detail,
    cast(null as varchar) as family,
    case when t.detail = 'discharged' or t.kind = 'against_advice' then t.ended_at else t.started_at end as occurred_at,
    true as has_time,
    date_diff(
        'second', timestamp '1970-01-01',
        case when t.detail = 'discharged' or t.kind = 'against_advice' then t.ended_at else t.started_at end
    ) as at_s,
    date_diff(
        'second', timestamp '1970-01-01',
        case when t.detail = 'discharged' or t.kind = 'against_advice' then t.ended_at else t.started_at end
    ) as until_s
from told as t
