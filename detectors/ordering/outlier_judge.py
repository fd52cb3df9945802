"""The judge of outliers in ordering: who stands out in size, in certainty, over time and without the top patient."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

from detectors.declaration import WHOSE, Value
from detectors.ordering.all_measures import opinions_on
from detectors.ordering.closer_look import Counts, Tested, counts_of, is_persistent, look_closer
from detectors.ordering.measured import MEASURES
from detectors.ordering.outlier_evidence import SHAPE, evidence_of, told_in
from detectors.ordering.peer_comparison import Comparison, Member, compare
from detectors.statistics.telling import period_label, priced

ANSWER_SHAPE: dict[str, Any] = {
    **WHOSE,
    "money_counted_in": pl.String,
    **SHAPE,
}
"""Columns of an answer: whose, when, how much; what makes its id (with ``period``); evidence."""


def judge_outliers(
    rows: pl.DataFrame, parameters: Mapping[str, Value], min_difference_pct: float = 0.0
) -> pl.DataFrame:
    """Doctors, or departments as a whole where rows name no doctor, that stand apart from their peers.

    Flagged by each measure on its own where O/E >= ``min_ratio`` (shares: and the difference reaches
    ``min_difference_pct`` points), q <= ``q_max`` among all units of the peer group by that measure, the excess returns
    in ``persistent_quarters`` quarters, and O/E >= ``min_ratio`` still holds without the most examined patient; enough
    data and peers are conditions of being compared at all.

    Args:
        rows: the last step's rows, in any order.
        parameters: the card's, resolved.
        min_difference_pct: of shares, the least difference from what peers' share would be.

    Returns:
        One row a flagged unit ((doctor x) institution x department x setting) and measure, columns ``ANSWER_SHAPE``,
        sorted.
    """
    counts = counts_of(rows)
    if counts.units.is_empty():
        return pl.DataFrame(schema=ANSWER_SHAPE)
    comparisons = [compare(measure, counts.units, counts.of(measure).quarters, parameters) for measure in MEASURES]
    flagged = [
        (tested, comparison)
        for comparison in comparisons
        for tested in _flagged(comparison, counts.of(comparison.measure), parameters, min_difference_pct)
    ]
    opinions = opinions_on([(tested.member, comparison) for tested, comparison in flagged], comparisons)
    stated: dict[int, str] = {}
    answers = [
        {**_answer(tested, comparison, counts, parameters, stated), "second_opinion": opinion}
        for (tested, comparison), opinion in zip(flagged, opinions, strict=True)
    ]
    return pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row").sort("institution_id", "subject_id", "measure")


def _flagged(
    comparison: Comparison, counts: Counts, parameters: Mapping[str, Value], min_difference_pct: float
) -> list[Tested]:
    far_out = (one for one in comparison.members if _is_far_out(one, parameters, min_difference_pct))
    tested = (look_closer(comparison, counts, one) for one in far_out)
    return [one for one in tested if _holds(one, parameters)]


def _is_far_out(member: Member, parameters: Mapping[str, Value], min_difference_pct: float) -> bool:
    """Whether a member passes on size and certainty over the whole period."""
    standing, at = member.standing, member.position
    is_far = standing.ratio[at] >= float(parameters["min_ratio"]) and standing.q[at] <= float(parameters["q_max"])
    if standing.trials is None:
        return bool(is_far)
    difference = (standing.observed[at] - standing.expected[at]) / standing.trials[at]
    return bool(is_far and 100 * difference >= min_difference_pct)


def _holds(tested: Tested, parameters: Mapping[str, Value]) -> bool:
    """Whether the excess lasts over time and does not rest on one patient."""
    rerun = tested.rerun
    rests_on_many = rerun["expected"] > 0 and rerun["observed"] >= float(parameters["min_ratio"]) * rerun["expected"]
    return is_persistent(tested.quarters, parameters) and rests_on_many


def _answer(
    tested: Tested,
    comparison: Comparison,
    counts: Counts,
    parameters: Mapping[str, Value],
    stated: dict[int, str],
) -> dict[str, Any]:
    """One answer; ``stated`` remembers by which measure a unit's money has been stated already."""
    member, measure = tested.member, comparison.measure
    unit = comparison.units.row(member.unit, named=True)
    last_day, last_quarter = int(unit["last_day"]), int(unit["last_quarter"])
    counted_in = stated.get(unit["unit_no"])
    money = (None, None) if counted_in else _money(tested, comparison, unit)
    if money[0] is not None:
        stated[unit["unit_no"]] = measure.name
    period = period_label(last_quarter, int(parameters["quarters"]))
    return {
        "subject_id": unit["practitioner_id"] or f"{unit['institution_id']}|{unit['department_code']}",
        "institution_id": unit["institution_id"],
        "department_code": unit["department_code"],
        "practitioner_id": unit["practitioner_id"],
        "occurred_at": datetime(1970, 1, 1) + timedelta(days=last_day),  # noqa: DTZ001 - local wall time
        "amount_at_issue": money[0],
        "fund_amount_at_issue": money[1],
        "measure": f"{measure.id}/{unit['setting']}/{unit['department_key']}",
        "family": "all",
        "money_counted_in": counted_in,
        **evidence_of(tested, comparison, counts, period, by_size=parameters["null"] == "by_size"),
    }


def _money(tested: Tested, comparison: Comparison, unit: Mapping[str, Any]) -> tuple[Decimal | None, Decimal | None]:
    """Yuan of the excess, and the fund's part of it, at the unit's mean price; of bundles there is no price."""
    standing, at = tested.member.standing, tested.member.position
    excess = float(standing.observed[at] - standing.expected[at]) * told_in(comparison, tested.member)
    amount, fund = unit["amount"], unit["fund_amount"]
    if comparison.measure.name == "first_day_bundle" or not amount:
        return None, None
    if comparison.measure.kind != "money":
        return priced(excess, amount, unit["priced"]), priced(excess, fund, unit["priced"])
    yuan = Decimal(f"{excess:.2f}")
    return yuan, None if fund is None else round(yuan * fund / amount, 2)
