-- the register of institutions
select
    i.institution_id,
    i.institution_name,
    i.level,
    i.kind,
    i.ownership,
    i.region_code
from main.institution as i
order by i.institution_id
