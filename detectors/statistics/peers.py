"""Peer groups: with whom a unit is compared, and how it stands among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from detectors.statistics.exact import over_dispersed_upper_tail
from detectors.statistics.expected import Codes, total_by
from detectors.statistics.fdr import q_values
from detectors.statistics.funnel import Floats, Funnel, between_unit_variance, funnel_of_ratios, over_dispersion
from detectors.statistics.proportions import probability_of_share_above, shrunk_share, stand_in_share
from detectors.statistics.shrinkage import fit_prior, probability_above, shrunk_ratio
from detectors.statistics.size_null import SizeNull, null_by_size
from detectors.statistics.spread import practice_variance

Flags: TypeAlias = npt.NDArray[np.bool_]

SMALL_EXPECTED = 20.0
"""Below this expected count the normal tail of the square root is replaced by the exact one."""

FEW_NEAREST = 5
"""With fewer nearest peers than this (same cell), a unit's own practice cannot be told from its cell's."""

ALLOWANCE = 1.05
"""How far the variance between members is taken above the likeliest one, which is a little small: who is of another
kind was fitted to the same members."""

FITTED = 2
"""What besides the variance is fitted to the members: the mean, and the share of another kind."""

NO_GROUP = -1
"""Tier of a unit for which no tier holds enough peers."""


@dataclass(frozen=True)
class Standing:
    """How the members of one peer group stand; arrays of shape (n,) in the order of the input.

    Attributes:
        observed, expected: as given.
        funnel: of the group.
        tau2: variance beyond chance that each member is allowed, on the square-root scale: of counts a quarter of
            ``practice_variance``, of shares the funnel's, plus the extra variance given.
        z: (sqrt(O/E) - 1) / sqrt(1/(4E) + tau2).
        p, q: one-sided p-value and its Benjamini-Hochberg q-value within the group.
        shrunk, probability: posterior mean ratio, and P(ratio > threshold): Gamma-Poisson, of shares beta-binomial.
        trials: of shares, what the observed are part of; None for counts.
        null: of counts, the null by size where one was asked for and there are members enough; z and p are about it.
    """

    observed: Floats
    expected: Floats
    funnel: Funnel
    tau2: Floats
    z: Floats
    p: Floats
    q: Floats
    shrunk: Floats
    probability: Floats
    trials: Floats | None = None
    null: SizeNull | None = None

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


def stand_among_peers(
    observed: npt.ArrayLike,
    expected: npt.ArrayLike,
    threshold: float = 1.5,
    extra_variance: npt.ArrayLike = 0.0,
    *,
    by_size: bool = False,
) -> Standing:
    """Funnel, shrinkage and false discovery over one peer group, all members of which have enough data.

    Args:
        observed: counts, shape (n,), n >= 2.
        expected: expected counts above 0, shape (n,).
        threshold: the ratio whose exceedance gets a probability.
        extra_variance: what each member is allowed beyond the group's tau2, shape (n,) or one for all.
        by_size: whether the null is fitted along the expected count, where there are members enough.
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    funnel, prior = funnel_of_ratios(o, e), fit_prior(o, e)
    null = null_by_size(o, e) if by_size else None
    middle, variance = null.at(e) if null else (1.0, practice_variance(o, e))
    tau2 = variance / 4 + np.broadcast_to(np.asarray(extra_variance, dtype=np.float64), o.shape)
    p = upper_tail_among(o, middle * e, tau2, null.members if null else o.size)
    return Standing(
        observed=o,
        expected=e,
        funnel=funnel,
        tau2=tau2,
        z=adjusted_z(o, middle * e, tau2),
        p=p,
        q=q_values(p),
        shrunk=shrunk_ratio(prior, o, e),
        probability=probability_above(prior, o, e, threshold),
        null=null,
    )


