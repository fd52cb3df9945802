"""Doctors who from one month on order far more than they did before, though their colleagues do not.

Each doctor is held against his own past; what colleagues of the same department do in the same month is the yardstick,
so that a season, a new device or a new guideline that moves everybody is no break.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from detectors.card_parts import bounded, column
from detectors.declaration import Detector, Value, beside
from detectors.statistics.change_point import ChangePoint, find_rise
from detectors.statistics.expected import expected_counts, nest
from detectors.statistics.fdr import q_values
from detectors.statistics.telling import priced, six_digits
from schemas.card import Text

UNIT = ("setting", "department_key", "institution_id", "practitioner_id")
MEASURE = "trend_of_exam_events_per_visit"

PRIOR_VISITS_A_MONTH = 2.0
"""Weight of the department's rate in a month's: small, so that a month in which all colleagues rise is seen."""

ANSWER_SHAPE: dict[str, Any] = {
    "subject_id": pl.String,
    "institution_id": pl.String,
    "department_code": pl.String,
    "practitioner_id": pl.String,
    "occurred_at": pl.Datetime("us"),
    "amount_at_issue": pl.Decimal(18, 2),
    "fund_amount_at_issue": pl.Decimal(18, 2),
    "measure": pl.String,
    "family": pl.String,
    "period": pl.String,
    "setting": pl.String,
    "changed_from": pl.String,
    "visits": pl.Int64,
    "observed": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "before_a_visit": pl.Float64,
    "after_a_visit": pl.Float64,
    "months_before": pl.Int64,
    "months_after": pl.Int64,
    "dispersion": pl.Float64,
    "t": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "tier": pl.String,
    "quarters": pl.List(
        pl.Struct({"quarter": pl.String, "observed": pl.Int64, "expected": pl.Float64, "visits": pl.Int64})
    ),
}
"""Columns of an answer: whose, when, how much; what makes its id; evidence."""


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors with a rise of their own; the rate of false discoveries is held within each setting.

    Args:
        rows: the question's rows, one a doctor and month, in any order.
        parameters: the card's, resolved.

    Returns:
        One row a flagged doctor x institution x department x setting, columns ``ANSWER_SHAPE``, sorted.
    """
    tested = list(_tested(_with_exposure(rows), parameters)) if rows.height else []
    answers = []
    for setting in sorted({own["setting"][0] for own, _ in tested}):
        group = [(own, rise) for own, rise in tested if own["setting"][0] == setting]
        q = q_values([rise.p if rise else 1.0 for _, rise in group])
        answers += [
            _answer(own, rise, float(q_value), parameters)
            for (own, rise), q_value in zip(group, q, strict=True)
            if rise and rise.ratio >= float(parameters["min_ratio"]) and q_value <= float(parameters["q_max"])
        ]
    frame = pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row")
    return frame.sort("institution_id", "subject_id", "measure")


