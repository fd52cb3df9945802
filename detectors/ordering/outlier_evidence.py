"""What a reader needs to believe, or to refute, that a doctor stands apart: the evidence of one outlier."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl

from detectors.ordering.closer_look import Counts, Tested
from detectors.ordering.peer_comparison import TIERS, Comparison, Member
from detectors.statistics.evidence_parts import FUNNEL_CAP, PARTS, largest_first, positive_rate, rounded, tier_of
from detectors.statistics.funnel import angle
from detectors.statistics.peers import Standing
from detectors.statistics.size_null import least_members
from detectors.statistics.telling import evenly, six_digits

SHAPE: dict[str, Any] = {
    **PARTS,
    "measured": pl.String,
    "shrunk_ratio": pl.Float64,
    "visits": pl.Int64,
    "setting": pl.String,
    "families": pl.List(pl.Struct({"family": pl.String, "observed": pl.Int64, "expected": pl.Float64})),
    "second_opinion": pl.Struct(
        {
            "score": pl.Float64,
            "place": pl.Int64,
            "members": pl.Int64,
            "drivers": pl.List(pl.Struct({"measured": pl.String, "z": pl.Float64, "contribution": pl.Float64})),
        }
    ),
    "null_by_size": pl.Struct(
        {
            "is_fitted": pl.Boolean,
            "members": pl.Int64,
            "least_members": pl.Int64,
            "centre": pl.Float64,
            "tau2": pl.Float64,
            "sizes": pl.List(pl.Struct({"expected": pl.Float64, "centre": pl.Float64, "tau2": pl.Float64})),
        }
    ),
    "funnel": pl.Struct(
        {
            "expected": pl.List(pl.Float64),
            "ratio": pl.List(pl.Float64),
            "phi": pl.Float64,
            "tau2": pl.Float64,
            "grain": pl.Float64,
        }
    ),
}
"""Polars types of the evidence columns."""

FEN = 100.0
"""Fen in a yuan: money is counted in fen and told in yuan."""


def evidence_of(
    tested: Tested, comparison: Comparison, counts: Counts, period: str, *, by_size: bool
) -> dict[str, Any]:
    """The evidence columns of one flagged unit, figures to six significant digits.

    Args:
        tested: the unit.
        comparison: of all units by one measure.
        counts: the judge's rows of that measure.
        period: in words.
        by_size: whether a null by size was asked for.
    """
    member, standing, at = tested.member, tested.member.standing, tested.member.position
    unit = comparison.units.row(member.unit, named=True)
    scale = told_in(comparison, member)
    return {
        "subject": "practitioner" if unit["practitioner_id"] else "department",
        "measured": comparison.measure.name,
        "observed": round(standing.observed[at] * scale),
        "expected": six_digits(standing.expected[at] * scale),
        **_share(standing, at),
        "ratio": six_digits(standing.ratio[at]),
        "z": six_digits(standing.z[at]),
        "z_unadjusted": six_digits(standing.funnel.z[at]),
        "p_value": six_digits(standing.p[at]),
        "q_value": six_digits(standing.q[at]),
        "probability": six_digits(standing.probability[at]),
        "shrunk_ratio": six_digits(standing.shrunk[at]),
        "peer_group": " × ".join(unit[column] or "unknown" for column in TIERS[member.tier]),
        "peers": len(member.group) - 1,
        "rolled_up": _rolled_up(member, "人" if unit["practitioner_id"] else "个"),
        "patients": unit["patients"],
        "visits": unit["visits"],
        "setting": unit["setting"],
        "period": period,
        "tier": tier_of(float(standing.q[at])),
        "quarters": _told(tested.quarters, scale),
        "families": _families(member, comparison, counts.families, scale),
        "case_mix": _told(largest_first(tested.case_mix), scale),
        "rerun_without_top_patient": _told([tested.rerun], scale)[0],
        "positive_rate": positive_rate(comparison.units, member.unit, member.group),
        "null_by_size": _null_by_size(member, scale) if by_size and standing.trials is None else None,
        "funnel": None if standing.trials is not None else _funnel(member, scale),
        "share_funnel": _share_funnel(member) if standing.trials is not None else None,
    }


def told_in(comparison: Comparison, member: Member) -> float:
    """What a count of the comparison is in the evidence: itself, or of money the yuan that it stands for."""
    return float(comparison.units["grain"][member.unit]) / FEN if comparison.measure.kind == "money" else 1.0


def _share(standing: Standing, at: int) -> dict[str, Any]:
    if standing.trials is None:
        return {"trials": None, "share_pct": None, "expected_pct": None}
    trials = standing.trials[at]
    return {
        "trials": round(trials),
        "share_pct": six_digits(100 * standing.observed[at] / trials),
        "expected_pct": six_digits(100 * standing.expected[at] / trials),
    }


def _told(rows: list[dict[str, Any]], scale: float) -> list[dict[str, Any]]:
    """Observed and expected in the unit of the evidence, the observed as whole ones."""
    return rounded(
        [row | {"observed": round(row["observed"] * scale), "expected": row["expected"] * scale} for row in rows]
    )


def _families(member: Member, comparison: Comparison, families: pl.DataFrame, scale: float) -> list[dict[str, Any]]:
    """Counts by family; expected = the unit's expected count, split as the other members' are.

    A bundle of a first day holds several families, and is counted in each.
    """
    measure, units = comparison.measure, comparison.units
    own = pl.col("unit_no") == units["unit_no"][member.unit]
    group = units[member.group.tolist()].select("unit_no", (pl.col("observed") / pl.col("grain")).alias("whole"))
    counted = pl.col("amount" if measure.kind == "money" else "observed")
    split = (
        families.filter(pl.col("measure") == measure.counted_by_family)
        .join(group, on="unit_no", how="semi")
        .group_by("family")
        .agg(
            counted.filter(own).sum().cast(pl.Float64).alias("observed"),
            counted.filter(~own).sum().cast(pl.Float64).alias("others"),
        )
    )
    others = math.fsum(group.filter(~own)["whole"] if measure.kind == "share" else split["others"])
    expected = float(member.standing.expected[member.position]) * scale
    answers = [
        {"family": family, "observed": round(observed), "expected": expected * count / others if others else 0.0}
        for family, observed, count in split.sort(pl.col("observed"), "family", descending=[True, False]).iter_rows()
    ]
    return rounded([answer for answer in answers if answer["observed"] > 0 or answer["expected"] >= 1])


def _null_by_size(member: Member, scale: float) -> dict[str, Any]:
    """The null that the unit is measured against, or that its group is too small for one."""
    null, size = member.standing.null, member.standing.expected.size
    told: dict[str, Any] = {"is_fitted": null is not None, "members": size, "least_members": least_members()}
    if null is None:
        return told | {"centre": None, "tau2": None, "sizes": []}
    centre, variance = null.at(member.standing.expected[member.position])
    sizes = zip(null.expected * scale, null.centre, null.variance / 4, strict=True)
    names = ("expected", "centre", "tau2")
    return told | {
        "centre": six_digits(float(centre)),
        "tau2": six_digits(float(variance) / 4),
        "sizes": [dict(zip(names, map(six_digits, one), strict=True)) for one in sizes],
    }


def _peers_by_size(member: Member, size: np.ndarray[Any, Any], height: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Positions of the peers by size, thinned evenly to ``FUNNEL_CAP``."""
    peers = np.delete(np.arange(len(member.group)), member.position)
    order = peers[np.lexsort((height[peers], size[peers]))]
    return np.asarray(order[evenly(len(order), FUNNEL_CAP)])


