-- departments that orders and bills name, with how often
with named as (
    select
        o.institution_id,
        o.ordering_department_code as department_code
    from main.exam_order as o

    union all

    select
        coalesce(o.performing_institution_id, o.institution_id) as institution_id,
        o.performing_department_code as department_code
    from main.exam_order as o

    union all

    select
        c.institution_id,
        c.ordering_department_code as department_code
    from main.claim_line as c

    union all

    select
        coalesce(c.external_institution_id, c.institution_id) as institution_id,
        c.performing_department_code as department_code
    from main.claim_line as c
),

counted as (
    select
        n.institution_id,
        n.department_code,
        count(*) as rows_seen
    from named as n
    where n.department_code is not null
    group by n.institution_id, n.department_code
)

select
    coalesce(d.institution_id, n.institution_id) as institution_id,
    coalesce(d.department_code, n.department_code) as department_code,
    d.department_name,
    d.is_icu,
    d.is_emergency,
    coalesce(n.rows_seen, 0) as rows_seen
from main.department as d
full outer join counted as n
    on d.institution_id = n.institution_id and d.department_code = n.department_code
where d.national_department_code is null
order by institution_id, department_code