def stand_by_share(
    observed: npt.ArrayLike, trials: npt.ArrayLike, expected: npt.ArrayLike, threshold: float = 1.5
) -> Standing:
    """The same for shares: observed out of trials, expected of each with its own mix, all of shape (n,)."""
    r, n, e = (np.asarray(values, dtype=np.float64) for values in (observed, trials, expected))
    share = stand_in_share(r, n, e / n)
    tau2 = np.full(r.shape, share.funnel.tau2)
    # as the Gamma prior of counts is, that of shares is fitted to all members, outliers too
    spread = between_unit_variance(over_dispersion(share.funnel.z, share=0.0), share.funnel.s)
    return Standing(
        observed=r,
        expected=share.target * n,
        funnel=share.funnel,
        tau2=tau2,
        z=share.z,
        p=share.p_high,
        q=q_values(share.p_high),
        shrunk=shrunk_share(r, n, share.target, spread) / share.target,
        probability=probability_of_share_above(r, n, share.target, spread, threshold),
        trials=n,
    )


def cells_apart(
    cell: Codes, observed: npt.ArrayLike, expected: npt.ArrayLike, expected_elsewhere: npt.ArrayLike
) -> float:
    """How much the cells of a widened peer group differ: the variance to allow a member with few peers of its own kind.

    A widened group holds several cells (level x department). Members of a well-filled cell are measured against their
    own cell; one alone in its cell is measured against other cells, and may differ as cells differ. That variance is
    estimated from the cells that hold two members or more, as the funnel's tau2 over cells: y = sqrt(O/E) of the cell,
    E by the rates of other cells. It is never taken below the tau2 between members: few cells tell little.

    Args:
        cell: finest peer group of each member, shape (n,).
        observed: counts, shape (n,).
        expected: expected counts above 0 that members are measured against, shape (n,).
        expected_elsewhere: expected counts by the rates of other cells, shape (n,); NaN where there is no other cell.

    Returns:
        Variance on the square-root scale.
    """
    code = np.unique(cell, return_inverse=True)[1].astype(np.int64)
    o, e = (total_by(code, values) for values in (observed, expected_elsewhere))
    telling = (np.bincount(code) >= 2) & (np.nan_to_num(e) > 0)
    between = _variance_of_cells(o[telling], e[telling]) if telling.sum() >= 2 else 0.0
    return max(between, practice_variance(observed, expected) / 4)


def upper_tail(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: npt.ArrayLike) -> Floats:
    """One-sided p: the normal tail of z, or the exact over-dispersed tail where E < ``SMALL_EXPECTED``."""
    from scipy import stats

    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    normal = stats.norm.sf(adjusted_z(o, e, tau2))
    return np.where(e < SMALL_EXPECTED, over_dispersed_upper_tail(o, e, tau2), normal)


def upper_tail_among(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: npt.ArrayLike, members: int) -> Floats:
    """One-sided p: the exact over-dispersed tail, allowing for a tau2 that is itself estimated from the members.

    The negative binomial tail (which a skewed spread of practice follows further out than the normal tail of z does) is
    read as a normal z and that on Student's t with members - 1 degrees of freedom; tau2 is taken ``ALLOWANCE`` x
    members / (members - ``FITTED``) times. Without these, lists of innocent doctors are empty in fewer than 95 of 100
    cases (tests/accuracy/RESULTS.md).
    """
    from scipy import stats

    freedom = max(members - FITTED, 1)
    z = stats.norm.isf(over_dispersed_upper_tail(observed, expected, ALLOWANCE * members / freedom * np.asarray(tau2)))
    return np.asarray(stats.t.sf(z, max(members - 1, 1)), dtype=np.float64)


def adjusted_z(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: npt.ArrayLike) -> Floats:
    """Gives z = (sqrt(O/E) - 1) / sqrt(1/(4E) + tau2), with tau2 known from the peer group."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return np.asarray((np.sqrt(o / e) - 1.0) / np.sqrt(0.25 / e + np.asarray(tau2)), dtype=np.float64)


def q_with_one_replaced(p_values: npt.ArrayLike, position: int, p: float) -> float:
    """The q-value that the member at ``position`` would have, had its p-value been ``p`` and all others the same."""
    replaced = np.array(p_values, dtype=np.float64)
    replaced[position] = p
    return float(q_values(replaced)[position])


def _variance_of_cells(observed: Floats, expected: Floats) -> float:
    """The funnel's tau2 over a handful of cells: not winsorised, for every cell is telling."""
    funnel = funnel_of_ratios(observed, expected)
    return between_unit_variance(over_dispersion(funnel.z, share=0.0), funnel.s)