def _funnel(member: Member, scale: float) -> dict[str, Any]:
    """Peers without names, sorted by what is expected of them; ``grain`` is what of it varies as one count does."""
    standing = member.standing
    shown = _peers_by_size(member, standing.expected, standing.ratio)
    return {
        "expected": [six_digits(value * scale) for value in standing.expected[shown]],
        "ratio": [six_digits(value) for value in standing.ratio[shown]],
        "phi": six_digits(standing.funnel.phi),
        "tau2": six_digits(standing.tau2[member.position]),
        "grain": six_digits(scale),
    }


def _share_funnel(member: Member) -> dict[str, Any]:
    """Peers without names, sorted by trials, their shares moved on the angle to this unit's mix of cases."""
    standing = member.standing
    trials = np.asarray(standing.trials)
    target = standing.expected / trials
    own = float(target[member.position])
    moved = angle(standing.observed / trials) - angle(target) + float(angle(own))
    share = np.sin(np.clip(moved, 0.0, np.pi / 2)) ** 2
    shown = _peers_by_size(member, trials, share)
    return {
        "trials": [round(value) for value in trials[shown]],
        "share": [six_digits(value) for value in share[shown]],
        "target": six_digits(own),
        "phi": six_digits(standing.funnel.phi),
        "tau2": six_digits(standing.funnel.tau2),
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
