-- which of the diagnoses on record call for which family of examinations, and when
select distinct
    c.diagnosis_code,
    n.family,
    n.valid_from,
    n.valid_to
from (select distinct m.diagnosis_code from prepared.mention as m) as c
inner join pack.indications as n
    on n.relation = 'include' and starts_with(c.diagnosis_code, upper(n.diagnosis_prefix))
