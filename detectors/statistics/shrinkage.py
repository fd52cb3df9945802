"""Gamma-Poisson shrinkage: a ratio from few events is pulled towards its peers before anybody reads it.

O ~ Poisson(theta E), theta ~ Gamma(shape a, rate b); then theta | O ~ Gamma(a + O, b + E).
Source: Clayton D, Kaldor J, Empirical Bayes estimates of age-standardized relative risks, Biometrics 1987;43:671-681.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats

LEAST_VARIANCE = 1e-4
"""Peers' ratios are never taken as equal: the prior's variance is held at a standard deviation of 1 % of their mean."""


@dataclass(frozen=True)
class GammaPrior:
    """How peers' true ratios are spread: Gamma of shape ``a`` and rate ``b``, mean a / b, variance a / b^2."""

    a: float
    b: float


def fit_prior(observed: npt.ArrayLike, expected: npt.ArrayLike) -> GammaPrior:
    """The peers' Gamma prior by moments.

    m = sum(O) / sum(E); v = (sum(E (O/E - m)^2) - (n - 1) m) / (sum(E) - sum(E^2) / sum(E)); a = m^2 / v, b = m / v.
    Chance makes up (n - 1) m of the weighted squares; where v comes out tiny or negative it is held at
    ``LEAST_VARIANCE`` times m squared.

    Args:
        observed: counts, shape (n,).
        expected: expected counts above 0, shape (n,).

    Raises:
        ValueError: for fewer than two peers, or where nothing was observed at all.
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if o.size < 2 or not o.sum() > 0:
        raise ValueError("a prior needs two peers or more, and at least one event")
    total = math.fsum(e)
    mean = math.fsum(o) / total
    squares = math.fsum(e * (o / e - mean) ** 2)
    variance = (squares - (o.size - 1) * mean) / (total - math.fsum(e**2) / total)
    variance = max(variance, LEAST_VARIANCE * mean**2)
    return GammaPrior(a=mean**2 / variance, b=mean / variance)


def shrunk_ratio(prior: GammaPrior, observed: npt.ArrayLike, expected: npt.ArrayLike) -> Floats:
    """Posterior mean of the true ratio: (a + O) / (b + E), shape as the input."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return (prior.a + o) / (prior.b + e)


def probability_above(
    prior: GammaPrior, observed: npt.ArrayLike, expected: npt.ArrayLike, threshold: float = 1.5
) -> Floats:
    """P(theta > threshold | O): the upper tail of Gamma(a + O, rate b + E), shape as the input."""
    from scipy import stats

    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    return np.asarray(stats.gamma.sf(threshold, prior.a + o, scale=1.0 / (prior.b + e)), dtype=np.float64)
