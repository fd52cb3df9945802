"""The judge of a doctor's own change point: who rises, and whether one patient or one item family makes the rise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from detectors.declaration import WHOSE, Value
from detectors.statistics.change_point import ChangePoint, find_rise
from detectors.statistics.expected import expected_counts, nest
from detectors.statistics.fdr import q_values
from detectors.statistics.peers import q_with_one_replaced
from detectors.statistics.telling import priced, six_digits

UNIT = ("setting", "department_key", "institution_id", "practitioner_id")
MEASURE = "trend_of_exam_events_per_visit"

PRIOR_VISITS_A_MONTH = 2.0
"""Weight of the department's rate in a month's: small, so that a month in which all colleagues rise is seen."""

ANSWER_SHAPE: dict[str, Any] = {
    **WHOSE,
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
    "confidence": pl.String,
    "ratio_without_top_patient": pl.Float64,
    "top_family": pl.String,
    "ratio_without_top_family": pl.Float64,
    "quarters": pl.List(
        pl.Struct({"quarter": pl.String, "observed": pl.Int64, "expected": pl.Float64, "visits": pl.Int64})
    ),
}
"""Columns of an answer: whose, when, how much; what makes its id; evidence."""


@dataclass(frozen=True)
class Tested:
    """One doctor's months, the best supported rise, and what is left of it without one patient or family of items.

    A rise that rests on one patient, or one family, is None or small without it.
    """

    own: pl.DataFrame
    rise: ChangePoint | None
    without_patient: ChangePoint | None
    without_family: ChangePoint | None


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors with a rise of their own; the rate of false discoveries is held within each setting.

    The rise must stand, in size and certainty, without the patient who adds most to it; and in size without the family
    of items that adds most, unless ``single_family`` is ``told``: then such a rise is of low confidence.

    Args:
        rows: the question's rows, one a doctor and month, in any order.
        parameters: the card's, resolved.

    Returns:
        One row a flagged doctor x institution x department x setting, columns ``ANSWER_SHAPE``, sorted.
    """
    tested = list(_tested(_with_exposure(rows), parameters)) if rows.height else []
    answers = []
    for setting in sorted({one.own["setting"][0] for one in tested}):
        group = [one for one in tested if one.own["setting"][0] == setting]
        p = [one.rise.p if one.rise else 1.0 for one in group]
        for at, (one, q) in enumerate(zip(group, q_values(p), strict=True)):
            least = float(parameters["min_ratio"])
            has_families = one.without_family is not None and one.without_family.ratio >= least
            if not one.rise or not all(_stands(rise, at, p, parameters) for rise in (one.rise, one.without_patient)):
                continue
            if has_families or parameters["single_family"] == "told":
                answers.append(_answer(one, one.rise, float(q), has_families, parameters))
    frame = pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row")
    return frame.sort("institution_id", "subject_id", "measure")


def _stands(rise: ChangePoint | None, at: int, p: list[float], parameters: Mapping[str, Value]) -> bool:
    """Whether the rise of the doctor at that place among ``p`` is large and sure enough."""
    if rise is None or rise.ratio < float(parameters["min_ratio"]):
        return False
    return q_with_one_replaced(p, at, rise.p) <= float(parameters["q_max"])


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


def _tested(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> Iterator[Tested]:
    """Every doctor who has a month before and after which enough was seen, with the best supported rise."""
    months, visits = int(parameters["min_months"]), int(parameters["min_visits"])
    for own in rows.partition_by("unit", maintain_order=True):
        seen, place = own["visits"].to_numpy(), np.arange(own.height)
        before = np.concatenate([[0], np.cumsum(seen)[:-1]])
        has_enough = (before >= visits) & (seen.sum() - before >= visits)
        can_split = has_enough & (place >= months) & (own.height - place >= months)
        if can_split.any():
            yield _looked_at(own, can_split)


def _looked_at(own: pl.DataFrame, can_split: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Tested:
    """One doctor's rise; the visits of the patient who is left out are left out too."""
    seen, events, exposure = (own[name].to_numpy().astype(np.float64) for name in ("visits", "events", "exposure"))
    rise = find_rise(events, exposure, can_split)
    if rise is None:
        return Tested(own, None, None, None)
    kept = np.maximum(seen - own["top_patient_visits"].to_numpy(), 0.5) / seen
    without_patient = find_rise(events - own["top_patient_events"].to_numpy(), exposure * kept, can_split)
    return Tested(
        own, rise, without_patient, find_rise(events - own["top_family_events"].to_numpy(), exposure, can_split)
    )


def _answer(
    one: Tested, rise: ChangePoint, q: float, has_families: bool, parameters: Mapping[str, Value]
) -> dict[str, Any]:
    own, first, last = one.own, one.own.row(0, named=True), int(one.own["last_month"][0])
    before, after = own[: rise.first], own[rise.first :]
    then, now = (part.sum().row(0, named=True) for part in (before, after))
    rate = then["events"] / then["exposure"]
    told = own.with_columns((pl.col("exposure") * rate).alias("expected"))
    observed, expected = int(now["events"]), now["exposure"] * rate
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
        "before_a_visit": six_digits(then["events"] / then["visits"]),
        "after_a_visit": six_digits(observed / now["visits"]),
        "months_before": before.height,
        "months_after": after.height,
        **{name: six_digits(getattr(rise, name)) for name in ("ratio", "dispersion", "t")},
        "p_value": six_digits(rise.p),
        "q_value": six_digits(q),
        "tier": "strong" if q <= 0.05 else "watch",
        "confidence": "medium" if has_families else "low",
        "ratio_without_top_patient": _ratio(one.without_patient),
        "top_family": own["top_family"].drop_nulls().max(),
        "ratio_without_top_family": _ratio(one.without_family),
        "quarters": _quarters(told),
    }


def _ratio(rise: ChangePoint | None) -> float | None:
    return six_digits(rise.ratio) if rise else None


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
