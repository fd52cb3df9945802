"""Peer groups: with whom a unit is compared, and how it stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import stats

from detectors.statistics.exact import over_dispersed_upper_tail
from detectors.statistics.expected import Codes
from detectors.statistics.fdr import q_values
from detectors.statistics.funnel import Floats, Funnel, funnel_of_ratios
from detectors.statistics.shrinkage import GammaPrior, fit_prior, probability_above, shrunk_ratio

Flags: TypeAlias = npt.NDArray[np.bool_]

SMALL_EXPECTED = 20.0
"""Below this expected count the normal tail of the square root is replaced by the exact one."""

NO_GROUP = -1
"""Tier of a unit for which no tier holds enough peers."""


@dataclass(frozen=True)
class Standing:
    """How the members of one peer group stand; arrays of shape (n,) in the order of the input."""

    observed: Floats
    expected: Floats
    funnel: Funnel
    prior: GammaPrior
    p: Floats
    q: Floats
    shrunk: Floats
    probability: Floats

    @property
    def ratio(self) -> Floats:
        """Observed over expected."""
        return self.observed / self.expected


def choose_tiers(groups: Sequence[Codes], has_enough: Sequence[Flags], min_peers: int) -> Codes:
    """For each unit, the finest tier on which it has enough data and at least ``min_peers`` others that have too.

    Args:
        groups: peer group code of each unit on each tier, fine to coarse, each of shape (n,).
        has_enough: whether each unit has enough data to be compared on that tier, each of shape (n,).
        min_peers: how many others there must be.

    Returns:
        Index of the tier, or ``NO_GROUP``, shape (n,).
    """
    tiers = np.full(groups[0].shape, NO_GROUP, dtype=np.int64)
    for tier in reversed(range(len(groups))):
        members = np.bincount(groups[tier], weights=has_enough[tier])[groups[tier]]
        tiers[has_enough[tier] & (members - 1 >= min_peers)] = tier
    return tiers


def stand_among_peers(observed: npt.ArrayLike, expected: npt.ArrayLike, threshold: float = 1.5) -> Standing:
    """Funnel, shrinkage and false discovery over one peer group, all members of which have enough data.

    Args:
        observed: counts, shape (n,), n >= 2.
        expected: expected counts above 0, shape (n,).
        threshold: the ratio whose exceedance gets a probability.
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    funnel, prior = funnel_of_ratios(o, e), fit_prior(o, e)
    p = upper_tail(o, e, funnel.tau2)
    return Standing(
        observed=o,
        expected=e,
        funnel=funnel,
        prior=prior,
        p=p,
        q=q_values(p),
        shrunk=shrunk_ratio(prior, o, e),
        probability=probability_above(prior, o, e, threshold),
    )


def upper_tail(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: float) -> Floats:
    """One-sided p: the normal tail of z_od, or the exact over-dispersed tail where E < ``SMALL_EXPECTED``."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    normal = stats.norm.sf(adjusted_z(o, e, tau2))
    return np.where(e < SMALL_EXPECTED, over_dispersed_upper_tail(o, e, tau2), normal)


def adjusted_z(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: float) -> Floats:
    """z_od = (sqrt(O/E) - 1) / sqrt(1/(4E) + tau2), with a tau2 known from the peer group."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return np.asarray((np.sqrt(o / e) - 1.0) / np.sqrt(0.25 / e + tau2), dtype=np.float64)


def q_with_one_replaced(p_values: npt.ArrayLike, position: int, p: float) -> float:
    """The q-value that the member at ``position`` would have, had its p-value been ``p`` and all others the same."""
    replaced = np.array(p_values, dtype=np.float64)
    replaced[position] = p
    return float(q_values(replaced)[position])
