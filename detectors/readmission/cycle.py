"""readmission.cycle (疑似分解住院): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import column
from detectors.declaration import Detector, Parameter, beside
from detectors.readmission import columns
from schemas.card import Text

CYCLE = Detector(
    id="readmission.cycle",
    version=1,
    status="experimental",
    title=Text(en="Discharge and readmission", zh="疑似分解住院（出院后短期再入院）"),
    sentence=Text(
        en="Admitted again {gap_days} days after discharge; {chain_length} stays follow one another.",
        zh="出院 {gap_days} 天后再次入院，连续 {chain_length} 次住院。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.discharge", "prepared.next_stay", "prepared.stay"),
    needs=(("encounter.ended_at",),),
    parameters=(
        Parameter(
            "window_days",
            15,
            Text(
                en="Longest gap in calendar days between discharge and admission; 15 is the window used in practice.",
                zh="出院与再入院日期之间的最大日历天数，实务常用 15 天。",
            ),
            unit="days",
            minimum=0,
            maximum=31,
        ),
    ),
    evidence=(
        column("gap_days", "integer", "Gap", "间隔天数", "days"),
        column("tier", "text", "Tier", "间隔分档", "days"),
        *columns.ALIKE,
        column("chain_length", "integer", "Stays in the chain", "连续住院次数", "stays"),
        column("chain_days", "integer", "Days of all stays in the chain", "连续住院总天数", "days"),
        column("chain_amount", "money", "Cost of all stays in the chain", "连续住院总费用", "yuan"),
        column("record_conflict", "text", "Records of a stay that conflict", "住院记录矛盾"),
        column("planned", "boolean", "31-day plan on record", "有31天再住院计划"),
        column("plan_purpose", "text", "Purpose that the plan states", "计划所载目的"),
        column("is_plan_backed", "boolean", "Plan with a purpose that explains a return", "计划目的足以说明再入院"),
        *columns.INDEX_STAY,
        column("index_days", "integer", "Length of the earlier stay", "前次住院天数", "days"),
        columns.INDEX_INSTITUTION,
        columns.INDEX_DIAGNOSIS,
        column("index_diagnosis_name", "text", "Earlier diagnosis in words", "前次主要诊断名称"),
        column("index_amount", "money", "Cost of the earlier stay", "前次住院费用", "yuan"),
        columns.DISPOSITION,
        column("flagged_ended_at", "moment", "Later discharge", "本次出院"),
        column("flagged_days", "integer", "Length of the later stay", "本次住院天数", "days"),
        columns.FLAGGED_DIAGNOSIS,
        column("flagged_diagnosis_name", "text", "Later diagnosis in words", "本次主要诊断名称"),
    ),
    exemption_ids=(
        "planned_readmission",
        "transfer",
        "transfer_link",
        "new_acute_diagnosis",
        "newborn_or_obstetric",
        "year_end_settlement",
        "against_advice",
    ),
    innocent_explanations=(
        Text(
            en="A complication or relapse after a discharge that was justified on the day.",
            zh="出院时符合标准，其后出现并发症或病情复发。",
        ),
        Text(
            en="The patient asked to leave for private reasons and came back.",
            zh="患者因个人原因要求出院后返回。",
        ),
        Text(
            en="A planned course of treatment that was not marked as planned.",
            zh="属分次治疗计划，但未登记再住院计划。",
        ),
        Text(
            en="A new illness whose code shares its first three characters with the old one.",
            zh="新发疾病，但编码前三位与前次相同。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(2, 2),
    question_path=beside(__file__),
)
