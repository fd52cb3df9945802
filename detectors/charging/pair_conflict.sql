-- which charged items are contained in another item that was charged in the same hour, session, day, visit or stay?
with examined as (
    select
        c.institution_id, strftime(date '1970-01-01' + cast(c.on_day as integer), '%Y-%m') as month,
        max(case
            when p.charge_window in ('hour', 'six_hours') and not c.has_time then 0
            when p.charge_window in ('encounter', 'stay') and c.visit_id is null then 0
            else 1
        end) = 1 as is_judged
    from prepared.pair_line as c
    inner join pack.charge_pairs as p on c.item_code = p.included_item_code
    where c.on_day between $from_day and $to_day
    group by c.claim_line_id, c.institution_id, c.on_day
),

-- both items of a pair in force charged by one institution within the pair's window
paired as (
    select
        f.claim_line_id, i.claim_line_id as index_line_id, p.charge_window, p.rule_code, p.note,
        abs(f.at_s - i.at_s) as gap_seconds, f.is_hour_known and i.is_hour_known as is_hour_known,
        (f.has_time and not f.is_hour_known) or (i.has_time and not i.is_hour_known) as is_posted_at_midnight,
        case
            when f.laterality in ('L', 'R') and i.laterality in ('L', 'R') then f.laterality <> i.laterality
            when f.laterality is not null and i.laterality is not null then false
        end as bilateral,
        f.body_part <> i.body_part as multi_part,
        case p.charge_window
            when 'day' then f.performed_day <> i.performed_day
            when 'hour' then abs(f.done_s - i.done_s) >= 3600
            when 'six_hours' then abs(f.done_s - i.done_s) >= 21600
            when 'session' then abs(f.done_s - i.done_s) > $session_minutes * 60
        end as separate_sessions
    from prepared.pair_line as f
    inner join pack.charge_pairs as p
        on
            f.item_code = p.included_item_code
            and date '1970-01-01' + cast(f.on_day as integer) >= coalesce(p.valid_from, date '0001-01-01')
            and date '1970-01-01' + cast(f.on_day as integer) < coalesce(p.valid_to, date '9999-12-31')
    inner join prepared.pair_line as i
        on f.patient_key = i.patient_key and f.institution_id = i.institution_id and i.item_code = p.main_item_code
    where
        f.on_day between $from_day and $to_day
        and case p.charge_window
            when 'encounter' then f.visit_id = i.visit_id
            when 'stay' then f.stay_id = i.stay_id
            when 'six_hours' then f.has_time and i.has_time and abs(f.at_s - i.at_s) < 21600
            when 'hour' then f.has_time and i.has_time and f.hour_no = i.hour_no
            when 'session'
                then
                    f.on_day = i.on_day
                    and (abs(f.at_s - i.at_s) <= $session_minutes * 60 or not (f.is_hour_known and i.is_hour_known))
            else f.on_day = i.on_day
        end
),

-- each line once: beside a main item that nothing explains, under a published rule, nearest in time
nearest as (
    select
        p.*,
        row_number() over (
            partition by p.claim_line_id
            order by
                case when p.bilateral or p.multi_part or p.separate_sessions then 1 else 0 end,
                case when p.rule_code is null then 1 else 0 end, p.gap_seconds, p.index_line_id, p.charge_window
        ) as nearness
    from paired as p
)

select
    concat_ws('|', f.patient_id, f.institution_id, cast(year(f.charged_at) as varchar)) as subject_id,
    f.institution_id, f.ordering_department_code as department_code, f.patient_id,
    f.ordering_practitioner_id as practitioner_id, f.encounter_id, n.index_line_id as index_event_id,
    f.claim_line_id as flagged_event_id, f.charged_at as occurred_at,
    f.net_amount as amount_at_issue, f.net_fund_amount as fund_amount_at_issue,
    f.patient_key, least(f.at_s, i.at_s) as index_at_s, greatest(f.at_s, i.at_s) as flagged_at_s,
    n.bilateral, n.multi_part, n.separate_sessions,
    case when n.is_posted_at_midnight or n.rule_code is null then 'clue' else 'suspected' end as grade,
    f.item_code, f.item_name, i.item_code as main_item_code, coalesce(i.item_name, i.item_code) as main_item_name,
    n.charge_window, n.is_hour_known, n.is_posted_at_midnight, n.rule_code, n.note, f.is_fund_estimated,
    case when n.is_hour_known then cast(floor(n.gap_seconds / 60.0) as bigint) end as gap_minutes,
    cast(f.net_quantity as double) as quantity, i.net_amount as main_amount
from nearest as n
inner join prepared.charge as f on n.claim_line_id = f.claim_line_id
inner join prepared.charge as i on n.index_line_id = i.claim_line_id
where n.nearness = 1
