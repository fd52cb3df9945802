"""readmission.institution_rate (疑似再入院率异常): institutions whose patients come back far more often than peers'."""

from __future__ import annotations

from detectors.card_parts import bounded, variant
from detectors.declaration import Detector, beside
from detectors.readmission.discharge_share import discharge_columns, discharge_parameters, discharge_share
from schemas.card import Text

INSTITUTION_RATE = Detector(
    id="readmission.institution_rate",
    version=1,
    status="experimental",
    title=Text(en="Readmissions far above peers", zh="疑似机构再入院率异常偏高"),
    sentence=Text(
        en="{observed} of {trials} discharges were followed by another admission soon after; {expected} expected with "
        "the same mix of cases (ratio {ratio}, z = {z}, {peers} peers): indicators consistent with split admissions.",
        zh="{trials}例出院中{observed}例短期内再入院，相同病例组合下预期{expected}例"
        "（比值{ratio}，z = {z}，同行{peers}家），疑似分解住院。",
    ),
    subject_type="institution",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("prepared.discharge",),
    needs=(("encounter.ended_at",),),
    parameters=(
        *discharge_parameters(min_trials=100, min_odds_ratio=1.5, min_difference_pct=2),
        bounded(
            "window_days",
            15,
            (0, 31),
            "days",
            "the window used in practice; discharges later than this before the data's end are left out",
            "实务常用15天；距数据末日不足该天数的出院不计入",
        ),
        variant(
            "returns",
            ("same_institution", "anywhere"),
            "specific: returns to the same institution, as split admission is; sensitive: returns anywhere",
            "特异：仅计返回同一机构（分解住院之所指）；敏感：返回任何机构均计入",
        ),
    ),
    evidence=discharge_columns(
        Text(en="Discharges followed by a return", zh="短期再入院数"), Text(en="Discharges", zh="出院数")
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="A centre for courses of treatment (tumours, dialysis, rehabilitation) whose plans were not marked.",
            zh="肿瘤、透析、康复等疗程治疗中心，未登记再住院计划。",
        ),
        Text(
            en="Patients are sicker or poorer than their diagnosis shows, and live far from out-patient care.",
            zh="患者病情或经济状况较诊断所示更差，且缺乏就近门诊。",
        ),
        Text(
            en="The only hospital of its area: returns that elsewhere go to others come back to it.",
            zh="为当地唯一医院，他处分散的再入院均回到该院。",
        ),
        Text(
            en="Interim settlements were sent as stays of their own, without their mark.",
            zh="中途结算被作为独立住院上报且未标注。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="clue",
    referral_authorities=("insurance", "health"),
    prior=(2, 3),
    question_path=beside(__file__),
    judge=discharge_share("readmitted_soon"),
)
"""The detector, as the catalogue registers it."""
