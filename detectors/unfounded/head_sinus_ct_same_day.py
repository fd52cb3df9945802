"""Departments that order CT of the sinuses together with CT of the head.

Modelled on a public measure of outpatient imaging efficiency (OP-14: simultaneous use of brain and sinus CT): a CT
of the head shows the sinuses well enough for a patient with headache.
"""

from __future__ import annotations

from detectors.card_parts import variant
from detectors.declaration import Detector, beside
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.unfounded.department_share import department_share, unjudged_departments
from schemas.card import Text

HEAD_SINUS_CT_SAME_DAY = Detector(
    id="unfounded.head_sinus_ct_same_day",
    version=1,
    status="experimental",
    title=Text(en="CT of head and sinuses on one day as a routine", zh="疑似同日头颅与鼻窦CT"),
    sentence=Text(
        en="{observed} of {trials} days with a CT of the head also had one of the sinuses ({share_pct} %), peers "
        "{expected_pct} % ({peers} departments, z = {z}): indicators consistent with superfluous "
        "scanning.",
        zh="{trials}个头颅CT检查日中{observed}个同日另做鼻窦CT（{share_pct}%），"
        "{peers}个同行科室为{expected_pct}%（z = {z}），疑似不必要的重复扫描。",
    ),
    subject_type="department",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=(
        "prepared.imaging_study",
        "prepared.imaging_context",
    ),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        *comparison_parameters(min_trials=40, min_difference_pct=10, unit="studies"),
        variant(
            "exclusions",
            ("published", "none"),
            "specific: no visits for injury, tumour or infection of the head, as published; sensitive: all visits",
            "特异：头部外伤、肿瘤、感染的就诊不计，与公布指标一致；敏感：全部计入",
        ),
    ),
    evidence=comparison_columns(
        Text(en="Days with CT of head and sinuses", zh="头颅与鼻窦CT同日数"),
        Text(en="Days with CT of the head", zh="头颅CT检查日数"),
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="Patients of an ear, nose and throat clinic have disease of both sinuses and brain in question.",
            zh="耳鼻喉科患者的鼻窦与颅内疾病均待查。",
        ),
        Text(
            en="Planning of an operation of the skull base or sinuses needs both.",
            zh="颅底或鼻窦手术规划需要两者。",
        ),
        Text(
            en="Fever or weak immunity: an infection is sought in both.",
            zh="发热或免疫低下患者需在两处寻找感染灶。",
        ),
        Text(
            en="One scan is booked as two items.",
            zh="一次扫描记账为两个项目。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=department_share("head_sinus_ct_same_day"),
    unjudged=unjudged_departments,
)
"""The detector, as the catalogue registers it."""
