-- what the reports of an order say; the value only where the order has exactly one numeric result
select
    r.order_id,
    count(*) as report_rows,
    max(case when r.positive then 1 when not r.positive then 0 end) = 1 as is_positive,
    max(case when r.abnormal then 1 when not r.abnormal then 0 end) = 1 as is_abnormal,
    case
        when count(try_cast(r.value as double)) = 1 then max(try_cast(r.value as double))
    end as result_value,
    concat_ws('|', min(r.item_code), min(r.analyte_code), lower(min(r.unit))) as result_measure
from main.exam_result as r
where r.order_id is not null and cast(r.reported_at as date) <= $as_of
group by r.order_id
