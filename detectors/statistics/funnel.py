"""Funnels with over-dispersion: how far a unit stands from its peers, given that peers differ among themselves.

Source: Spiegelhalter DJ, Handling over-dispersion of performance indicators, Qual Saf Health Care 2005;14:347-351;
Spiegelhalter et al., Statistical methods for healthcare regulation, J R Stat Soc A 2012;175:1-47.

One thing is added to those papers: winsorising also shrinks the z-scores of units that are merely ordinary, to 0.68 of
their mean square at 10 %, so phi is divided by what winsorising leaves of a standard normal. Without it tau2 is a third
too small and the false discovery rate is not held (tests/accuracy/RESULTS.md has the figures with and without).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]

WINSORISED_SHARE = 0.10
"""Share of the z-scores pulled in at each end before dispersion is estimated: outliers must not hide themselves."""


@dataclass(frozen=True)
class Funnel:
    """Standing of n units among themselves; arrays in the order of the input.

    Attributes:
        y: transformed indicator (square root of O/E, or arcsine of the square root of a proportion), shape (n,).
        s: standard error of y by chance alone, shape (n,).
        target: transformed target, 1 for ratios; one for all, or each unit's own, shape (n,).
        z: (y - target) / s, shape (n,).
        phi: over-dispersion factor, see ``over_dispersion``; near 1 = chance alone, NaN where n = 0.
        tau2: variance of y between units beyond chance, 0 or more.
    """

    y: Floats
    s: Floats
    target: float | Floats
    z: Floats
    phi: float
    tau2: float


def funnel_of_ratios(observed: npt.ArrayLike, expected: npt.ArrayLike) -> Funnel:
    """Funnel of observed over expected counts: y = sqrt(O/E), s = 1 / (2 sqrt(E)), target 1.

    Args:
        observed: counts, 0 or more, shape (n,).
        expected: expected counts, above 0, shape (n,).

    Raises:
        ValueError: where an expected count is not above 0.
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if np.any(~(e > 0)):
        raise ValueError("expected counts must be above 0")
    return _funnel(np.sqrt(o / e), 0.5 / np.sqrt(e), 1.0)


def funnel_of_proportions(successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike) -> Funnel:
    """Funnel of proportions: y = arcsin(sqrt(r/n)), s = 1 / (2 sqrt(n)), target arcsin(sqrt(p)).

    Args:
        successes: counts between 0 and trials, shape (n,).
        trials: counts above 0, shape (n,).
        target: the proportion to compare with, 0 to 1: one for all, or each unit's own (what peers would have had with
            the same mix of cases), shape (n,).

    Raises:
        ValueError: where there are no trials, or the target is no proportion.
    """
    r, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    p = np.asarray(target, dtype=np.float64)
    if np.any(~(n > 0)):
        raise ValueError("trials must be above 0")
    if np.any(~((p >= 0) & (p <= 1))):
        raise ValueError("a target proportion lies between 0 and 1")
    return _funnel(angle(r / n), 0.5 / np.sqrt(n), angle(p) if p.ndim else float(angle(p)))


def angle(proportion: npt.ArrayLike) -> Floats:
    """The variance-stabilising angle of a proportion, arcsin(sqrt(p)), 0 to pi / 2."""
    return np.asarray(np.arcsin(np.sqrt(np.asarray(proportion, dtype=np.float64))), dtype=np.float64)


def winsorise(values: npt.ArrayLike, share: float = WINSORISED_SHARE) -> Floats:
    """Values with both tails pulled in to the ``share`` and ``1 - share`` quantiles (linear interpolation)."""
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        return array
    low, high = np.quantile(array, [share, 1 - share])
    return np.clip(array, low, high)


def winsorised_normal_square(share: float = WINSORISED_SHARE) -> float:
    """Mean square of a standard normal winsorised at ``share``: 1 - 2 share - 2 c f(c) + 2 share c^2, F(c) = 1 - share.

    0.6786 at 10 %; 1 where nothing is winsorised.
    """
    from scipy import stats

    if share == 0:
        return 1.0
    cut = float(stats.norm.isf(share))
    return 1 - 2 * share - 2 * cut * float(stats.norm.pdf(cut)) + 2 * share * cut**2


def over_dispersion(z: npt.ArrayLike, share: float = WINSORISED_SHARE) -> float:
    """The factor phi = sum(z^2) / (n c) over winsorised z, where c is what winsorising leaves of a standard normal.

    NaN where there is no z.
    """
    pulled_in = winsorise(z, share)
    if not pulled_in.size:
        return math.nan
    return math.fsum(pulled_in**2) / pulled_in.size / winsorised_normal_square(share)


def between_unit_variance(phi: float, s: npt.ArrayLike) -> float:
    """Variance between units, by moments (DerSimonian-Laird form).

    tau2 = max(0, (n phi - (n - 1)) / (sum(w) - sum(w^2) / sum(w))), w = 1 / s^2. Zero for fewer than two units.
    """
    w = 1.0 / np.asarray(s, dtype=np.float64) ** 2
    if w.size < 2:
        return 0.0
    total = math.fsum(w)
    return max(0.0, (w.size * phi - (w.size - 1)) / (total - math.fsum(w**2) / total))


def _funnel(y: Floats, s: Floats, target: float | Floats) -> Funnel:
    z = (y - target) / s
    phi = over_dispersion(z)
    return Funnel(y=y, s=s, target=target, z=z, phi=phi, tau2=between_unit_variance(phi, s))
