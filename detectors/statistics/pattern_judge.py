"""The judge that all patterns share: who stands out in size, in certainty, over time and without the top patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from detectors.declaration import WHOSE, Value
from detectors.statistics.pattern_comparison import Comparison, compare
from detectors.statistics.pattern_evidence import (
    SHAPE,
    Tested,
    evidence_of,
    is_persistent,
    look_closer,
    stands_out,
)
from detectors.statistics.proportions import odds_ratio
from detectors.statistics.telling import priced

WIDENED_TIER = 2
"""From this tier on departments of other kinds are among the peers: the finding's confidence is low."""

ANSWER_SHAPE: dict[str, Any] = {
    "subject_type": pl.String,
    **WHOSE,
    "confidence": pl.String,
    **SHAPE,
}
"""Columns of an answer: whose, when, how much; what makes its id (with ``period``); evidence."""


@dataclass(frozen=True)
class Pattern:
    """What differs between patterns.

    Attributes:
        measure: name of what is measured, part of a finding's id.
        is_two_sided: whether a share that is too low counts too.
        costs_when_low: whether the money at issue is that of the missing successes (a low positive rate) and not that
            of the surplus.
    """

    measure: str
    is_two_sided: bool = False
    costs_when_low: bool = False


def judge_pattern(
    pattern: Pattern, cells: pl.DataFrame, patients: pl.DataFrame, parameters: Mapping[str, Value]
) -> pl.DataFrame:
    """Units whose share stands apart from their peers'.

    Flagged where the odds ratio reaches ``min_odds_ratio`` and the difference ``min_difference_pct``, q <= ``q_max``,
    ``min_patients`` patients are touched, it returns in ``persistent_quarters`` quarters, and (high shares) it still
    stands without the patient who had most; enough data and peers are conditions of being compared at all.

    Args:
        pattern: what is measured.
        cells: counts by unit, stratum and quarter, see ``pattern_comparison.compare``.
        patients: patients by unit, see there.
        parameters: the card's, resolved.

    Returns:
        One row a flagged unit, columns ``ANSWER_SHAPE``, sorted.
    """
    if cells.is_empty():
        return pl.DataFrame(schema=ANSWER_SHAPE)
    comparison = compare(cells, patients, parameters, pattern.is_two_sided)
    answers = [
        {**_whose(pattern, tested, comparison), **evidence_of(tested, comparison, parameters)}
        for tested in _candidates(pattern, comparison, parameters)
        if is_persistent(tested, parameters) and _holds_without_top_patient(tested, parameters)
    ]
    frame = pl.DataFrame(answers, schema=ANSWER_SHAPE, orient="row")
    return frame.sort("institution_id", "subject_id", "measure", "family")


def unjudged_units(cells: pl.DataFrame, patients: pl.DataFrame, parameters: Mapping[str, Value]) -> Mapping[str, int]:
    """How many units could not be compared, by reason: ``too_few_cases`` of their own, else ``too_few_peers``.

    Args:
        cells: as for ``judge_pattern``.
        patients: as for ``judge_pattern``.
        parameters: the card's, resolved.
    """
    if cells.is_empty():
        return {}
    comparison = compare(cells, patients, parameters, is_two_sided=False)
    compared = pl.Series([member.unit for member in comparison.members], dtype=pl.Int64)
    left = comparison.units.filter(~pl.col("unit").is_in(compared.implode()))
    few_cases = left.filter(~pl.col("has_volume")).height
    return {"too_few_cases": few_cases, "too_few_peers": left.height - few_cases}


def _candidates(pattern: Pattern, comparison: Comparison, parameters: Mapping[str, Value]) -> list[Tested]:
    """Those who pass on size, certainty and patients over the whole period."""
    chosen = []
    for member in comparison.members:
        standing, at = member.standing, member.position
        is_high = bool(standing.z[at] > 0)
        figures = float(standing.odds_ratio[at]), float(standing.share[at]), float(standing.target[at])
        if member.q > float(parameters["q_max"]) or not stands_out(*figures, is_high, parameters):
            continue
        patients = comparison.units["patients"][member.unit]
        if (is_high or pattern.is_two_sided) and patients >= float(parameters["min_patients"]):
            chosen.append(look_closer(comparison, member))
    return chosen


def _holds_without_top_patient(tested: Tested, parameters: Mapping[str, Value]) -> bool:
    if not tested.is_high:
        return True
    rerun, member = tested.rerun, tested.member
    target = float(member.standing.target[member.position])
    if rerun is None or not rerun["expected"] > 0:
        return False
    trials = rerun["expected"] / target
    odds = float(odds_ratio([rerun["observed"]], [trials], [target])[0])
    return stands_out(odds, rerun["observed"] / trials, target, True, parameters)


def _whose(pattern: Pattern, tested: Tested, comparison: Comparison) -> dict[str, Any]:
    member = tested.member
    unit = comparison.units.row(member.unit, named=True)
    last_day = int(tested.rows["last_day"][0])
    excess = unit["observed"] - float(member.standing.target[member.position]) * unit["trials"]
    is_costly = tested.is_high != pattern.costs_when_low
    where = unit["department_code"] or "all"
    return {
        "subject_type": unit["subject_type"],
        "subject_id": subject_id(unit),
        "institution_id": unit["institution_id"],
        "department_code": unit["department_code"],
        "practitioner_id": unit["practitioner_id"],
        "occurred_at": datetime(1970, 1, 1) + timedelta(days=last_day),  # noqa: DTZ001 - local wall time
        "amount_at_issue": priced(abs(excess), unit["amount"], unit["priced"]) if is_costly else None,
        "fund_amount_at_issue": priced(abs(excess), unit["fund_amount"], unit["priced"]) if is_costly else None,
        "measure": f"{pattern.measure}/{unit['subject_type']}/{where}",
        "family": unit["family"],
        "confidence": "low" if member.tier >= WIDENED_TIER else "medium",
    }


def subject_id(unit: Mapping[str, Any]) -> str:
    """``institution|department`` for a department, else the id of the institution or practitioner itself."""
    if unit["subject_type"] == "department":
        return f"{unit['institution_id']}|{unit['department_code']}"
    return str(unit["practitioner_id"] or unit["institution_id"])
