"""unfounded.no_indication (疑似无指征检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, NAMED_ITEM, column
from detectors.declaration import Detector, Parameter, beside
from schemas.card import Text

NO_INDICATION = Detector(
    id="unfounded.no_indication",
    version=1,
    status="experimental",
    title=Text(en="Examination without an indication on record", zh="疑似无指征检查"),
    sentence=Text(
        en="{item_name}: of the diagnoses of the visit ({diagnosis_count}) and those on record before it, the policy "
        "pack's table of indications names none.[ It names {excluding_diagnosis_code} as speaking against it.]",
        zh="{item_name}：本次就诊诊断（{diagnosis_count} 个）及既往记录诊断均不在策略包适应证表内。"
        "[诊断 {excluding_diagnosis_code} 列为不宜检查。]",
    ),
    subject_type="patient_episode",
    legal_basis_ids=(
        "fund_regulation_art_15",
        "doctors_law_art_23",
        "doctors_law_art_31",
        "practising_doctors_law_art_22",
    ),
    tables=(
        "main.exam_order",
        "pack.indications",
        "prepared.exam_event",
        "prepared.happening",
        "prepared.mention",
        "prepared.tentative_visit",
    ),
    needs=(("exam_order", "claim_line"), ("diagnosis", "encounter.main_diagnosis_code")),
    parameters=(
        Parameter(
            "history_days",
            365,
            Text(
                en="How long an earlier diagnosis goes on calling for the examination; a year, a proposal.",
                zh="既往诊断在多少天内仍可作为适应证，一年为建议值。",
            ),
            unit="days",
            minimum=0,
            maximum=3650,
        ),
    ),
    evidence=(
        *NAMED_ITEM,
        column("family", "text", "Item family", "项目族"),
        column("setting", "text", "Setting", "就诊类别"),
        column("diagnosis_code", "text", "A diagnosis of the visit", "就诊诊断之一"),
        column("diagnosis_count", "integer", "Diagnoses of the visit", "就诊诊断数"),
        column("excluding_diagnosis_code", "text", "Diagnosis that speaks against it", "不宜检查的诊断"),
        column("tests_so_far", "integer", "Test of the visit", "本次就诊第几次"),
        column("minimum_count", "integer", "Counts from test", "自第几次起计"),
        FUND_ESTIMATED,
    ),
    exemption_ids=("suspected_diagnosis", "preoperative_test", "stated_indication", "emergency", "icu"),
    innocent_explanations=(
        Text(
            en="The indication stands in the notes (symptoms, signs, family history) and was not coded.",
            zh="指征见于病历（症状、体征、家族史），未编码。",
        ),
        Text(
            en="The examination ruled out an illness that was therefore never written down.",
            zh="检查排除了疑诊疾病，故未下诊断。",
        ),
        Text(
            en="A drug that has to be watched calls for it, and prescriptions are not in the extracts.",
            zh="用药监测需要，但用药不在提取数据中。",
        ),
        Text(
            en="The pack's table is a proposal and may lack an indication that specialists accept.",
            zh="适应证表为建议，可能遗漏专科认可的适应证。",
        ),
    ),
    severity="low",
    confidence="low",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(2, 3),
    question_path=beside(__file__),
)
"""A visit without any diagnosis is not judged; check-ups are not asked for an indication."""
