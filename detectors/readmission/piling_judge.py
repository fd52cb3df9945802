"""The judge of lengths and costs of stays that heap just under a limit, institution by institution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.statistics.fdr import q_values
from detectors.statistics.funnel import Floats, funnel_of_ratios
from detectors.statistics.peers import adjusted_z, upper_tail
from detectors.statistics.piling import TERMS, Piling, piling
from detectors.statistics.telling import period_label, priced, six_digits

SHAPE: dict[str, Any] = {
    "subject_id": pl.String,
    "institution_id": pl.String,
    "occurred_at": pl.Datetime("us"),
    "amount_at_issue": pl.Decimal(18, 2),
    "fund_amount_at_issue": pl.Decimal(18, 2),
    "measure": pl.String,
    "family": pl.String,
    "observed": pl.Int64,
    "trials": pl.Int64,
    "expected": pl.Float64,
    "ratio": pl.Float64,
    "beyond_ratio": pl.Float64,
    "z": pl.Float64,
    "p_value": pl.Float64,
    "q_value": pl.Float64,
    "peers": pl.Int64,
    "peer_ratio": pl.Float64,
    "limit_days": pl.Int64,
    "under_days": pl.Int64,
    "limit_pct": pl.Int64,
    "under_pct": pl.Int64,
    "period": pl.String,
    "lengths": pl.List(pl.Struct({"days": pl.Int64, "stays": pl.Int64, "expected": pl.Float64})),
    "costs": pl.List(pl.Struct({"pct": pl.Int64, "stays": pl.Int64, "expected": pl.Float64})),
}
"""Columns of an answer."""


@dataclass(frozen=True)
class Scale:
    """One of the two scales on which stays may heap.

    Attributes:
        name: as the question writes it.
        unit: ends the names of its parameters (``limit_days``) and names the places in the evidence.
        rows: the column of the answer that holds the counts.
        measure: what makes the finding's id.
    """

    name: str
    unit: str
    rows: str
    measure: str


SCALES = (
    Scale("days", "days", "lengths", "discharges_at_limit"),
    Scale("payment", "pct", "costs", "costs_at_limit"),
)


@dataclass(frozen=True)
class Neighbourhood:
    """Places on a scale around its limit, one a step: all of them, those that heap, those just beyond.

    ``step`` is how many days, or hundredths of the payment standard, one place is wide.
    """

    scale: Scale
    step: int
    limit: int
    under: int
    places: Floats
    is_heap: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    is_beyond: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


@dataclass(frozen=True)
class Standings:
    """Every institution's heap; arrays in the order of the institutions."""

    expected: Floats
    peer_ratio: Floats
    z: Floats
    p: Floats
    q: Floats


