"""Parts that the evidence of every comparison with peers has: their shapes, and how they are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from detectors.statistics.expected import Codes
from detectors.statistics.telling import six_digits

FUNNEL_CAP = 2000
"""Peers drawn in a funnel at most."""

MIX_CAP = 15
"""Strata listed one by one; the rest stand together as ``other``."""

STRONG_Q = 0.05
"""q-value up to which a finding stands on the strong list, else on the watch list."""

PARTS: dict[str, Any] = {
    "subject": pl.String,
    "observed": pl.Int64,
    "trials": pl.Int64,
    "share_pct": pl.Float64,
    "expected": pl.Float64,
    "expected_pct": pl.Float64,
    "ratio": pl.Float64,
    "z": pl.Float64,
    "z_unadjusted": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "probability": pl.Float64,
    "peer_group": pl.String,
    "peers": pl.Int64,
    "rolled_up": pl.String,
    "patients": pl.Int64,
    "period": pl.String,
    "tier": pl.String,
    "quarters": pl.List(
        pl.Struct({"quarter": pl.String, "observed": pl.Int64, "expected": pl.Float64, "visits": pl.Int64})
    ),
    "case_mix": pl.List(
        pl.Struct({"stratum": pl.String, "visits": pl.Int64, "observed": pl.Int64, "expected": pl.Float64})
    ),
    "rerun_without_top_patient": pl.Struct(
        {"observed": pl.Int64, "expected": pl.Float64, "z": pl.Float64, "q_value": pl.Float64}
    ),
    "positive_rate": pl.Struct(
        {"positive": pl.Int64, "reported": pl.Int64, "peer_positive": pl.Int64, "peer_reported": pl.Int64}
    ),
    "share_funnel": pl.Struct(
        {
            "trials": pl.List(pl.Int64),
            "share": pl.List(pl.Float64),
            "target": pl.Float64,
            "phi": pl.Float64,
            "tau2": pl.Float64,
        }
    ),
}
"""Polars types of the parts."""


def tier_of(q_value: float) -> str:
    """``strong`` or ``watch``."""
    return "strong" if q_value <= STRONG_Q else "watch"


def largest_first(strata: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Strata by visits, the largest ones one by one, the rest together."""
    ordered = sorted(strata, key=lambda one: (-one["visits"], one["stratum"]))
    named, rest = ordered[:MIX_CAP], ordered[MIX_CAP:]
    if rest:
        sums = {key: sum(one[key] for one in rest) for key in ("visits", "observed", "expected")}
        named.append({"stratum": "other", **sums})
    return named


def positive_rate(units: pl.DataFrame, unit: int, group: Codes) -> dict[str, int] | None:
    """Positive among reported examinations, the unit's own and its peers'; None where no report says.

    Args:
        units: rows of ``positive`` and ``reported``.
        unit: row of whose.
        group: rows of the whole peer group.
    """
    own, members = units.row(unit, named=True), units[group.tolist()]
    if not own["reported"]:
        return None
    return {
        "positive": own["positive"],
        "reported": own["reported"],
        "peer_positive": int(members["positive"].sum()) - own["positive"],
        "peer_reported": int(members["reported"].sum()) - own["reported"],
    }


def rounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with numbers to six significant digits."""
    return [_rounded(row) for row in rows]


def _rounded(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: six_digits(value) if isinstance(value, float) else value for key, value in row.items()}
