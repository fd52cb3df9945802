"""readmission.overlapping_stay (疑似住院重叠（挂床、冒用）): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import column
from detectors.declaration import Detector, Parameter, beside
from schemas.card import Text

OVERLAPPING_STAY = Detector(
    id="readmission.overlapping_stay",
    version=1,
    status="experimental",
    title=Text(en="Stay or visit inside another stay", zh="疑似住院期间另有住院或就诊"),
    sentence=Text(
        en="While the patient was in hospital the record also shows {variant}, {days_inside} days inside the stay: "
        "indicators consistent with {sign}.",
        zh="住院期间另有{variant}记录，重叠 {days_inside} 天，疑似{sign}。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_40"),
    tables=("main.encounter", "prepared.charge", "prepared.overlap", "prepared.stay"),
    needs=(("encounter.ended_at",),),
    parameters=(
        Parameter(
            "visits",
            "all",
            Text(
                en="Which visits inside a stay are looked at beside stays: none, only those elsewhere, or all.",
                zh="除住院重叠外，住院期间的哪些门急诊就诊一并审查：不审查、仅他院、全部。",
            ),
            choices=("none", "elsewhere", "all"),
        ),
    ),
    evidence=(
        column("variant", "text", "Kind of overlap", "重叠类型"),
        column("sign", "text", "What it may be a sign of", "疑似情形"),
        column("encounter_type", "text", "Kind of the event inside", "重叠就诊类别"),
        column("days_inside", "integer", "Days inside the stay", "重叠天数", "days"),
        column("event_institution_id", "text", "Institution of the event inside", "重叠就诊机构"),
        column("index_institution_id", "text", "Institution of the stay", "住院机构"),
        column("index_started_at", "moment", "Admission of the stay", "住院入院时间"),
        column("index_ended_at", "moment", "Discharge of the stay", "住院出院时间"),
        column("index_amount", "money", "Cost of the stay", "住院总费用", "yuan"),
        column("index_diagnosis_code", "text", "Diagnosis of the stay", "住院主要诊断"),
        column("discharge_disposition", "text", "How the stay ended", "离院方式"),
    ),
    exemption_ids=("transfer", "transfer_link", "newborn_or_obstetric"),
    innocent_explanations=(
        Text(
            en="The in-patient hospital sent the patient there for an examination that it cannot make itself.",
            zh="住院机构无此检查条件，安排患者外出检查。",
        ),
        Text(
            en="A relative collected medicine for a chronic disease while the patient was in hospital.",
            zh="住院期间家属代取慢性病药品。",
        ),
        Text(
            en="The discharge was entered days after the patient had left.",
            zh="出院登记晚于实际离院日期。",
        ),
        Text(
            en="Mother and newborn, or two people of one family, share a card number in the extract.",
            zh="母婴或家庭成员在提取数据中共用同一编号。",
        ),
        Text(
            en="A consultation in another department was booked as an out-patient visit.",
            zh="院内会诊按门诊就诊登记。",
        ),
    ),
    severity="high",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(2, 3),
    question_path=beside(__file__),
)
