"""What a reader needs to believe, or to refute, that something is a routine: the evidence of one pattern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.statistics.evidence_parts import FUNNEL_CAP, PARTS, largest_first, positive_rate, rounded, tier_of
from detectors.statistics.funnel import angle
from detectors.statistics.pattern_comparison import TIERS, Comparison, Member
from detectors.statistics.peers import q_with_one_replaced
from detectors.statistics.proportions import adjusted_z_of_share, odds_ratio, probability_beyond, upper_tail_of_share
from detectors.statistics.telling import evenly, period_label, six_digits

SHAPE: dict[str, Any] = {
    **PARTS,
    "direction": pl.String,
    "odds_ratio": pl.Float64,
}
"""Polars types of the evidence columns that every pattern has."""


@dataclass(frozen=True)
class Tested:
    """One unit whose share and q-value call for a closer look, with what the closer look found."""

    member: Member
    is_high: bool
    quarters: list[dict[str, Any]]
    rerun: dict[str, Any] | None
    rows: pl.DataFrame


def look_closer(comparison: Comparison, member: Member) -> Tested:
    """Quarters, and for a high share the rerun without the patient who had most, of one member."""
    rows = comparison.rows_of(member)
    is_high = bool(member.standing.z[member.position] > 0)
    unit = comparison.units.row(member.unit, named=True)
    rerun = _rerun(member, unit) if is_high else None
    return Tested(member, is_high, _by(rows, "quarter", "quarter"), rerun, rows)


def stands_out(odds: float, share: float, target: float, is_high: bool, parameters: Mapping[str, Value]) -> bool:
    """Whether a share is far enough from its target in odds and in percentage points, on the side asked for."""
    far, points = float(parameters["min_odds_ratio"]), float(parameters["min_difference_pct"]) / 100
    return (odds >= far and share - target >= points) if is_high else (odds <= 1 / far and target - share >= points)


def is_persistent(tested: Tested, parameters: Mapping[str, Value]) -> bool:
    """Whether the share stands out in ``persistent_quarters`` quarters.

    Quarters with less than a quarter's share of ``min_trials`` are not counted either way; where fewer than
    ``persistent_quarters`` hold that much, all of them must show it.
    """
    enough = float(parameters["min_trials"]) / int(parameters["quarters"])
    weighed = [quarter for quarter in tested.quarters if quarter["visits"] >= enough]
    standing_out = sum(_quarter_stands_out(quarter, tested.is_high, parameters) for quarter in weighed)
    return bool(weighed) and standing_out >= min(int(parameters["persistent_quarters"]), len(weighed))


def _quarter_stands_out(quarter: Mapping[str, Any], is_high: bool, parameters: Mapping[str, Value]) -> bool:
    trials, observed, target = quarter["visits"], quarter["observed"], quarter["expected"] / quarter["visits"]
    odds = float(odds_ratio([observed], [trials], [target])[0])
    return stands_out(odds, observed / trials, target, is_high, parameters)


def evidence_of(tested: Tested, comparison: Comparison, parameters: Mapping[str, Value]) -> dict[str, Any]:
    """The evidence columns of one flagged unit, figures to six significant digits."""
    member, standing, at = tested.member, tested.member.standing, tested.member.position
    unit = comparison.units.row(member.unit, named=True)
    target = float(standing.target[at])
    return {
        "subject": unit["subject_type"],
        "direction": "high" if tested.is_high else "low",
        "observed": unit["observed"],
        "trials": unit["trials"],
        "share_pct": six_digits(100 * unit["observed"] / unit["trials"]),
        "expected": six_digits(target * unit["trials"]),
        "expected_pct": six_digits(100 * target),
        "ratio": six_digits(unit["observed"] / (target * unit["trials"])) if target > 0 else None,
        "odds_ratio": six_digits(standing.odds_ratio[at]),
        "z": six_digits(standing.z[at]),
        "z_unadjusted": six_digits(standing.funnel.z[at]),
        "p_value": six_digits(member.p),
        "q_value": six_digits(member.q),
        "probability": six_digits(_probability(member, tested.is_high, float(parameters["min_odds_ratio"]))),
        "peer_group": _peer_group(member, unit),
        "peers": len(member.group) - 1,
        "rolled_up": _rolled_up(member, unit["subject_type"]),
        "patients": unit["patients"],
        "period": period_label(int(tested.rows["last_quarter"][0]), int(parameters["quarters"])),
        "tier": tier_of(member.q),
        "quarters": rounded(tested.quarters),
        "case_mix": rounded(_case_mix(tested.rows)),
        "rerun_without_top_patient": rounded([tested.rerun])[0] if tested.rerun else None,
        "positive_rate": positive_rate(comparison.units, member.unit, member.group),
        "share_funnel": _funnel(member),
    }


def _probability(member: Member, is_high: bool, least_odds_ratio: float) -> float:
    """Probability that the true share lies ``least_odds_ratio`` or more from its target, on the side that is told."""
    standing, at = member.standing, member.position
    return probability_beyond(
        float(standing.successes[at]),
        float(standing.trials[at]),
        float(standing.target[at]),
        standing.funnel.tau2,
        least_odds_ratio if is_high else 1 / least_odds_ratio,
    )


def _by(rows: pl.DataFrame, column: str, name: str) -> list[dict[str, Any]]:
    """Trials, observed and expected of one unit by a column, in the order of its values."""
    grouped = rows.group_by(pl.col(column).fill_null("unknown").alias(name), maintain_order=True).agg(
        pl.col("trials").sum().alias("visits"), pl.col("observed").sum(), pl.col("expected").sum()
    )
    return grouped.filter(pl.col("visits") > 0).sort(name).to_dicts()


def _rerun(member: Member, unit: Mapping[str, Any]) -> dict[str, Any] | None:
    """The same test without what the top patient had; the peers' target stays as it was."""
    observed, trials = unit["observed"] - unit["top_observed"], unit["trials"] - unit["top_observed"]
    if trials <= 0:
        return None
    standing = member.standing
    target, tau2 = [float(standing.target[member.position])], standing.funnel.tau2
    p = float(upper_tail_of_share([observed], [trials], target, tau2, standing.trials.size)[0])
    return {
        "observed": observed,
        "expected": target[0] * trials,
        "z": float(adjusted_z_of_share([observed], [trials], target, tau2)[0]),
        "q_value": q_with_one_replaced(member.tests, member.test, p),
    }


