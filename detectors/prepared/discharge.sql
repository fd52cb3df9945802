-- one row a stay whose end is on record, with what followed: what shares of discharges are counted from
-- 31-day plans whose purpose the pack knows
with backed as (
    select distinct s.stay_id
    from prepared.stay as s
    inner join pack.planned_readmission as r
        on r.kind = 'purpose' and instr(lower(s.readmission_plan_purpose), lower(r.pattern)) > 0
    where s.is_readmission_planned
),

-- stays that the record itself explains: a known plan, birth, a transfer, a settlement at the end of the year
explained as (
    select distinct h.event_id as stay_id
    from prepared.happening_of_stay as h
    where
        h.kind in ('planned_readmission', 'newborn_or_obstetric', 'year_end_settlement')
        or (h.kind = 'transfer' and h.detail = 'received')
)

select
    s.stay_id,
    s.patient_id,
    s.patient_key,
    s.institution_id,
    i.level,
    concat(
        coalesce(upper(substr(s.main_diagnosis_code, 1, 3)), 'unknown'),
        case when year(s.started_at) - year(p.birth_date) >= 65 then ' × 65+' else ' × <65' end
    ) as stratum,
    s.end_day,
    s.end_day - s.start_day as length_days,
    strftime(s.ended_at, '%Y-%m') as month,
    concat(cast(year(s.ended_at) as varchar), 'Q', cast(quarter(s.ended_at) as varchar)) as quarter,
    year(s.ended_at) * 4 + quarter(s.ended_at) as quarter_number,
    coalesce(s.discharge_disposition, 'other') as disposition,
    coalesce(e.payer, 'insured') as payer,
    s.is_readmission_planned as has_plan,
    b.stay_id is not null as has_backed_plan,
    s.net_amount,
    s.net_fund_amount,
    n.gap_days,
    n.is_same_institution as is_next_here,
    x.stay_id is not null as is_next_explained,
    f.net_amount as next_amount,
    f.net_fund_amount as next_fund_amount
from prepared.stay as s
inner join main.encounter as e on s.stay_id = e.encounter_id
left join main.institution as i on s.institution_id = i.institution_id
left join main.patient as p on s.patient_id = p.patient_id
left join backed as b on s.stay_id = b.stay_id
left join prepared.next_stay as n on s.stay_id = n.stay_id
left join prepared.stay as f on n.next_stay_id = f.stay_id
left join explained as x on n.next_stay_id = x.stay_id
where s.end_day is not null
