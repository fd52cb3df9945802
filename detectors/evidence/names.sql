-- words for the codes that pages show: those of the pack as last in force, and hospitals' own departments
with told as (
    select
        'family' as kind,
        f.family as code,
        f.name_en,
        f.name_zh,
        f.valid_from
    from pack.families as f
    union all
    select
        'body_part', b.body_part, b.name_en, b.name_zh, b.valid_from
    from pack.body_parts as b
    union all
    select
        'national_department', n.national_department_code, n.name_en, n.name_zh, n.valid_from
    from pack.department_names as n
),

numbered as (
    select
        t.kind,
        t.code,
        t.name_en,
        t.name_zh,
        row_number() over (partition by t.kind, t.code order by t.valid_from desc nulls last) as nth
    from told as t
),

newest as (
    select
        n.kind,
        n.code,
        n.name_en,
        n.name_zh
    from numbered as n
    where n.nth = 1
),

-- a hospital writes its department in its own words; the national name stands in for what it leaves out
own_department as (
    select
        'department' as kind,
        concat(d.institution_id, '|', d.department_code) as code,
        coalesce(n.name_en, d.department_name) as name_en,
        coalesce(d.department_name, n.name_zh) as name_zh
    from main.department as d
    left join newest as n on n.kind = 'national_department' and d.national_department_code = n.code
)

select
    w.kind,
    w.code,
    w.name_en,
    w.name_zh
from newest as w
union all
select
    o.kind,
    o.code,
    o.name_en,
    o.name_zh
from own_department as o
where o.name_zh is not null
order by kind, code
