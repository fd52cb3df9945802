-- what may explain the examinations and stays of a patient who stands in a lead; results stand with their examination
select
    h.patient_id,
    h.occurred_at,
    h.has_time,
    h.kind,
    h.detail,
    h.event_id
from prepared.happening as h
inner join work.lead_patient as p on h.patient_id = p.patient_id
where h.kind <> 'abnormal_result'
order by h.patient_id, h.at_s, h.kind, h.event_id, h.detail
