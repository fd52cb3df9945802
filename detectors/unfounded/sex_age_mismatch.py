"""unfounded.sex_age_mismatch (疑似性别年龄不符检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, NAMED_ITEM, column
from detectors.declaration import Detector, beside
from schemas.card import Text

SEX_AGE_MISMATCH = Detector(
    id="unfounded.sex_age_mismatch",
    version=1,
    status="experimental",
    title=Text(en="Examination that the patient's sex or age excludes", zh="疑似检查项目与患者性别或年龄不符"),
    sentence=Text(
        en="{item_name} does not fit the patient as registered."
        "[ Sex: limited to {sex_limit}, registered {patient_sex}.]"
        "[ Age: {min_age_days} days at least, registered {age_days} days.]"
        "[ Age: {max_age_days} days at most, registered {age_days} days.]",
        zh="{item_name}与患者登记信息不符。[限定性别{sex_limit}，登记性别{patient_sex}。]"
        "[日龄下限 {min_age_days} 天，登记日龄 {age_days} 天。][日龄上限 {max_age_days} 天，登记日龄 {age_days} 天。]",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_38"),
    tables=("pack.exam_items", "pack.item_limits", "main.patient", "prepared.exam_event", "prepared.mention"),
    needs=(("exam_order", "claim_line"), ("patient.sex", "patient.birth_date")),
    parameters=(),
    evidence=(
        *NAMED_ITEM,
        column("setting", "text", "Setting", "就诊类别"),
        column("patient_sex", "text", "Sex in the register", "登记性别"),
        column("sex_limit", "text", "Sex of the item", "限定性别"),
        column("age_days", "integer", "Age at the examination", "检查时日龄", "days"),
        column("min_age_days", "integer", "Youngest age", "最小日龄", "days"),
        column("max_age_days", "integer", "Oldest age", "最大日龄", "days"),
        column("is_other_sex", "boolean", "Sex differs", "性别不符"),
        column("is_other_age", "boolean", "Age out of bounds", "年龄不符"),
        FUND_ESTIMATED,
    ),
    exemption_ids=("newborn_on_mothers_account", "sex_development", "partner_of_couple", "register_contradicted"),
    innocent_explanations=(
        Text(
            en="The sex or the birth date in the register is wrong; the card number or the paper record tells.",
            zh="登记的性别或出生日期有误，可核对证件号码或病历。",
        ),
        Text(
            en="A newborn without an account of its own was examined on the mother's.",
            zh="新生儿尚无本人账户，检查记在母亲名下。",
        ),
        Text(
            en="The partner's test was put on the account of the couple's other half.",
            zh="夫妻一方的检查误记在另一方名下。",
        ),
        Text(en="The item was picked by mistake from a list of like names.", zh="录入时误选名称相近的项目。"),
    ),
    severity="medium",
    confidence="high",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(4, 2),
    question_path=beside(__file__),
)
"""Limits come from the pack: of items in exam_items.csv, of other examinations in item_limits.csv."""
