-- charges beside the reversals that name no line, in the places where such reversals stand
with line as (
    select
        l.claim_line_id,
        l.reverses_claim_line_id,
        abs(l.quantity) as units,
        abs(l.amount) as yuan,
        abs(l.fund_amount) as fund_yuan,
        l.quantity < 0 or l.amount < 0 as is_negative,
        concat_ws('|', l.patient_id, l.institution_id, coalesce(l.encounter_id, l.claim_id), l.item_code) as place,
        coalesce(l.order_id, '') as order_id,
        case
            when (l.quantity < 0 or l.amount < 0) and not l.charged_at_has_time then 86399
            else 0
        end + date_diff('second', timestamp '1970-01-01', l.charged_at) as at_s
    from main.claim_line as l
    where not coalesce(l.voided, false) and cast(l.charged_at as date) <= $as_of
),

-- reversals without a pointer, and whether those of a place name their order
unpointed_place as (
    select
        l.place,
        max(case when l.order_id = '' then 1 else 0 end) as has_unordered
    from line as l
    where l.is_negative and l.reverses_claim_line_id is null
    group by l.place
)

select
    l.claim_line_id,
    l.is_negative,
    l.units,
    l.yuan,
    l.fund_yuan,
    l.at_s,
    concat_ws('|', l.place, case when u.has_unordered = 1 then '' else l.order_id end) as match_key
from line as l
inner join unpointed_place as u on l.place = u.place
where
    l.reverses_claim_line_id is null
    and l.claim_line_id not in (
        select p.reverses_claim_line_id
        from line as p
        where p.reverses_claim_line_id is not null
    )
