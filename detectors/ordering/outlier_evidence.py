"""What a reader needs to believe, or to refute, that a doctor stands apart: the evidence of one outlier."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.ordering.peer_comparison import THOUSAND_MILLIONTHS, TIERS, Comparison, Member
from detectors.statistics.peers import adjusted_z, q_with_one_replaced, upper_tail
from detectors.statistics.telling import evenly, six_digits

FUNNEL_CAP = 2000
"""Peers drawn in a funnel at most."""

CASE_MIX_CAP = 15
"""Diagnosis groups listed one by one; the rest stand together as ``other``."""

SHAPE: dict[str, Any] = {
    "observed": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "z": pl.Float64,
    "z_unadjusted": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "probability": pl.Float64,
    "shrunk_ratio": pl.Float64,
    "peer_group": pl.String,
    "peers": pl.Int64,
    "rolled_up": pl.String,
    "patients": pl.Int64,
    "visits": pl.Int64,
    "setting": pl.String,
    "period": pl.String,
    "tier": pl.String,
    "quarters": pl.List(
        pl.Struct({"quarter": pl.String, "observed": pl.Int64, "expected": pl.Float64, "visits": pl.Int64})
    ),
    "families": pl.List(pl.Struct({"family": pl.String, "observed": pl.Int64, "expected": pl.Float64})),
    "case_mix": pl.List(
        pl.Struct({"stratum": pl.String, "visits": pl.Int64, "observed": pl.Int64, "expected": pl.Float64})
    ),
    "rerun_without_top_patient": pl.Struct(
        {"observed": pl.Int64, "expected": pl.Float64, "z": pl.Float64, "q_value": pl.Float64}
    ),
    "positive_rate": pl.Struct(
        {"positive": pl.Int64, "reported": pl.Int64, "peer_positive": pl.Int64, "peer_reported": pl.Int64}
    ),
    "funnel": pl.Struct(
        {"expected": pl.List(pl.Float64), "ratio": pl.List(pl.Float64), "phi": pl.Float64, "tau2": pl.Float64}
    ),
}
"""Polars types of the evidence columns."""


@dataclass(frozen=True)
class Counts:
    """The rows that the judge is given, by grain; all but ``units`` of one measure.

    ``mix`` holds the diagnosis groups of units in excess only: nobody else is looked at closely.
    """

    units: pl.DataFrame
    quarters: pl.DataFrame
    mix: pl.DataFrame
    families: pl.DataFrame


@dataclass(frozen=True)
class Tested:
    """One unit whose ratio and q-value call for a closer look, with what the closer look found."""

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
    is_own = pl.col("unit_no") == comparison.units["unit_no"][member.unit]
    expected = (pl.col(member.basis) / THOUSAND_MILLIONTHS).alias("expected")
    rows, mix = (frame.filter(is_own).with_columns(expected) for frame in (counts.quarters, counts.mix))
    return Tested(member, _by(rows, "quarter", "quarter"), _rerun(rows, member), _case_mix(mix))


def is_persistent(quarters: list[dict[str, Any]], parameters: Mapping[str, Value]) -> bool:
    """Whether the excess (O/E at least ``min_ratio``) returns in ``persistent_quarters`` quarters.

    Quarters with less than a quarter's share of ``min_expected`` are not counted either way; where fewer quarters than
    ``persistent_quarters`` hold that much, all of them must show it.
    """
    enough = float(parameters["min_expected"]) / int(parameters["quarters"])
    weighed = [quarter for quarter in quarters if quarter["expected"] >= enough]
    in_excess = sum(q["observed"] >= float(parameters["min_ratio"]) * q["expected"] for q in weighed)
    return bool(weighed) and in_excess >= min(int(parameters["persistent_quarters"]), len(weighed))


def evidence_of(tested: Tested, comparison: Comparison, counts: Counts, period: str) -> dict[str, Any]:
    """The evidence columns of one flagged unit, figures to six significant digits."""
    member, standing, at = tested.member, tested.member.standing, tested.member.position
    unit = comparison.units.row(member.unit, named=True)
    q = float(standing.q[at])
    return {
        "observed": unit["observed"],
        "expected": six_digits(standing.expected[at]),
        "ratio": six_digits(standing.ratio[at]),
        "z": six_digits(standing.z[at]),
        "z_unadjusted": six_digits(standing.funnel.z[at]),
        "p_value": six_digits(standing.p[at]),
        "q_value": six_digits(q),
        "probability": six_digits(standing.probability[at]),
        "shrunk_ratio": six_digits(standing.shrunk[at]),
        "peer_group": " × ".join(unit[column] or "unknown" for column in TIERS[member.tier]),
        "peers": len(member.group) - 1,
        "rolled_up": _rolled_up(member, "人" if unit["practitioner_id"] else "个"),
        "patients": unit["patients"],
        "visits": unit["visits"],
        "setting": unit["setting"],
        "period": period,
        "tier": "strong" if q <= 0.05 else "watch",
        "quarters": _rounded(tested.quarters),
        "families": _families(member, comparison, counts.families),
        "case_mix": _rounded(tested.case_mix),
        "rerun_without_top_patient": _rounded([tested.rerun])[0],
        "positive_rate": _positive_rate(member, comparison.units),
        "funnel": _funnel(member),
    }


def _by(rows: pl.DataFrame, column: str, name: str) -> list[dict[str, Any]]:
    """Visits, observed and expected of one unit by a column, in the order of its values."""
    grouped = (
        rows.sort("is_top_patient")
        .group_by(pl.col(column).fill_null("unknown").alias(name), maintain_order=True)
        .agg(pl.col("trials").sum().alias("visits"), pl.col("observed").sum(), pl.col("expected").sum())
    )
    return grouped.sort(name).to_dicts()


def _rerun(rows: pl.DataFrame, member: Member) -> dict[str, Any]:
    """The same test without the top patient's visits: peers' rates leave the doctor out, so they stay as they were."""
    kept = rows.filter(~pl.col("is_top_patient"))
    observed, expected = int(kept["observed"].sum()), math.fsum(kept["expected"])
    if not expected > 0:
        return {"observed": observed, "expected": 0.0, "z": None, "q_value": None}
    standing, tau2 = member.standing, float(member.standing.tau2[member.position])
    p = float(upper_tail([observed], [expected], tau2)[0])
    return {
        "observed": observed,
        "expected": expected,
        "z": float(adjusted_z([observed], [expected], tau2)[0]),
        "q_value": q_with_one_replaced(standing.p, member.position, p),
    }


def _case_mix(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Diagnosis groups by expected count, the largest one by one, the rest together."""
    groups = sorted(_by(rows, "diagnosis_group", "stratum"), key=lambda group: (-group["visits"], group["stratum"]))
    named, rest = groups[:CASE_MIX_CAP], groups[CASE_MIX_CAP:]
    if rest:
        sums = {key: sum(group[key] for group in rest) for key in ("visits", "observed", "expected")}
        named.append({"stratum": "other", **sums})
    return named


