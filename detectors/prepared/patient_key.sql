-- an integer for each patient that any table names; never shown, never used to break a tie
with named as (
    select p.patient_id
    from main.patient as p
    union
    select e.patient_id
    from main.encounter as e
    union
    select o.patient_id
    from main.exam_order as o
    union
    select l.patient_id
    from main.claim_line as l
)

select
    n.patient_id,
    row_number() over (order by n.patient_id) as patient_key
from named as n
