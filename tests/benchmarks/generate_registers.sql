-- institutions -> main.institution
-- as
select
    'H' || lpad(cast(i as varchar), 4, '0') as institution_id,
    '示例医院' || cast(i as varchar) as institution_name,
    ['tertiary', 'secondary', 'primary'][1 + work.draw(i, 1, 3)] as level,
    'general_hospital' as kind,
    'public' as ownership,
    '99' || lpad(cast(i % 12 as varchar), 4, '0') as region_code
from range($institutions) as t(i);
-- thirty departments each; one of them intensive care, one emergency -> main.department
-- as
select
    i.institution_id,
    'K' || lpad(cast(d as varchar), 2, '0') as department_code,
    '科室' || cast(d as varchar) as department_name,
    '03.' || lpad(cast(1 + d % 12 as varchar), 2, '0') as national_department_code,
    d = 28 as is_icu,
    d = 29 as is_emergency
from main.institution as i
cross join range(30) as t(d);
-- doctors -> main.practitioner
-- as
select
    'D' || lpad(cast(i as varchar), 6, '0') as practitioner_id,
    'H' || lpad(cast(i % $institutions as varchar), 4, '0') as institution_id,
    'K' || lpad(cast(work.draw(i, 2, 30) as varchar), 2, '0') as department_code,
    'doctor' as role,
    '主治医师' as title,
    date '2015-01-01' as valid_from
from range($doctors) as t(i);
-- patients -> main.patient
-- as
select
    'p' || lpad(to_hex(hash(i, 3)), 16, '0') as patient_id,
    ['M', 'F'][1 + work.draw(i, 4, 2)] as sex,
    date '1935-01-01' + cast(work.draw(i, 5, 32000) as integer) as birth_date,
    '310' as insurance_type,
    '99' || lpad(cast(i % 12 as varchar), 4, '0') as region_code
from range($patients) as t(i)