def _families(member: Member, comparison: Comparison, families: pl.DataFrame) -> list[dict[str, Any]]:
    """Events by family; expected = the unit's expected count, split as the other members' events are split."""
    group = comparison.units[member.group.tolist()].select("unit_no")
    counts = families.select("unit_no", "family", "events").join(group, on="unit_no", how="inner")
    own = pl.col("unit_no") == comparison.units["unit_no"][member.unit]
    split = counts.group_by("family").agg(
        pl.col("events").filter(own).sum().alias("observed"), pl.col("events").filter(~own).sum().alias("others")
    )
    others, expected = int(split["others"].sum()), float(member.standing.expected[member.position])
    answers = [
        {"family": family, "observed": observed, "expected": six_digits(expected * count / others if others else 0.0)}
        for family, observed, count in split.sort(pl.col("observed"), "family", descending=[True, False]).iter_rows()
    ]
    return [answer for answer in answers if answer["observed"] > 0 or answer["expected"] >= 1]


def _positive_rate(member: Member, units: pl.DataFrame) -> dict[str, int] | None:
    """Positive among reported examinations, the unit's own and its peers'; None where no report says."""
    own = units.row(member.unit, named=True)
    if not own["reported"]:
        return None
    group = units[member.group.tolist()]
    return {
        "positive": own["positive"],
        "reported": own["reported"],
        "peer_positive": int(group["positive"].sum()) - own["positive"],
        "peer_reported": int(group["reported"].sum()) - own["reported"],
    }


def _funnel(member: Member) -> dict[str, Any]:
    """Peers without names, sorted by expected count and thinned evenly to ``FUNNEL_CAP``."""
    standing = member.standing
    peers = np.delete(np.arange(len(member.group)), member.position)
    order = peers[np.lexsort((standing.ratio[peers], standing.expected[peers]))]
    shown = order[evenly(len(order), FUNNEL_CAP)]
    return {
        "expected": [six_digits(value) for value in standing.expected[shown]],
        "ratio": [six_digits(value) for value in standing.ratio[shown]],
        "phi": six_digits(standing.funnel.phi),
        "tau2": six_digits(standing.tau2[member.position]),
    }


def _rolled_up(member: Member, counter_zh: str) -> str | None:
    """Why the peer group is wider than level x department x setting, in both languages; None where it is not."""
    if member.tier == 0:
        return None
    wider = ("all levels", "不分级别") if member.tier == 1 else ("all levels and departments", "不分级别和科室")
    return (
        f"too few peers at this level and department ({member.nearest_peers}), so compared over {wider[0]} / "
        f"同级别同科室同行不足（{member.nearest_peers}{counter_zh}），改为{wider[1]}比较"
    )


def _rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: six_digits(value) if isinstance(value, float) else value for key, value in row.items()} for row in rows
    ]
