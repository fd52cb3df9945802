-- what may explain the examinations and stays of a patient who stands in a lead, and the consents that were signed;
-- results stand with their examination
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
union all
select
    c.patient_id,
    c.signed_at,
    c.signed_at_has_time,
    case when c.emergency_waiver then 'consent_waived' else 'consent' end,
    c.item_code,
    coalesce(c.order_id, c.consent_id)
from main.consent as c
inner join work.lead_patient as p on c.patient_id = p.patient_id
where c.signed_at is not null
order by patient_id, occurred_at, kind, event_id, detail
