-- encounters in which a diagnosis was written down as suspected or still to be found out, in the pack's words
with named as (
    select
        d.encounter_id,
        d.diagnosis_name
    from main.diagnosis as d
    where d.diagnosis_name is not null
    union all
    select
        e.encounter_id,
        e.main_diagnosis_name
    from main.encounter as e
    where e.main_diagnosis_name is not null and cast(e.started_at as date) <= $as_of
)

select distinct n.encounter_id
from named as n
inner join pack.inconclusive_word as w on instr(lower(n.diagnosis_name), w.word) > 0
