-- what an examination takes from its encounter: the visit or stay, its setting, the attending doctor, the department
select
    e.encounter_id,
    coalesce(sp.stay_id, e.encounter_id) as visit_id,
    case e.encounter_type
        when 'chronic_outpatient' then 'outpatient'
        when 'observation' then 'emergency'
        else e.encounter_type
    end as setting,
    e.attending_id,
    e.department_code
from main.encounter as e
left join prepared.stay_part as sp on e.encounter_id = sp.encounter_id
where cast(e.started_at as date) <= $as_of