def _with_exposure(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in a fixed order, with what colleagues would have ordered in the same visits and month.

    A doctor without colleagues is held against the number of visits.
    """
    ordered = rows.sort(*UNIT, "month_number")
    unit = ordered.select(pl.struct(UNIT).rle_id().cast(pl.Int64))[:, 0].to_numpy()
    setting, department = (ordered[name].rank("dense").to_numpy().astype(np.int64) for name in UNIT[:2])
    month = ordered["month_number"].to_numpy().astype(np.int64)
    visits, events = ordered["visits"].to_numpy(), ordered["events"].to_numpy()
    by_others = expected_counts(unit, [setting, nest(setting, department), month], visits, events, PRIOR_VISITS_A_MONTH)
    exposure = np.where(by_others > 0, by_others, visits)
    return ordered.with_columns(pl.Series("unit", unit), pl.Series("exposure", exposure))


def _tested(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> Iterator[tuple[pl.DataFrame, ChangePoint | None]]:
    """Every doctor who has a month before and after which enough was seen, with the best supported rise."""
    months, visits = int(parameters["min_months"]), int(parameters["min_visits"])
    for own in rows.partition_by("unit", maintain_order=True):
        seen, place = own["visits"].to_numpy(), np.arange(own.height)
        before = np.concatenate([[0], np.cumsum(seen)[:-1]])
        has_enough = (before >= visits) & (seen.sum() - before >= visits)
        can_split = has_enough & (place >= months) & (own.height - place >= months)
        if can_split.any():
            yield own, find_rise(own["events"].to_numpy(), own["exposure"].to_numpy(), can_split)


def _answer(own: pl.DataFrame, rise: ChangePoint, q: float, parameters: Mapping[str, Value]) -> dict[str, Any]:
    before, after = own[: rise.first], own[rise.first :]
    then, now = (part.sum().row(0, named=True) for part in (before, after))
    rate = then["events"] / then["exposure"]
    told = own.with_columns((pl.col("exposure") * rate).alias("expected"))
    observed, expected = int(now["events"]), now["exposure"] * rate
    first, last = own.row(0, named=True), int(own["last_month"][0])
    return {
        **{name: first[name] for name in ("institution_id", "department_code", "practitioner_id", "setting")},
        "subject_id": first["practitioner_id"],
        "occurred_at": datetime(1970, 1, 1) + timedelta(days=int(first["last_day"])),  # noqa: DTZ001 - wall time
        "amount_at_issue": priced(observed - expected, now["amount"], now["priced"]),
        "fund_amount_at_issue": priced(observed - expected, now["fund_amount"], now["priced"]),
        "measure": f"{MEASURE}/{first['setting']}/{first['department_key']}",
        "family": "all",
        "period": f"{_month(last - int(parameters['months']) + 1)}-{_month(last)}",
        "changed_from": _month(int(after["month_number"][0])),
        "visits": then["visits"] + now["visits"],
        "observed": observed,
        "expected": six_digits(expected),
        "ratio": six_digits(rise.ratio),
        "before_a_visit": six_digits(then["events"] / then["visits"]),
        "after_a_visit": six_digits(observed / now["visits"]),
        "months_before": before.height,
        "months_after": after.height,
        "dispersion": six_digits(rise.dispersion),
        "t": six_digits(rise.t),
        "p_value": six_digits(rise.p),
        "q_value": six_digits(q),
        "tier": "strong" if q <= 0.05 else "watch",
        "quarters": _quarters(told),
    }


def _month(number: int) -> str:
    """``2025.03`` of year x 12 + month."""
    return f"{(number - 1) // 12}.{(number - 1) % 12 + 1:02d}"


def _quarters(told: pl.DataFrame) -> list[dict[str, Any]]:
    """Visits, observed and expected (at the rate before the change) of each quarter, in the order of time."""
    number = pl.col("month_number") - 1
    label = pl.format("{}Q{}", number // 12, number % 12 // 3 + 1).alias("quarter")
    grouped = told.group_by(label, maintain_order=True).agg(
        pl.col("events").sum().alias("observed"), pl.col("expected").sum(), pl.col("visits").sum()
    )
    return [row | {"expected": six_digits(row["expected"])} for row in grouped.to_dicts()]


TREND_BREAK = Detector(
    id="ordering.trend_break",
    version=1,
    status="experimental",
    title=Text(en="Doctor orders far more from one month on", zh="疑似开单量自某月起骤增"),
    sentence=Text(
        en="From {changed_from} on {after_a_visit} examinations a visit, before {before_a_visit}: {ratio} times the "
        "own past after what colleagues did in the same months is allowed for (q = {q_value}), indicators consistent "
        "with over-examination.",
        zh="自{changed_from}起次均检查{after_a_visit}项，此前为{before_a_visit}项：扣除同科室同月变化后为既往的{ratio}倍"
        "（q = {q_value}），疑似过度检查。",
    ),
    subject_type="practitioner",
    legal_basis_ids=("fund_regulation_art_15", "practising_doctors_law"),
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
        bounded(
            "q_max",
            0.05,
            (0, 1),
            None,
            "share of the list expected to be innocent; 0.20 adds the watch list",
            "名单中预期的误报比例；0.20则含观察名单",
        ),
    ),
    evidence=(
        column("setting", "text", "Setting", "就诊场景"),
        column("period", "text", "Period", "分析期间"),
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
        column("q_value", "number", "False discovery rate q", "错误发现率q值"),
        column("tier", "text", "List: strong or watch", "名单层级：强或观察"),
        column("quarters", "list", "By quarter", "分季度"),
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
