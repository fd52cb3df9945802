"""charging.pair_conflict (疑似重复收费：互斥项目同时计费): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, NAMED_ITEM, bounded, column
from detectors.declaration import Detector, beside
from schemas.card import Text

PAIR_CONFLICT = Detector(
    id="charging.pair_conflict",
    version=1,
    status="experimental",
    title=Text(en="Item charged beside another that contains it", zh="疑似重复收费：互斥项目同时计费"),
    sentence=Text(
        en="{item_name} was charged beside {main_item_name}, which contains it ({charge_window}).",
        zh="{item_name}与包含该项目的{main_item_name}同时计费（{charge_window}）。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_38"),
    tables=("pack.charge_pairs", "prepared.charge", "prepared.charge_pairing"),
    needs=(("claim_line",),),
    parameters=(
        bounded(
            "session_minutes",
            120,
            (1, 1439),
            "minutes",
            "Charges and examinations within this time of each other are one session; a proposal.",
            "间隔不超过该时长的收费或检查视为同一次检查，建议值。",
        ),
    ),
    evidence=(
        *NAMED_ITEM,
        column("main_item_code", "text", "Code of the item that contains it", "主项编码"),
        column("main_item_name", "text", "Item that contains it", "主项名称"),
        column("charge_window", "text", "May not be charged together in", "互斥时段"),
        column("gap_minutes", "integer", "Gap", "间隔", "minutes"),
        column("is_hour_known", "boolean", "Both hours on record", "两次时刻均有记录"),
        column("is_posted_at_midnight", "boolean", "Posted at midnight", "零点批量记账"),
        column("quantity", "number", "Quantity charged", "收费数量"),
        column("main_amount", "money", "Charged for the item that contains it", "主项金额", "yuan"),
        column("rule_code", "text", "Rule of the national library", "国家规则库代码"),
        column("note", "text", "As published", "原文备注"),
        FUND_ESTIMATED,
    ),
    exemption_ids=("bilateral", "multi_part", "separate_sessions"),
    innocent_explanations=(
        Text(
            en="Both were needed and done apart from each other, which the charges do not show.",
            zh="两项均有必要且分开实施，收费记录未体现。",
        ),
        Text(en="Charges of several days were posted on one of them.", zh="多日费用集中在一天记账。"),
        Text(
            en="The price list of the region defines the main item without the included one.",
            zh="地方价格目录中主项内涵不包含该从项。",
        ),
        Text(
            en="One of the two charges was meant to be taken back and was not.",
            zh="其中一项收费应退而未退，属操作疏漏。",
        ),
    ),
    severity="medium",
    confidence="high",
    grade="suspected",
    referral_authorities=("insurance", "market"),
    prior=(4, 2),
    question_path=beside(__file__),
)
"""What is at issue is the included item's net charge. Without a rule's code, or with a charge posted at midnight, it is
no more than a clue."""
