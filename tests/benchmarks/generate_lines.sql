-- visits in the order of time; a few patients come very often -> work.visit
-- as
with drawn as (
    select
        i,
        cast(floor($patients * pow((work.draw(i, 10, 1000000007)) / 1000000007.0, 1.3)) as bigint) as patient_no,
        cast(floor($doctors * pow((work.draw(i, 11, 1000003)) / 1000003.0, 1.1)) as bigint) as doctor_no,
        work.draw(i, 12, 1000) as kind,
        timestamp '2025-01-01 00:00:00'
        + to_seconds(cast(floor(i * 31000000.0 / $visits) as bigint) // 86400 * 86400 + 28800 + work.draw(i, 13, 36000))
            as started_at
    from range($first, $last) as t(i)
),

shaped as (
    select
        d.*,
        case
            when d.kind < 800 then 'outpatient' when d.kind < 840 then 'chronic_outpatient'
            when d.kind < 900 then 'emergency' when d.kind < 920 then 'checkup' else 'inpatient'
        end as encounter_type,
        2 + work.draw(d.i, 14, 14) as days
    from drawn as d
)

select
    s.*,
    'E' || lpad(cast(s.i as varchar), 12, '0') as encounter_id,
    'p' || lpad(to_hex(hash(s.patient_no, 3)), 16, '0') as patient_id,
    'H' || lpad(cast(s.doctor_no % $institutions as varchar), 4, '0') as institution_id,
    'D' || lpad(cast(s.doctor_no as varchar), 6, '0') as doctor_id,
    'K' || lpad(cast(work.draw(s.doctor_no, 2, 30) as varchar), 2, '0') as department_code,
    ['I10', 'E11.9', 'J44.1', 'I25.1', 'N18.5', 'J18.9', 'K29.5', 'M54.5', 'C34.9', 'I63.9'][
        1 + cast(floor(10 * pow((work.draw(s.i, 15, 1009)) / 1009.0, 1.5)) as bigint)
    ] as main_code,
    -- and one doctor in a hundred orders three times as much
    case when s.doctor_no % 97 = 0 then 3 else 1 end * case s.encounter_type
        when 'inpatient' then 6 + work.draw(s.i, 16, 25) when 'emergency' then 1 + work.draw(s.i, 16, 7)
        when 'checkup' then 8 when 'chronic_outpatient' then work.draw(s.i, 16, 3) else work.draw(s.i, 16, 4)
    end as orders,
    case s.encounter_type when 'inpatient' then 10 + work.draw(s.i, 17, 30) when 'checkup' then 0 else work.draw(s.i, 17, 4) end
        as other_lines
from shaped as s;
-- visits and stays -> main.encounter
-- as
select
    v.encounter_id,
    v.patient_id,
    v.institution_id,
    v.department_code,
    v.encounter_type,
    case when v.encounter_type = 'outpatient' then ['first', 'follow_up'][1 + work.draw(v.i, 20, 2)] end as visit_kind,
    case when v.encounter_type = 'inpatient' then 'Z' || lpad(cast(v.i as varchar), 12, '0') end as case_no,
    false as is_interim,
    v.started_at,
    true as started_at_has_time,
    case when v.encounter_type = 'inpatient' then v.started_at + to_seconds(v.days * 86400) end as ended_at,
    case when v.encounter_type = 'inpatient' then true end as ended_at_has_time,
    case when v.encounter_type = 'inpatient' then ['home', 'home', 'home', 'home', 'home', 'home', 'transfer', 'died'][
        1 + work.draw(v.i, 21, 8)
    ] end as discharge_disposition,
    v.main_code as main_diagnosis_code,
    '诊断' as main_diagnosis_name,
    v.doctor_id as attending_id,
    'insured' as payer,
    case when v.encounter_type = 'inpatient' then cast(work.draw(v.i, 22, 2000000) as decimal(18, 2)) / 100 end
        as total_amount,
    case when v.encounter_type = 'inpatient' then cast(work.draw(v.i, 22, 1500000) as decimal(18, 2)) / 100 end
        as fund_amount
from work.visit as v;
-- a diagnosis or two each -> main.diagnosis
-- as
select
    v.encounter_id,
    s + 1 as sequence,
    case when s = 0 then v.main_code else ['R05', 'R07.4', 'I10', 'E78.5', 'Z02.7', 'D64.9', 'K76.0'][1 + work.draw(v.i, 23, 7)] end
        as diagnosis_code,
    '诊断' as diagnosis_name,
    v.started_at + to_seconds(s * 3600) as diagnosed_at,
    true as diagnosed_at_has_time
from work.visit as v
cross join range(2) as t(s)
where s = 0 or work.draw(v.i, 24, 2) = 0;
-- operations and transfusions of some stays -> main.procedure
-- as
select
    v.encounter_id,
    ['36.06', '47.01', '51.23', '81.54', '99.04', '80.51'][1 + work.draw(v.i, 25, 6)] as procedure_code,
    '手术' as procedure_name,
    v.started_at + to_seconds(86400 + work.draw(v.i, 26, 86400)) as performed_at,
    true as performed_at_has_time
from work.visit as v
where v.encounter_type = 'inpatient' and work.draw(v.i, 27, 3) = 0;
-- what was ordered, with the number that the rest is drawn from -> work.asked
-- as
with drawn as (
    select
        v.*,
        v.i * 128 + t.o as n,
        -- one in a hundred is an examination that a rule asks sex, age, frequency or a diagnosis for
        case
            when work.draw(v.i * 128 + t.o, 29, 100) = 0
                then $plain_items + work.draw(v.i * 128 + t.o, 28, m.items - $plain_items)
            else cast(floor($plain_items * pow(work.draw(v.i * 128 + t.o, 30, 1000003) / 1000003.0, 1.5)) as bigint)
        end as item_no,
        v.started_at + to_seconds(
            case
                when v.encounter_type = 'inpatient' then work.draw(v.i * 128 + t.o, 31, v.days * 86400)
                else work.draw(v.i * 128 + t.o, 31, 7200)
            end
        ) as ordered_at
    from work.visit as v
    cross join (select count(*) as items from work.item) as m
    cross join unnest(range(cast(v.orders as bigint))) as t(o)
)

select
    d.n,
    d.encounter_id,
    d.patient_id,
    d.institution_id,
    d.department_code,
    d.doctor_id,
    d.encounter_type,
    d.ordered_at,
    d.ordered_at + to_seconds(600 + work.draw(d.n, 32, 7200)) as performed_at,
    work.draw(d.n, 33, 100) as fate,
    i.item_code,
    i.item_name,
    i.modality,
    coalesce(i.body_part, case when i.modality in ('CT', 'MR', 'DR', 'US') then ['head', 'chest', 'abdomen'][
        1 + work.draw(d.n, 34, 3)
    ] end) as body_part,
    case when i.body_part in ('knee', 'hip', 'shoulder', 'breast') then ['L', 'R', 'B'][1 + work.draw(d.n, 35, 3)] end
        as laterality
from drawn as d
inner join work.item as i on d.item_no = i.n;
-- orders: nine in ten performed -> main.exam_order
-- as
select
    'O' || lpad(cast(a.n as varchar), 14, '0') as order_id,
    a.encounter_id,
    a.patient_id,
    a.institution_id,
    a.item_code,
    a.item_name,
    a.body_part,
    a.laterality,
    a.doctor_id as ordering_practitioner_id,
    a.department_code as ordering_department_code,
    a.ordered_at,
    true as ordered_at_has_time,
    case when a.fate >= 8 then a.performed_at end as performed_at,
    case when a.fate >= 8 then true end as performed_at_has_time,
    'K30' as performing_department_code,
    case when a.encounter_type = 'emergency' then 'emergency' else 'routine' end as urgency,
    case when a.fate = 9 then '3' end as reexam_reason,
    case when a.fate < 3 then 'cancelled' when a.fate < 4 then 'failed' when a.fate < 8 then 'ordered' else 'performed' end
        as status
from work.asked as a;
-- results of seven in ten -> main.exam_result
-- as
select
    'R' || lpad(cast(a.n as varchar), 14, '0') as report_id,
    'O' || lpad(cast(a.n as varchar), 14, '0') as order_id,
    a.patient_id,
    a.item_code,
    case when a.modality = 'LAB' then 'A1' end as analyte_code,
    a.modality,
    a.body_part,
    a.performed_at + to_seconds(3600 + work.draw(a.n, 36, 86400)) as reported_at,
    true as reported_at_has_time,
    case when a.modality <> 'LAB' then work.draw(a.n, 37, 4) = 0 end as positive,
    work.draw(a.n, 37, 4) = 0 as abnormal,
    case when a.modality = 'LAB' then cast(cast(work.draw(a.n, 38, 20000) as decimal(10, 2)) / 100 as varchar) end as value,
    case when a.modality = 'LAB' then 'mmol/L' end as unit
from work.asked as a
where a.fate >= 8 and work.draw(a.n, 39, 10) < 7;
-- charged lines before reversals: of orders, most by id and some by item and day; of drugs and beds -> work.charged
-- as
select
    'L' || lpad(cast(a.n as varchar), 14, '0') as claim_line_id,
    a.encounter_id,
    a.patient_id,
    a.institution_id,
    a.item_code,
    a.item_name,
    case when a.modality = 'LAB' then '化验费' else '检查费' end as charge_category,
    case when work.draw(a.n, 40, 10) < 8 then 'O' || lpad(cast(a.n as varchar), 14, '0') end as order_id,
    a.performed_at as charged_at,
    cast(1 as decimal(18, 4)) as quantity,
    cast(500 + work.draw(a.item_code, 41, 60000) as decimal(18, 2)) / 100 as amount,
    a.doctor_id,
    a.department_code,
    a.n
from work.asked as a
where a.fate >= 5
union all
select
    'M' || lpad(cast(v.i * 128 + t.o as varchar), 14, '0'),
    v.encounter_id,
    v.patient_id,
    v.institution_id,
    'XY' || lpad(cast(work.draw(v.i * 128 + t.o, 42, 900) as varchar), 4, '0'),
    '药品' || cast(work.draw(v.i * 128 + t.o, 42, 900) as varchar),
    ['西药费', '床位费', '治疗费', '护理费'][1 + work.draw(v.i * 128 + t.o, 43, 4)],
    null,
    v.started_at + to_seconds(work.draw(v.i * 128 + t.o, 44, case when v.encounter_type = 'inpatient' then v.days else 1 end * 28800)),
    cast(1 + work.draw(v.i * 128 + t.o, 45, 5) as decimal(18, 4)),
    cast(100 + work.draw(v.i * 128 + t.o, 46, 30000) as decimal(18, 2)) / 100,
    v.doctor_id,
    v.department_code,
    v.i * 128 + t.o
from work.visit as v
cross join unnest(range(cast(v.other_lines as bigint))) as t(o);
-- charged lines, and for one in fifty a reversal, half of which name their line -> main.claim_line
-- as
with line as (
    select c.*, cast(null as varchar) as reverses_claim_line_id
    from work.charged as c
    union all
    select
        'N' || c.claim_line_id, c.encounter_id, c.patient_id, c.institution_id, c.item_code, c.item_name,
        c.charge_category, c.order_id, c.charged_at + to_seconds(3600), -c.quantity, -c.amount, c.doctor_id,
        c.department_code, c.n, case when work.draw(c.n, 47, 2) = 0 then c.claim_line_id end
    from work.charged as c
    where work.draw(c.claim_line_id, 48, 50) = 0
)

select
    l.claim_line_id,
    'S' || substr(l.encounter_id, 2) as claim_id,
    l.encounter_id,
    l.patient_id,
    l.institution_id,
    l.item_code,
    l.item_name,
    l.charge_category,
    l.order_id,
    l.charged_at,
    true as charged_at_has_time,
    l.quantity,
    cast(l.amount / l.quantity as decimal(18, 2)) as unit_price,
    l.amount,
    l.amount as in_scope_amount,
    case when work.draw(l.claim_line_id, 49, 10) < 8 then cast(l.amount * 7 / 10 as decimal(18, 2)) end as fund_amount,
    l.doctor_id as ordering_practitioner_id,
    l.department_code as ordering_department_code,
    'K30' as performing_department_code,
    l.reverses_claim_line_id,
    false as voided
from line as l
