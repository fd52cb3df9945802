"""The closer look at a unit that stands far out: over quarters, by case mix, and without its most examined patient."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from detectors.declaration import Value
from detectors.ordering.measured import Measure
from detectors.ordering.peer_comparison import THOUSAND_MILLIONTHS, Comparison, Member
from detectors.statistics.peers import adjusted_z, q_with_one_replaced, upper_tail_among
from detectors.statistics.proportions import adjusted_z_of_share, upper_tail_of_share


@dataclass(frozen=True)
class Counts:
    """The rows that the judge is given, by grain.

    ``quarters`` and ``mix`` are of one measure; ``mix`` holds the diagnosis groups of units in excess only: nobody else
    is looked at closely.
    """

    units: pl.DataFrame
    quarters: pl.DataFrame
    mix: pl.DataFrame
    families: pl.DataFrame

    def of(self, measure: Measure) -> Counts:
        """The rows of one measure."""
        is_own = pl.col("measure") == measure.name
        return Counts(self.units, self.quarters.filter(is_own), self.mix.filter(is_own), self.families)


@dataclass(frozen=True)
class Tested:
    """One unit whose ratio and q-value call for a closer look, with what the closer look found, in counts."""

    member: Member
    quarters: list[dict[str, Any]]
    rerun: dict[str, Any]
    case_mix: list[dict[str, Any]]


def counts_of(rows: pl.DataFrame) -> Counts:
    """The rows of the last step, by grain."""
    units, quarters, mix, families = (
        rows.filter(pl.col("grain") == grain) for grain in ("unit", "quarter", "mix", "family")
    )
    return Counts(units, quarters, mix, families)


def look_closer(comparison: Comparison, counts: Counts, member: Member) -> Tested:
    """Quarters, case mix, and the rerun without the patient who had most examinations, of one member."""
    unit_no, grain = (comparison.units[name][member.unit] for name in ("unit_no", "grain"))
    rows, mix = (
        frame.filter(pl.col("unit_no") == unit_no).with_columns(
            (pl.col("observed") / grain).alias("observed"),
            (pl.col(member.basis) / THOUSAND_MILLIONTHS / grain).alias("expected"),
        )
        for frame in (counts.quarters, counts.mix)
    )
    return Tested(member, _by(rows, "quarter", "quarter"), _rerun(rows, member), _by(mix, "diagnosis_group", "stratum"))


def is_persistent(quarters: list[dict[str, Any]], parameters: Mapping[str, Value]) -> bool:
    """Whether the excess (O/E at least ``min_ratio``) returns in ``persistent_quarters`` quarters.

    Quarters with less than a quarter's share of ``min_expected`` are not counted either way; where fewer quarters than
    ``persistent_quarters`` hold that much, all of them must show it.
    """
    enough = float(parameters["min_expected"]) / int(parameters["quarters"])
    weighed = [quarter for quarter in quarters if quarter["expected"] >= enough]
    in_excess = sum(q["observed"] >= float(parameters["min_ratio"]) * q["expected"] for q in weighed)
    return bool(weighed) and in_excess >= min(int(parameters["persistent_quarters"]), len(weighed))


def _by(rows: pl.DataFrame, column: str, name: str) -> list[dict[str, Any]]:
    """Trials, observed and expected of one unit by a column, in the order of its values."""
    ordered = rows.sort("is_top_patient", nulls_last=False)
    grouped = ordered.group_by(pl.col(column).fill_null("unknown").alias(name), maintain_order=True).agg(
        pl.col("trials").sum().alias("visits"), pl.col("observed", "expected").sum()
    )
    return grouped.sort(name).to_dicts()


def _rerun(rows: pl.DataFrame, member: Member) -> dict[str, Any]:
    """The same test without the top patient's visits: peers' rates leave the doctor out, so they stay as they were."""
    kept = rows.filter(~pl.col("is_top_patient"))
    observed, expected, trials = (math.fsum(kept[name]) for name in ("observed", "expected", "trials"))
    if not expected > 0:
        return {"observed": observed, "expected": 0.0, "z": None, "q_value": None}
    standing, tau2 = member.standing, float(member.standing.tau2[member.position])
    members = standing.observed.size
    if standing.trials is None:
        middle = expected * (float(standing.null.at(expected)[0]) if standing.null else 1.0)
        p = float(upper_tail_among([observed], [middle], tau2, standing.null.members if standing.null else members)[0])
        z = float(adjusted_z([observed], [middle], tau2)[0])
    else:
        of_trials = ([observed], [trials], [expected / trials], tau2)
        p = float(upper_tail_of_share(*of_trials, members)[0])
        z = float(adjusted_z_of_share(*of_trials)[0])
    q = q_with_one_replaced(standing.p, member.position, p)
    return {"observed": observed, "expected": expected, "z": z, "q_value": q}
