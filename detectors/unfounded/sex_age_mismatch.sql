-- which examinations were made on a patient whose sex or age the published limits of the item exclude?
with limited as (
    select i.item_code, i.sex_limit, i.min_age_days, i.max_age_days, i.valid_from, i.valid_to
    from pack.exam_items as i
    where i.sex_limit is not null or i.min_age_days is not null or i.max_age_days is not null
    union all
    select l.item_code, l.sex_limit, l.min_age_days, l.max_age_days, l.valid_from, l.valid_to
    from pack.item_limits as l
),

-- examinations that a limit in force on their day concerns (several limits are one, the narrowest), beside what the
-- register says of the patient
faced as (
    select
        x.event_id, x.institution_id, x.month, min(l.sex_limit) as sex_limit, max(l.min_age_days) as min_age_days,
        min(l.max_age_days) as max_age_days, p.sex as patient_sex,
        case
            when x.on_day >= date_diff('day', date '1970-01-01', p.birth_date)
                then x.on_day - date_diff('day', date '1970-01-01', p.birth_date)
        end as age_days
    from prepared.exam_event as x
    inner join limited as l
        on
            x.item_code = l.item_code
            and cast(x.occurred_at as date) >= coalesce(l.valid_from, date '0001-01-01')
            and cast(x.occurred_at as date) < coalesce(l.valid_to, date '9999-12-31')
    left join main.patient as p on x.patient_id = p.patient_id
    where x.on_day between $from_day and $to_day
    group by x.event_id, x.institution_id, x.month, p.sex, x.on_day, p.birth_date
),

examined as (
    select
        f.institution_id, f.month,
        (f.sex_limit is not null and coalesce(f.patient_sex, 'U') in ('M', 'F'))
        or ((f.min_age_days is not null or f.max_age_days is not null) and f.age_days is not null) as is_judged
    from faced as f
),

mismatched as (
    select
        f.*,
        f.sex_limit is not null and f.patient_sex in ('M', 'F') and f.patient_sex <> f.sex_limit as is_other_sex,
        coalesce(f.age_days > f.max_age_days, false) as is_too_old,
        coalesce(f.age_days < f.min_age_days, false) as is_too_young
    from faced as f
),

-- the patient's own diagnoses: a birth at this visit, or an illness that only the other sex can have
told as (
    select
        x.event_id,
        max(case when m.encounter_id = x.encounter_id and (
            starts_with(m.diagnosis_group, 'O') or m.diagnosis_group in ('Z37', 'Z38', 'Z39')
        ) then 1 else 0 end) as is_birth,
        max(case
            when h.sex_limit = 'M' and (
                m.diagnosis_group between 'N40' and 'N51' or m.diagnosis_group between 'C60' and 'C63'
            ) then 1
            when h.sex_limit = 'F' and (
                m.diagnosis_group between 'N70' and 'N98' or m.diagnosis_group between 'C51' and 'C58'
                or starts_with(m.diagnosis_group, 'O')
            ) then 1
            else 0
        end) as is_of_the_other_sex
    from mismatched as h
    inner join prepared.exam_event as x on h.event_id = x.event_id
    inner join prepared.mention as m on x.patient_key = m.patient_key and m.at_s <= x.until_s
    where h.is_other_sex or h.is_too_old or h.is_too_young
    group by x.event_id
)

select
    concat_ws('|', x.patient_id, x.institution_id, cast(year(x.occurred_at) as varchar)) as subject_id,
    x.institution_id, x.department_code, x.patient_id, x.practitioner_id, x.encounter_id,
    cast(null as varchar) as index_event_id, x.event_id as flagged_event_id, x.occurred_at,
    coalesce(x.net_amount, x.ceiling_amount) as amount_at_issue, x.net_fund_amount as fund_amount_at_issue,
    x.patient_key, cast(0 as bigint) as index_at_s, x.until_s as flagged_at_s,
    h.is_too_old and not h.is_other_sex and coalesce(t.is_birth, 0) = 1 as newborn_on_mothers_account,
    h.is_other_sex and coalesce(t.is_of_the_other_sex, 0) = 1 as register_contradicted,
    x.item_code, x.item_name, x.setting,
    h.patient_sex, h.sex_limit, h.age_days, h.min_age_days, h.max_age_days,
    h.is_other_sex, h.is_too_old or h.is_too_young as is_other_age, x.is_fund_estimated
from mismatched as h
inner join prepared.exam_event as x on h.event_id = x.event_id
left join told as t on h.event_id = t.event_id
where h.is_other_sex or h.is_too_old or h.is_too_young
