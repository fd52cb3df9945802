-- stays that were planned: the one before announced them with a known purpose, or a diagnosis or procedure is a plan
with beside as (
    select
        s.stay_id,
        s.start_day,
        lag(s.is_readmission_planned) over by_patient as was_planned,
        lag(s.readmission_plan_purpose) over by_patient as planned_purpose,
        lag(s.end_day) over by_patient as previous_end_day
    from prepared.stay as s
    window by_patient as (partition by s.patient_key order by s.start_s, s.stay_id)
)

select
    b.stay_id,
    r.rule_id
from beside as b
inner join pack.planned_readmission as r
    on
        r.kind = 'purpose' and b.was_planned
        and b.start_day - b.previous_end_day <= 31
        and instr(lower(b.planned_purpose), lower(r.pattern)) > 0
union
select
    m.visit_id,
    r.rule_id
from prepared.mention as m
inner join pack.planned_readmission as r
    on r.kind = 'diagnosis' and starts_with(m.diagnosis_code, r.pattern)
where m.is_dated
union
select
    sp.stay_id,
    r.rule_id
from main.procedure as p
inner join prepared.stay_part as sp on p.encounter_id = sp.encounter_id
inner join pack.planned_readmission as r
    on r.kind = 'procedure' and starts_with(p.procedure_code, r.pattern)
where p.performed_at is null or cast(p.performed_at as date) <= $as_of
