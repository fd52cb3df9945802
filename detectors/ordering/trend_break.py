"""Doctors who from one month on order far more than they did before, though their colleagues do not.

Each doctor is held against his own past; what colleagues of the same department do in the same month is the yardstick,
so that a season, a new device or a new guideline that moves everybody is no break.
"""

from __future__ import annotations

from detectors.card_parts import bounded, column, variant
from detectors.declaration import Detector, beside
from detectors.ordering.trend_judge import judge
from detectors.statistics import card_terms
from schemas.card import Text

TREND_BREAK = Detector(
    id="ordering.trend_break",
    version=1,
    status="experimental",
    title=Text(en="Doctor orders far more from one month on", zh="疑似开单量自某月起骤增"),
    sentence=Text(
        en="From {changed_from} on {after_a_visit} examinations a visit, before {before_a_visit}: {ratio} times the "
        "own past after what colleagues did in the same months is allowed for (q {q_value}), indicators consistent "
        "with over-examination.",
        zh="自{changed_from}起次均检查{after_a_visit}项，此前为{before_a_visit}项：扣除同科室同月变化后为既往的{ratio}倍"
        "（q {q_value}），疑似过度检查。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "doctors_law_art_31", "practising_doctors_law_art_22"),
    tables=("prepared.visit", "prepared.exam_event"),
    needs=(
        ("exam_order.ordering_practitioner_id", "claim_line.ordering_practitioner_id", "encounter.attending_id"),
        ("exam_order", "claim_line"),
    ),
    parameters=(
        bounded("months", 24, (6, 120), "months", "two years hold both sides of a change", "两年可容纳变化前后"),
        bounded("min_months", 3, (1, 60), "months", "fewer are an episode, not a habit", "过短只是偶发，不成习惯"),
        bounded("min_visits", 30, (1, 1e6), "visits", "on either side; fewer are too few to judge", "前后各需达到"),
        bounded("min_ratio", 1.5, (1, 100), None, "smaller rises are ordinary variation", "较小的上升属于正常波动"),
        card_terms.Q_MAX,
        variant(
            "single_family",
            ("dropped", "told"),
            "specific: a rise of one item family alone may be a new device or code; sensitive: told, low confidence",
            "特异：仅一个项目族上升可能因新设备或新编码，不列入；敏感：列入但置信度低",
        ),
    ),
    evidence=(
        column("setting", "text", "Setting", "就诊场景"),
        card_terms.PERIOD_COLUMN,
        column("changed_from", "text", "First month after the change", "变化后首月"),
        column("visits", "integer", "Visits", "就诊次数", "visits"),
        column("observed", "integer", "Examinations after the change", "变化后检查数"),
        column("expected", "number", "Expected at the rate before", "按此前水平的预期数"),
        column("ratio", "number", "After over before, colleagues allowed for", "变化前后之比（已扣除同行变化）"),
        column("before_a_visit", "number", "Examinations a visit before", "此前次均检查数"),
        column("after_a_visit", "number", "Examinations a visit after", "此后次均检查数"),
        column("months_before", "integer", "Months before", "此前月数", "months"),
        column("months_after", "integer", "Months after", "此后月数", "months"),
        column("dispersion", "number", "Dispersion from month to month", "月间离散度"),
        column("t", "number", "t of the change", "变化的t值"),
        column("p_value", "number", "p-value, all splits paid for", "p值（已计入全部分割点）"),
        card_terms.Q_COLUMN,
        card_terms.TIER_COLUMN,
        column(
            "ratio_without_top_patient",
            "number",
            "The ratio without the patient who adds most",
            "剔除贡献最大患者后的比值",
        ),
        column("top_family", "text", "Item family that adds most", "贡献最大的项目族"),
        column("ratio_without_top_family", "number", "The ratio without that family", "剔除该项目族后的比值"),
        card_terms.QUARTERS_COLUMN,
    ),
    exemption_ids=(),
    innocent_explanations=(
        Text(
            en="The doctor took over a sub-speciality clinic, or another kind of patients, from that month on.",
            zh="医师自该月起接手亚专科门诊或另一类患者。",
        ),
        Text(
            en="Orders that were on paper, or on a colleague's account, have been entered under this name since then.",
            zh="此前为纸质或记在同事名下的医嘱，此后改记在本人名下。",
        ),
        Text(
            en="The doctor came back from leave or training, or works other hours than before.",
            zh="医师休假、进修归来，或出诊时间改变。",
        ),
        Text(
            en="Item codes were split from that month on: what was one panel is counted in parts.",
            zh="自该月起项目编码拆分，原一个组合被拆为多项计数。",
        ),
    ),
    severity="medium",
    confidence="medium",
    grade="clue",
    referral_authorities=("health", "insurance"),
    prior=(1, 2),
    question_path=beside(__file__),
    judge=judge,
)
"""The detector, as the catalogue registers it."""
