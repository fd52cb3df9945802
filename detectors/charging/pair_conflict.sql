-- which charged items are contained in another item that was charged in the same hour, session, day, visit or stay?
with examined as (
    select
        c.institution_id, strftime(date '1970-01-01' + cast(c.on_day as integer), '%Y-%m') as month,
        max(case
            when p.charge_window in ('hour', 'six_hours') and not c.has_time then 0
            when p.charge_window in ('encounter', 'stay') and c.encounter_id is null then 0
            else 1
        end) = 1 as is_judged
    from prepared.charge as c
    inner join pack.charge_pairs as p on c.item_code = p.included_item_code
    where c.net_quantity > 0 and c.on_day between $from_day and $to_day
    group by c.claim_line_id, c.institution_id, c.on_day
),

-- both items charged within the window, and whether what the orders say sets them apart
paired as (
    select
        p.*, p.is_other_side as bilateral, p.is_other_part as multi_part,
        case p.charge_window
            when 'day' then p.is_done_on_another_day
            when 'hour' then p.done_gap_seconds >= 3600
            when 'six_hours' then p.done_gap_seconds >= 21600
            when 'session' then p.done_gap_seconds > $session_minutes * 60
        end as separate_sessions
    from prepared.charge_pairing as p
    where
        p.on_day between $from_day and $to_day
        and (p.charge_window <> 'session' or not p.is_hour_known or p.gap_seconds <= $session_minutes * 60)
),

-- each line once: beside a main item that nothing explains, under a published rule, nearest in time
nearest as (
    select
        p.*, coalesce(p.bilateral or p.multi_part or p.separate_sessions, false) as is_explained,
        row_number() over (
            partition by p.claim_line_id
            order by
                case when p.bilateral or p.multi_part or p.separate_sessions then 1 else 0 end,
                case when p.rule_code is null then 1 else 0 end, p.gap_seconds, p.index_line_id, p.charge_window
        ) as nearness
    from paired as p
),

-- lines of one order are one event, whose money is that of all of them
event as (
    select
        n.*, sum(n.net_amount) over (partition by n.event_id, n.is_explained) as amount,
        sum(n.net_fund_amount) over (partition by n.event_id, n.is_explained) as fund_amount,
        row_number() over (partition by n.event_id order by n.is_explained, n.gap_seconds, n.claim_line_id) as turn
    from nearest as n
    where n.nearness = 1
)

select
    concat_ws('|', f.patient_id, f.institution_id, cast(year(f.charged_at) as varchar)) as subject_id,
    f.institution_id, f.ordering_department_code as department_code, f.patient_id,
    f.ordering_practitioner_id as practitioner_id, f.encounter_id, n.index_event_id,
    n.event_id as flagged_event_id, f.charged_at as occurred_at,
    cast(n.amount as decimal(18, 2)) as amount_at_issue, cast(n.fund_amount as decimal(18, 2)) as fund_amount_at_issue,
    f.patient_key, least(f.at_s, i.at_s) as index_at_s, greatest(f.at_s, i.at_s) as flagged_at_s,
    n.bilateral, n.multi_part, n.separate_sessions,
    case when n.is_posted_at_midnight or n.rule_code is null then 'clue' else 'suspected' end as grade,
    case when n.rule_code is null then 'low' when n.is_posted_at_midnight then 'medium' else 'high' end as confidence,
    f.item_code, f.item_name, i.item_code as main_item_code, coalesce(i.item_name, i.item_code) as main_item_name,
    n.charge_window, n.is_hour_known, n.is_posted_at_midnight, n.rule_code, n.note, f.is_fund_estimated,
    case when n.is_hour_known then cast(floor(n.gap_seconds / 60.0) as bigint) end as gap_minutes,
    cast(f.net_quantity as double) as quantity, i.net_amount as main_amount
from event as n
inner join prepared.charge as f on n.claim_line_id = f.claim_line_id
inner join prepared.charge as i on n.index_line_id = i.claim_line_id
where n.turn = 1
