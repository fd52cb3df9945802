"""repeat.panel_overlap (组合内项目重复检测): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, NAMED_ITEM, column
from detectors.declaration import Detector, Parameter, beside
from schemas.card import Text

PANEL_OVERLAP = Detector(
    id="repeat.panel_overlap",
    version=1,
    status="experimental",
    title=Text(en="Single test beside a panel that contains it", zh="疑似组合项目与所含单项重复检测"),
    sentence=Text(
        en="{item_name} on the same day as {panel_item_name}, which contains it[, {gap_minutes} minutes apart].",
        zh="{item_name}与包含该项的{panel_item_name}于同日检测[，相隔 {gap_minutes} 分钟]。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15",),
    tables=("main.exam_order", "pack.panel_items", "prepared.exam_event"),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        Parameter(
            "specimen_minutes",
            60,
            Text(
                en="Where a specimen id is lacking, tests this close are taken to share one (specific). 1440 takes "
                "every test of the day (sensitive), bare dates too.",
                zh="标本号缺失时，相隔不超过该分钟数视为同一标本（特异）；"
                "1440 为同日即视为同一标本（灵敏），含无时刻者。",
            ),
            unit="minutes",
            minimum=0,
            maximum=1440,
        ),
    ),
    evidence=(
        column("gap_minutes", "integer", "Minutes between both", "两次相隔", "minutes"),
        column("is_same_specimen_id", "boolean", "Same specimen by its id", "标本号相同"),
        column("is_hour_known", "boolean", "Both hours on record", "两次时刻均有记录"),
        column("setting", "text", "Setting", "就诊类别"),
        *NAMED_ITEM,
        column("family", "text", "Item family", "项目族"),
        column("panel_item_code", "text", "Panel's item code", "组合项目编码"),
        column("panel_item_name", "text", "Panel", "组合项目"),
        column("claimed_reason", "text", "Reason claimed", "所填复查理由"),
        FUND_ESTIMATED,
    ),
    exemption_ids=("failed_index_study", "external_examination", "claimed_reason"),
    innocent_explanations=(
        Text(
            en="The single test was made on a specimen of its own whose id is not in the extracts.",
            zh="单项另取标本检测，提取数据未载标本号。",
        ),
        Text(
            en="The single test used another method than the panel, to confirm a doubtful value.",
            zh="单项采用与组合不同的方法，用于复核可疑结果。",
        ),
        Text(
            en="This laboratory's panel does not contain the analyte, unlike the usual one.",
            zh="该院组合项目的构成与通常不同，并不含此单项。",
        ),
        Text(
            en="A panel was entered by its parts as well by mistake, and only one was performed.",
            zh="误将组合与其单项同时录入，实际只做一次。",
        ),
    ),
    severity="low",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(1, 1),
    question_path=beside(__file__),
)
