"""unfounded.frequency_limit (疑似超限定频次检查): the card; the question stands beside it."""

from __future__ import annotations

from detectors.card_parts import FUND_ESTIMATED, NAMED_ITEM, column
from detectors.declaration import Detector, Parameter, beside
from schemas.card import Text

FREQUENCY_LIMIT = Detector(
    id="unfounded.frequency_limit",
    version=1,
    status="experimental",
    title=Text(en="Examination charged beyond its frequency limit", zh="疑似检查超过限定频次"),
    sentence=Text(
        en="{item_name}: {counted_quantity}[ {quantity_unit}] counted; the limit is "
        "{maximum_quantity}[ {quantity_unit}] in {period_days} day(s).",
        zh="{item_name}：累计 {counted_quantity}[ {quantity_unit}]，限额为 {period_days} 天内 "
        "{maximum_quantity}[ {quantity_unit}]。",
    ),
    subject_type="patient_episode",
    legal_basis_ids=("fund_regulation_art_15", "fund_regulation_art_38"),
    tables=(
        "pack.frequency_limits",
        "prepared.charge",
        "prepared.limited_day",
        "prepared.order_charge",
        "prepared.stay",
        "prepared.stay_part",
    ),
    needs=(("claim_line",),),
    parameters=(
        Parameter(
            "counted_at",
            "institution",
            Text(
                en="Whether the limit counts the charges of each institution alone (specific, the default) or of all "
                "together (sensitive).",
                zh="按单一机构计数（特异口径，默认）或跨机构合并计数（敏感口径）。",
            ),
            choices=("institution", "everywhere"),
        ),
        Parameter(
            "course_gap_days",
            180,
            Text(
                en="A pause longer than this begins a new course of treatment; half a year, a proposal.",
                zh="间隔超过该天数视为新的疗程，半年为建议值。",
            ),
            unit="days",
            minimum=1,
            maximum=3650,
        ),
    ),
    evidence=(
        *NAMED_ITEM,
        column("family", "text", "Item family", "项目族"),
        column("limit_kind", "text", "Kind of limit", "限额类别"),
        column("counted_quantity", "number", "Counted", "累计数量"),
        column("maximum_quantity", "number", "Limit", "限额"),
        column("excess_quantity", "number", "Too many", "超出数量"),
        column("quantity_unit", "text", "Unit", "计量单位"),
        column("period_days", "integer", "Period", "周期", "days"),
        column("rule_code", "text", "Rule of the national library", "国家规则库代码"),
        FUND_ESTIMATED,
    ),
    exemption_ids=("posted_for_several_days", "failed_study_between", "icu", "claimed_reason"),
    innocent_explanations=(
        Text(
            en="Charges of several days were posted on one of them.",
            zh="多日费用集中在一天记账。",
        ),
        Text(
            en="The item's unit at this hospital differs from the published one (hours, times, days).",
            zh="该机构计价单位与公布单位不同（小时、次、日）。",
        ),
        Text(
            en="The first specimen could not be used and its charge was not taken back.",
            zh="首次标本不合格而重做，原费用未退。",
        ),
        Text(en="A regional list allows more than the national one.", zh="地方目录的限额高于国家公布的限额。"),
    ),
    severity="medium",
    confidence="medium",
    grade="suspected",
    referral_authorities=("insurance",),
    prior=(3, 2),
    question_path=beside(__file__),
)
"""What is at issue is the excess's share of the day's net charge; of a course, all that was charged after its end."""
