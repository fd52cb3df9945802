-- which in-patient encounters are parts of one stay: interim claims are merged, abutting stays are not
with inpatient as (
    select
        e.encounter_id,
        k.patient_key,
        e.institution_id,
        e.case_no,
        coalesce(e.is_interim, false) as is_interim,
        e.started_at,
        date_diff('day', date '1970-01-01', cast(e.started_at as date)) as start_day,
        case
            when cast(e.ended_at as date) >= cast(e.started_at as date)
                then date_diff('day', date '1970-01-01', cast(e.ended_at as date))
        end as end_day
    from main.encounter as e
    inner join prepared.patient_key as k on e.patient_id = k.patient_id
    where e.encounter_type = 'inpatient' and cast(e.started_at as date) <= $as_of
),

-- each part beside the one before and the one after it, at the same institution
neighboured as (
    select
        i.*,
        lag(i.started_at) over at_one_place as previous_started_at,
        lag(i.end_day) over at_one_place as previous_end_day,
        lag(i.encounter_id) over at_one_place as previous_id,
        lag(i.is_interim) over at_one_place as was_previous_interim,
        lead(i.start_day) over at_one_place as next_start_day,
        case when i.case_no is not null then lag(i.encounter_id) over with_one_case_no end as previous_of_case
    from inpatient as i
    window
        at_one_place as (partition by i.patient_key, i.institution_id order by i.started_at, i.encounter_id),
        with_one_case_no as (
            partition by i.patient_key, i.institution_id, i.case_no
            order by i.started_at, i.encounter_id
        )
),

-- a part goes on where an interim claim, one start or one case number ties it to the part before
judged as (
    select
        n.*,
        case
            when n.started_at = n.previous_started_at then 0
            when n.previous_of_case = n.previous_id then 0
            when n.previous_of_case is not null then 1
            when n.was_previous_interim and n.start_day <= coalesce(n.previous_end_day, n.start_day) + 1 then 0
            when
                n.is_interim and n.start_day <= n.previous_end_day + 1
                and (n.next_start_day is null or n.next_start_day > n.end_day + 1)
                then 0
            else 1
        end as begins_stay
    from neighboured as n
),

numbered as (
    select
        j.*,
        sum(j.begins_stay) over (partition by j.patient_key, j.institution_id order by j.started_at, j.encounter_id)
            as ordinal
    from judged as j
),

-- parts of one case number belong to the stay in which the case began
anchored as (
    select
        n.*,
        case
            when n.case_no is null then n.ordinal
            else min(n.ordinal) over (partition by n.patient_key, n.institution_id, n.case_no)
        end as case_ordinal
    from numbered as n
),

-- and so do the parts that are tied to one of them
gathered as (
    select
        a.*,
        min(a.case_ordinal) over (partition by a.patient_key, a.institution_id, a.ordinal) as stay_ordinal
    from anchored as a
)

select
    g.encounter_id,
    g.patient_key,
    first_value(g.encounter_id) over (
        partition by g.patient_key, g.institution_id, g.stay_ordinal
        order by g.started_at, g.encounter_id
    ) as stay_id
from gathered as g
