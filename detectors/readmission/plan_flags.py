"""readmission.plan_flags (疑似滥用31天再住院计划标识): plans declared that nothing on record backs."""

from __future__ import annotations

from detectors.card_parts import variant
from detectors.declaration import Detector, beside
from detectors.readmission.discharge_share import discharge_columns, discharge_parameters, discharge_share
from schemas.card import Text

PLAN_FLAGS = Detector(
    id="readmission.plan_flags",
    version=1,
    status="experimental",
    title=Text(en="31-day return plans declared too often", zh="疑似滥用31天再住院计划标识"),
    sentence=Text(
        en="{observed} of {trials} discharges declare a planned return that no purpose on record backs ({share_pct} %),"
        " peers {expected_pct} % ({peers} peers, z = {z}): the flag may hide split admissions.",
        zh="{trials}例出院中{observed}例标注31天再住院计划而无目的佐证（{share_pct}%），"
        "{peers}家同行为{expected_pct}%（z = {z}），该标识可能掩盖分解住院。",
    ),
    subject_type="institution",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.discharge",),
    needs=(("encounter.ended_at",), ("encounter.readmission_plan_31d",)),
    parameters=(
        *discharge_parameters(min_trials=100, min_odds_ratio=2.0, min_difference_pct=2),
        variant(
            "counted",
            ("unbacked", "all"),
            "specific: plans without a known purpose and without an explained return; sensitive: all plans",
            "特异：规则包未列其目的且未见有据可依之再入院的计划；敏感：全部计划",
        ),
    ),
    evidence=discharge_columns(
        Text(en="Discharges with a plan that nothing backs", zh="无佐证的再住院计划数"),
        Text(en="Discharges alive", zh="存活出院数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Purposes are written in words that the pack does not know.",
            zh="目的以规则包未收录的用语书写。",
        ),
        Text(
            en="The software fills the flag by default, or asks for it of every patient.",
            zh="系统默认勾选该标识，或对所有患者强制填写。",
        ),
        Text(
            en="A department of staged treatment (plastic surgery, orthopaedics, tumours) leaves the purpose empty.",
            zh="分期治疗科室（整形、骨科、肿瘤等）未填写目的。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("insurance", "health"),
    prior=(2, 4),
    question_path=beside(__file__),
    judge=discharge_share("plan_without_backing"),
)
"""The detector, as the catalogue registers it."""
