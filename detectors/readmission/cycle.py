"""readmission.cycle (疑似分解住院): the card; the question stands beside it."""

from __future__ import annotations

from detectors.declaration import Detector, Parameter, beside
from schemas.card import EvidenceColumn, Text

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
    tables=("prepared.next_stay", "prepared.stay"),
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
        EvidenceColumn(name="gap_days", type="integer", unit="days", title=Text(en="Gap", zh="间隔天数")),
        EvidenceColumn(name="tier", type="text", unit="days", title=Text(en="Tier", zh="间隔分档")),
        EvidenceColumn(
            name="same_institution", type="boolean", unit=None, title=Text(en="Same institution", zh="同一机构")
        ),
        EvidenceColumn(
            name="same_diagnosis",
            type="boolean",
            unit=None,
            title=Text(en="Same diagnosis or group", zh="同一诊断或病组"),
        ),
        EvidenceColumn(
            name="chain_length", type="integer", unit="stays", title=Text(en="Stays in the chain", zh="连续住院次数")
        ),
        EvidenceColumn(
            name="planned", type="boolean", unit=None, title=Text(en="31-day plan on record", zh="有31天再住院计划")
        ),
        EvidenceColumn(
            name="index_started_at", type="moment", unit=None, title=Text(en="Earlier admission", zh="前次入院")
        ),
        EvidenceColumn(
            name="index_ended_at", type="moment", unit=None, title=Text(en="Earlier discharge", zh="前次出院")
        ),
        EvidenceColumn(
            name="index_institution_id", type="text", unit=None, title=Text(en="Earlier institution", zh="前次机构")
        ),
        EvidenceColumn(
            name="index_diagnosis_code", type="text", unit=None, title=Text(en="Earlier diagnosis", zh="前次主要诊断")
        ),
        EvidenceColumn(
            name="flagged_diagnosis_code", type="text", unit=None, title=Text(en="Later diagnosis", zh="本次主要诊断")
        ),
        EvidenceColumn(
            name="discharge_disposition",
            type="text",
            unit=None,
            title=Text(en="How the earlier stay ended", zh="前次离院方式"),
        ),
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
