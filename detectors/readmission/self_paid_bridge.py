"""readmission.self_paid_bridge (疑似自费过渡分解住院): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import column
from detectors.declaration import Detector, Parameter, beside
from detectors.readmission import columns
from schemas.card import Text

SELF_PAID_BRIDGE = Detector(
    id="readmission.self_paid_bridge",
    version=1,
    status="experimental",
    title=Text(en="Self-paid days between two insured stays", zh="疑似两次医保住院之间安排自费住院"),
    sentence=Text(
        en="Between two insured stays, {gap_days} days apart, stands a self-paid stay at the same institution.",
        zh="两次医保住院相隔 {gap_days} 天，其间在同一机构自费住院。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("main.encounter", "prepared.next_stay", "prepared.stay"),
    needs=(("encounter.ended_at",), ("encounter.payer",)),
    parameters=(
        Parameter(
            "pause_days",
            1,
            Text(
                en="Longest pause in calendar days between the self-paid stay and each insured one.",
                zh="自费住院与前后医保住院之间允许的最大间断日历天数。",
            ),
            unit="days",
            minimum=0,
            maximum=15,
        ),
    ),
    evidence=(
        column("gap_days", "integer", "From discharge to the next insured admission", "两次医保住院间隔", "days"),
        column("gap_before_days", "integer", "Pause before the self-paid stay", "自费住院前间断", "days"),
        column("gap_after_days", "integer", "Pause after the self-paid stay", "自费住院后间断", "days"),
        column("bridge_encounter_id", "text", "Self-paid stay", "自费住院就诊号"),
        column("bridge_started_at", "moment", "Self-paid admission", "自费入院"),
        column("bridge_ended_at", "moment", "Self-paid discharge", "自费出院"),
        column("bridge_amount", "money", "Cost of the self-paid stay", "自费住院费用", "yuan"),
        *columns.INDEX_STAY,
        column("same_diagnosis", "boolean", "Same diagnosis", "同一诊断"),
        columns.INDEX_DIAGNOSIS,
        columns.FLAGGED_DIAGNOSIS,
        columns.DISPOSITION,
    ),
    exemption_ids=(
        "planned_readmission",
        "transfer",
        "transfer_link",
        "new_acute_diagnosis",
        "newborn_or_obstetric",
        "year_end_settlement",
    ),
    innocent_explanations=(
        Text(
            en="The patient chose a treatment that the fund does not cover, and paid for those days.",
            zh="患者自愿接受医保不予支付的治疗并自付费用。",
        ),
        Text(
            en="The insurance was suspended for some days (arrears, a change of employer or place).",
            zh="参保待遇中断数日（欠费、转移接续等）。",
        ),
        Text(
            en="An injury by a third party was paid by that party until it was settled.",
            zh="第三方责任伤害，责任认定前由第三方支付。",
        ),
        Text(
            en="The payer was entered wrongly for one settlement.",
            zh="某次结算的支付方式登记有误。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance",),
    prior=(2, 2),
    question_path=beside(__file__),
)
