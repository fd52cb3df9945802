"""The judge of outliers in ordering: who stands out in size, in certainty, over time and without the top patient."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from detectors.declaration import Value
from detectors.ordering.outlier_evidence import SHAPE, Tested, counts_of, evidence_of, is_persistent, look_closer
from detectors.ordering.peer_comparison import Comparison, Member, compare
from detectors.statistics.telling import period_label, priced

MEASURE = "exam_events_per_visit"

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
    **SHAPE,
}
"""Columns of an answer: whose, when, how much; what makes its id (with ``period``); evidence."""


def judge_outliers(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Doctors, or departments as a whole where rows name no doctor, that stand apart from their peers.

    Flagged where O/E >= ``min_ratio``, q <= ``q_max``, the excess returns in ``persistent_quarters`` quarters, and
    O/E >= ``min_ratio`` still holds without the most examined patient; enough data and peers are conditions of being
    compared at all.

    Args:
        rows: the question's rows, in any order.
        parameters: the card's, resolved.

    Returns:
        One row a flagged unit ((doctor x) institution x department x setting), columns ``ANSWER_SHAPE``, sorted.
    """
    counts = counts_of(rows)
    if counts.units.is_empty():
        return pl.DataFrame(schema=ANSWER_SHAPE)
    comparison = compare(counts.units, counts.quarters, parameters)
    period = period_label(int(counts.units["last_quarter"][0]), int(parameters["quarters"]))
    ended = datetime(1970, 1, 1) + timedelta(days=int(counts.units["last_day"][0]))  # noqa: DTZ001 - local wall time
    tested = (look_closer(comparison, counts, member) for member in _far_out(comparison, parameters))
    answers = [
        {**_whose(one, comparison, ended), **evidence_of(one, comparison, counts, period)}
        for one in tested
        if _holds(one, parameters)
    ]
    return pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row").sort("institution_id", "subject_id", "measure")


def _far_out(comparison: Comparison, parameters: Mapping[str, Value]) -> list[Member]:
    """Those who pass on size and certainty over the whole period."""
    return [
        member
        for member in comparison.members
        if member.standing.ratio[member.position] >= float(parameters["min_ratio"])
        and member.standing.q[member.position] <= float(parameters["q_max"])
    ]


def _holds(tested: Tested, parameters: Mapping[str, Value]) -> bool:
    """Whether the excess lasts over time and does not rest on one patient."""
    rerun = tested.rerun
    rests_on_many = rerun["expected"] > 0 and rerun["observed"] >= float(parameters["min_ratio"]) * rerun["expected"]
    return is_persistent(tested.quarters, parameters) and rests_on_many


def _whose(tested: Tested, comparison: Comparison, ended: datetime) -> dict[str, Any]:
    member = tested.member
    unit = comparison.units.row(member.unit, named=True)
    excess = unit["events"] - float(member.standing.expected[member.position])
    return {
        "subject_id": unit["practitioner_id"] or f"{unit['institution_id']}|{unit['department_code']}",
        "institution_id": unit["institution_id"],
        "department_code": unit["department_code"],
        "practitioner_id": unit["practitioner_id"],
        "occurred_at": ended,
        "amount_at_issue": priced(excess, unit["amount"], unit["priced"]),
        "fund_amount_at_issue": priced(excess, unit["fund_amount"], unit["priced"]),
        "measure": f"{MEASURE}/{unit['setting']}/{unit['department_key']}",
        "family": "all",
    }
