"""repeat.same_institution (本机构重复检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, column
from detectors.declaration import Detector, Parameter, beside
from detectors.repeat.columns import CHANGE, GAP, ITEM, RECORD, REPEAT_EXEMPTIONS
from schemas.card import Text

SAME_INSTITUTION = Detector(
    id="repeat.same_institution",
    version=1,
    status="experimental",
    title=Text(en="Repeat examination at the same institution", zh="疑似同一机构重复检查"),
    sentence=Text(
        en="{item_name} again after {gap_hours} hours at the same institution; the item's interval is "
        "{interval_hours} hours.",
        zh="同一机构 {gap_hours} 小时后再次行{item_name}，该项目间隔标准为 {interval_hours} 小时。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "mutual_recognition_art_17", "mutual_recognition_art_19"),
    tables=("prepared.exam_event", "prepared.exam_series"),
    needs=(("exam_order", "claim_line"),),
    parameters=(
        Parameter(
            "interval_scale_pct",
            100,
            Text(
                en="Stretches or shrinks every item's own interval; 100 takes the pack's intervals as they stand.",
                zh="统一放宽或收紧各项目间隔，100 即按策略包原值。",
            ),
            unit="percent",
            minimum=1,
            maximum=1000,
        ),
    ),
    evidence=(
        *GAP,
        column("interval_hours", "number", "Interval of the item", "项目间隔标准", "hours"),
        *ITEM,
        column("index_item_code", "text", "Earlier item code", "涉及项编码"),
        *RECORD,
        *CHANGE,
        FUND_ESTIMATED,
    ),
    exemption_ids=REPEAT_EXEMPTIONS,
    innocent_explanations=(
        Text(
            en="The patient's condition changed in a way that the extracts do not show (notes, vital signs).",
            zh="病情变化记录在病历或体征中，提取数据未能体现。",
        ),
        Text(
            en="The first images or specimen could not be used and the failure was not recorded.",
            zh="首次影像或标本不合格，但未作失败登记。",
        ),
        Text(
            en="A treatment in between (drug, line, drain) called for a check and is not in the extracts.",
            zh="其间的治疗（用药、置管、引流）需要复查，但不在提取数据中。",
        ),
        Text(
            en="The order was charged twice by mistake and performed once.",
            zh="仅执行一次，属重复计费而非重复检查。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance", "health"),
    prior=(3, 2),
    question_path=beside(__file__),
)