def _case_mix(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Strata by trials, the largest one by one, the rest together; empty where there is one stratum only."""
    if rows["stratum"].n_unique() < 2:
        return []
    return largest_first(_by(rows, "stratum", "stratum"))


def _funnel(member: Member) -> dict[str, Any]:
    """Peers without names, sorted by trials and thinned evenly, their shares moved to this unit's mix of cases.

    Moved on the scale of the angle, so that the limits drawn about this unit's target hold for every peer.
    """
    standing, at = member.standing, member.position
    target = float(standing.target[at])
    moved = np.clip(angle(standing.share) - angle(standing.target) + float(angle(target)), 0.0, np.pi / 2)
    share = np.sin(moved) ** 2
    peers = np.delete(np.arange(len(member.group)), at)
    order = peers[np.lexsort((share[peers], standing.trials[peers]))]
    shown = order[evenly(len(order), FUNNEL_CAP)]
    return {
        "trials": [int(value) for value in standing.trials[shown]],
        "share": [six_digits(value) for value in share[shown]],
        "target": six_digits(target),
        "phi": six_digits(standing.funnel.phi),
        "tau2": six_digits(standing.funnel.tau2),
    }


def _peer_group(member: Member, unit: Mapping[str, Any]) -> str:
    parts = [unit[column] for column in TIERS[member.tier] if unit[column] is not None]
    return " × ".join([*parts, unit["subject_type"]])


def _rolled_up(member: Member, subject_type: str) -> str | None:
    """Why the peer group is wider than level x department, in both languages; None where it is not."""
    if member.tier == 0:
        return None
    wider = (
        ("all levels", "不分级别"),
        ("all departments of the level", "同级别不分科室"),
        ("all levels and departments", "不分级别和科室"),
    )[member.tier - 1]
    kind = {"institution": "level", "department": "level and department"}.get(subject_type, "level and department")
    kind_zh = "同级别" if subject_type == "institution" else "同级别同科室"
    return (
        f"too few peers of this {kind} ({member.nearest_peers}), so compared over {wider[0]} / "
        f"{kind_zh}同行不足（{member.nearest_peers}个），改为{wider[1]}比较"
    )