def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Institutions whose discharges heap at the limit of days, or whose costs heap at that of payment.

    Judged where ``min_trials`` stays lie in the neighbourhood. Flagged where the heap is ``min_ratio`` times what is
    expected, z reaches ``z_min`` and q <= ``q_max``. With ``baseline`` = peers and ``min_peers`` others, expected is
    the smooth curve times what the others' heaps are over theirs (weekly rhythm, clinical custom), and heaps may
    differ as the others' do. The rate of false discoveries is held on each scale apart.

    Args:
        rows: the question's rows: stays by institution, scale and place, in any order.
        parameters: the card's, resolved.
    """
    found = [
        answer
        for scale in SCALES
        for answer in _judged(rows.filter(pl.col("scale") == scale.name), neighbourhood(scale, parameters), parameters)
    ]
    return pl.DataFrame(found, schema=SHAPE, orient="row").sort("institution_id", "measure")


def _judged(rows: pl.DataFrame, around: Neighbourhood, parameters: Mapping[str, Value]) -> list[dict[str, Any]]:
    """Answers on one scale."""
    if int((~(around.is_heap | around.is_beyond)).sum()) < TERMS + 2:
        return []
    near = rows.filter(pl.col("place").is_in(around.places.astype(np.int64).tolist()))
    parts = [part.sort("place") for part in near.sort("institution_id").partition_by("institution_id")]
    parts = [part for part in parts if part["stays"].sum() >= float(parameters["min_trials"])]
    if not parts:
        return []
    counts = [_counts(part, around) for part in parts]
    heaps = [piling(one, around.is_heap, around.is_beyond) for one in counts]
    stand = _standings(heaps, parameters)
    return [
        _answer(parts[at], counts[at], heaps[at], around, stand, at, parameters)
        for at in range(len(parts))
        if heaps[at].observed >= float(parameters["min_ratio"]) * stand.expected[at]
        and stand.z[at] >= float(parameters["z_min"])
        and stand.q[at] <= float(parameters["q_max"])
    ]


def neighbourhood(scale: Scale, parameters: Mapping[str, Value]) -> Neighbourhood:
    """Places from ``reach`` below the limit to as many above; ``under`` up to the limit are the heap."""
    wide = (parameters["limit_pct"], parameters["reach_pct"], parameters["under_pct"])
    step = int(parameters["step_pct"])
    if scale.unit == "days":
        wide, step = (parameters["limit_days"], parameters["reach_days"], parameters["under_days"]), 1
    limit, reach, under = (max(1, int(one) // step) for one in wide)
    places = np.arange(max(0, limit - reach), limit + reach + 1, dtype=np.float64)
    is_heap = (places > limit - under) & (places <= limit)
    return Neighbourhood(scale, step, limit, under, places, is_heap, (places > limit) & (places <= limit + under))


def _counts(part: pl.DataFrame, around: Neighbourhood) -> Floats:
    by_place = dict(part.select("place", "stays").iter_rows())
    return np.array([by_place.get(int(place), 0) for place in around.places], dtype=np.float64)


def _standings(heaps: list[Piling], parameters: Mapping[str, Value]) -> Standings:
    observed, smooth, own = (
        np.array([getattr(one, name) for one in heaps]) for name in ("observed", "expected", "tau2")
    )
    others = (observed.sum() - observed, smooth.sum() - smooth)
    peer_ratio = np.divide(others[0], others[1], out=np.full(smooth.shape, np.nan), where=others[1] > 0)
    has_peers = len(heaps) > int(parameters["min_peers"]) and parameters["baseline"] == "peers"
    expected = smooth * np.maximum(1.0, peer_ratio) if has_peers else smooth
    between = max(0.0, funnel_of_ratios(observed, expected).tau2 - float(np.median(own))) if has_peers else 0.0
    p = upper_tail(observed, expected, own + between)
    return Standings(expected, peer_ratio, adjusted_z(observed, expected, own + between), p, q_values(p))


def _answer(
    part: pl.DataFrame,
    counts: Floats,
    heap: Piling,
    around: Neighbourhood,
    stand: Standings,
    at: int,
    parameters: Mapping[str, Value],
) -> dict[str, Any]:
    """One flagged institution; figures to six significant digits."""
    expected, unit = float(stand.expected[at]), around.scale.unit
    own = part.filter(pl.col("place").is_between(around.limit - around.under + 1, around.limit))
    beyond = float(heap.curve[around.is_beyond].sum())
    excess = heap.observed - expected
    yuan, fund_yuan, told = own.select(pl.col("amount", "fund_amount", "priced").sum()).row(0)
    institution_id = part["institution_id"][0]
    last_day = timedelta(days=int(part["last_day"][0]))
    return {
        "subject_id": institution_id,
        "institution_id": institution_id,
        "occurred_at": datetime(1970, 1, 1) + last_day,  # noqa: DTZ001 - local wall time
        "amount_at_issue": priced(excess, yuan, told),
        "fund_amount_at_issue": priced(excess, fund_yuan, told),
        "measure": around.scale.measure,
        "family": None,
        "observed": int(heap.observed),
        "trials": int(counts.sum()),
        "expected": six_digits(expected),
        "ratio": six_digits(heap.observed / expected),
        "beyond_ratio": six_digits(float(counts[around.is_beyond].sum()) / beyond),
        "z": six_digits(float(stand.z[at])),
        "p_value": six_digits(float(stand.p[at])),
        "q_value": six_digits(float(stand.q[at])),
        "peers": len(stand.p) - 1,
        "peer_ratio": None if np.isnan(stand.peer_ratio[at]) else six_digits(float(stand.peer_ratio[at])),
        f"limit_{unit}": around.limit * around.step,
        f"under_{unit}": around.under * around.step,
        "period": period_label(int(part["last_quarter"][0]), int(parameters["quarters"])),
        around.scale.rows: [
            {unit: int(place) * around.step, "stays": int(count), "expected": six_digits(float(mu))}
            for place, count, mu in zip(around.places, counts, heap.curve, strict=True)
        ],
    }
