"""unfounded.exam_only_admission (疑似体检式住院): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import column
from detectors.declaration import Detector, Parameter, beside
from schemas.card import Text

EXAM_ONLY_ADMISSION = Detector(
    id="unfounded.exam_only_admission",
    version=1,
    status="experimental",
    title=Text(en="Short stay charged almost only for examinations", zh="疑似体检式住院、低标准入院"),
    sentence=Text(
        en="A stay of {stay_days} days was charged {stay_amount} yuan, {exam_share_pct} % of it for {exam_lines} lines "
        "of examinations.",
        zh="住院 {stay_days} 天，费用 {stay_amount} 元，其中检查检验 {exam_lines} 项、占 {exam_share_pct}%。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_38", "fund_regulation_art_40"),
    tables=("prepared.stay", "prepared.stay_charge"),
    needs=(("encounter.ended_at",), ("claim_line",)),
    parameters=(
        Parameter(
            "variant",
            "specific",
            Text(
                en="Which pair of thresholds counts: the specific one lists few and sure, the sensitive one many.",
                zh="采用的口径：特异口径少而准，敏感口径宽。",
            ),
            choices=("specific", "sensitive"),
        ),
        Parameter(
            "exam_share_pct_specific",
            90,
            Text(
                en="Least share of examinations in the cost, specific variant; a proposal.",
                zh="特异口径的检查检验费用占比下限，建议值。",
            ),
            unit="percent",
            minimum=1,
            maximum=100,
        ),
        Parameter(
            "exam_share_pct_sensitive",
            70,
            Text(
                en="Least share of examinations in the cost, sensitive variant; a proposal.",
                zh="敏感口径的检查检验费用占比下限，建议值。",
            ),
            unit="percent",
            minimum=1,
            maximum=100,
        ),
        Parameter(
            "stay_days_specific",
            3,
            Text(
                en="Longest stay in days from admission to discharge, specific variant; a proposal.",
                zh="特异口径的最长住院天数（出院日减入院日），建议值。",
            ),
            unit="days",
            minimum=0,
            maximum=60,
        ),
        Parameter(
            "stay_days_sensitive",
            7,
            Text(
                en="Longest stay in days from admission to discharge, sensitive variant; a proposal.",
                zh="敏感口径的最长住院天数（出院日减入院日），建议值。",
            ),
            unit="days",
            minimum=0,
            maximum=60,
        ),
    ),
    evidence=(
        column("variant", "text", "Variant", "口径"),
        column("stay_days", "integer", "Stay", "住院天数", "days"),
        column("stay_amount", "money", "Cost of the stay", "住院费用", "yuan"),
        column("exam_amount", "money", "Of it examinations", "其中检查检验", "yuan"),
        column("exam_share_pct", "number", "Share of examinations", "检查占比", "percent"),
        column("exam_lines", "integer", "Lines of examinations", "检查明细条数", "lines"),
        column("main_diagnosis_code", "text", "Main diagnosis", "主要诊断"),
        column("discharge_disposition", "text", "How the stay ended", "离院方式"),
    ),
    exemption_ids=(
        "operation_in_stay",
        "transfusion_in_stay",
        "diagnostic_procedure_in_stay",
        "transferred",
        "died_in_hospital",
        "new_acute_diagnosis",
        "newborn_or_obstetric",
        "against_advice",
    ),
    innocent_explanations=(
        Text(
            en="The patient was watched for a suspected acute illness that the examinations ruled out.",
            zh="因疑似急症入院观察，经检查排除。",
        ),
        Text(
            en="Treatment was settled elsewhere: drugs brought along, a package price, another payer.",
            zh="治疗费用未在本次结算（自备药、打包收费、其他支付方）。",
        ),
        Text(
            en="The examination itself needs a bed (sleep study, monitoring, preparation under supervision).",
            zh="检查本身需要住院进行（睡眠监测、持续监护、需监护的准备）。",
        ),
        Text(
            en="The patient refused or broke off the treatment that had been planned.",
            zh="患者拒绝或中断原定治疗。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="clue",
    referral_authorities=("insurance", "health"),
    prior=(2, 2),
    question_path=beside(__file__),
)
"""Day surgery is no in-patient stay, and a stay with an operation is answered by an exemption."""
