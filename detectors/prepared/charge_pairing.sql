-- each line of an included item beside each line of its main item, charged by one institution within the pair's window
-- a session's window is the day here: how long a session may last is the question's to say
select
    f.claim_line_id,
    i.claim_line_id as index_line_id,
    -- an order stands for its lines, unless it holds both
    case when f.event_id = i.event_id then f.claim_line_id else f.event_id end as event_id,
    case when f.event_id = i.event_id then i.claim_line_id else i.event_id end as index_event_id,
    f.patient_key,
    f.on_day,
    f.net_amount,
    f.net_fund_amount,
    p.charge_window,
    p.rule_code,
    p.note,
    abs(f.at_s - i.at_s) as gap_seconds,
    f.is_hour_known and i.is_hour_known as is_hour_known,
    (f.has_time and not f.is_hour_known) or (i.has_time and not i.is_hour_known) as is_posted_at_midnight,
    case
        when f.laterality in ('L', 'R') and i.laterality in ('L', 'R') then f.laterality <> i.laterality
        when f.laterality is not null and i.laterality is not null then false
    end as is_other_side,
    f.body_part <> i.body_part as is_other_part,
    f.performed_day <> i.performed_day as is_done_on_another_day,
    abs(f.done_s - i.done_s) as done_gap_seconds
from prepared.pair_line as f
inner join pack.charge_pairs as p
    on
        f.item_code = p.included_item_code
        and date '1970-01-01' + cast(f.on_day as integer) >= coalesce(p.valid_from, date '0001-01-01')
        and date '1970-01-01' + cast(f.on_day as integer) < coalesce(p.valid_to, date '9999-12-31')
inner join prepared.pair_line as i
    on f.patient_key = i.patient_key and f.institution_id = i.institution_id and i.item_code = p.main_item_code
where
    case p.charge_window
        when 'encounter' then f.visit_id = i.visit_id
        when 'stay' then f.stay_id = i.stay_id
        when 'six_hours' then f.has_time and i.has_time and abs(f.at_s - i.at_s) < 21600
        when 'hour' then f.has_time and i.has_time and f.hour_no = i.hour_no
        else f.on_day = i.on_day
    end
