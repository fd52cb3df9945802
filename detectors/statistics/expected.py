"""Expected counts by indirect standardisation: what peers would have done with this unit's own case mix.

Source: Breslow NE, Day NE, Statistical methods in cancer research II, IARC 1987, ch. 2 (indirect standardisation).
Each stratum's rate is shrunk towards its parent stratum's, because fine strata are thin, and leaves out the unit that
is judged, because an outlier would otherwise pull its own yardstick along.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats

Codes: TypeAlias = npt.NDArray[np.int64]

PRIOR_VISITS = 20.0
"""Weight of the parent's rate in a stratum's own, in visits: a stratum of 20 visits by others counts for half."""


def expected_counts(
    unit: Codes,
    levels: Sequence[Codes],
    visits: npt.ArrayLike,
    events: npt.ArrayLike,
    prior_visits: float = PRIOR_VISITS,
) -> Floats:
    """Expected events of each row, from the rates of all other units in its strata.

    At the root (``levels[0]``, the peer group): r_0 = (O - o) / (N - n). One level down and further:
    r_l = (O_l - o_l + k r_(l-1)) / (N_l - n_l + k), where O, N are the stratum's events and visits, o, n the judged
    unit's own in it, and k = ``prior_visits``. Expected = the row's visits x the deepest rate.

    Args:
        unit: code of the judged unit of each row, shape (n,).
        levels: stratum codes from coarse to fine, each of shape (n,); each is read within the ones before it.
        visits: visits of each row, whole numbers, shape (n,).
        events: events of each row, whole numbers, shape (n,).
        prior_visits: k above, in visits.

    Returns:
        Expected events, shape (n,); NaN where no other unit has a visit in the peer group. Each row's value rests on
        whole-number totals only, so the order of rows never matters.
    """
    n, o = np.asarray(visits, dtype=np.float64), np.asarray(events, dtype=np.float64)
    stratum = _compact(levels[0])
    others_visits, others_events = _others(unit, stratum, n), _others(unit, stratum, o)
    rate = np.divide(others_events, others_visits, out=np.full(n.shape, np.nan), where=others_visits > 0)
    for level in levels[1:]:
        stratum = nest(stratum, level)
        others_visits, others_events = _others(unit, stratum, n), _others(unit, stratum, o)
        rate = (others_events + prior_visits * rate) / (others_visits + prior_visits)
    return np.asarray(n * rate, dtype=np.float64)


def nest(outer: Codes, inner: Codes) -> Codes:
    """Codes 0, 1, 2 … of each pair (outer, inner), numbered in the order of the pairs."""
    compact = _compact(inner)
    return _compact(_compact(outer) * (int(compact.max(initial=0)) + 1) + compact)


def total_by(codes: Codes, values: npt.ArrayLike) -> Floats:
    """Sum of ``values`` by code (0 to max), added in the order of rows."""
    return np.asarray(np.bincount(codes, weights=np.asarray(values, dtype=np.float64)), dtype=np.float64)


def _others(unit: Codes, stratum: Codes, values: Floats) -> Floats:
    """For each row: the stratum's total without the row's own unit."""
    own = nest(stratum, unit)
    return total_by(stratum, values)[stratum] - total_by(own, values)[own]


def _compact(codes: Codes) -> Codes:
    """The same codes renumbered 0, 1, 2 … in order; without sorting where they lie close together."""
    if codes.size and codes.min() >= 0 and codes.max() < 8 * codes.size:
        is_used = np.zeros(int(codes.max()) + 1, dtype=np.bool_)
        is_used[codes] = True
        return (np.cumsum(is_used) - 1)[codes].astype(np.int64)
    return np.unique(codes, return_inverse=True)[1].astype(np.int64).reshape(-1)
