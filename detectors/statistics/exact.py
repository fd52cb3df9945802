"""Exact tests and intervals for small counts."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats


def poisson_upper_tail(observed: npt.ArrayLike, expected: npt.ArrayLike) -> Floats:
    """P(X >= O) for X ~ Poisson(E), shape as the input."""
    from scipy import stats

    o = np.asarray(observed, dtype=np.float64)
    return np.asarray(stats.poisson.sf(o - 1, np.asarray(expected, dtype=np.float64)), dtype=np.float64)


def over_dispersed_upper_tail(observed: npt.ArrayLike, expected: npt.ArrayLike, tau2: npt.ArrayLike) -> Floats:
    """P(X >= O) where X ~ Poisson(theta E) and theta, with mean 1, differs between units as the funnel's tau2 says.

    tau2 is the variance of sqrt(theta), so by the delta method theta has variance 4 tau2; with theta ~ Gamma(1/v, 1/v),
    v = 4 tau2, X is negative binomial of size 1/v and success probability 1 / (1 + v E). Where tau2 = 0 it is Poisson.

    Args:
        observed: counts, shape (n,).
        expected: expected counts above 0, shape (n,).
        tau2: variance between units on the funnel's square-root scale, 0 or more, shape (n,) or one for all.
    """
    from scipy import stats

    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    variance = 4.0 * np.asarray(tau2, dtype=np.float64)
    size = np.divide(1.0, variance, out=np.ones_like(variance), where=variance > 0)
    tail = stats.nbinom.sf(o - 1, size, 1.0 / (1.0 + variance * e))
    return np.asarray(np.where(variance > 0, tail, poisson_upper_tail(o, e)), dtype=np.float64)


def wilson_interval(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of a proportion.

    (p + z^2/2n -/+ z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). Source: Wilson EB, J Am Stat Assoc 1927;22:209-212.

    Returns:
        Lower and upper bound, each 0 to 1; (0, 1) where there were no trials.

    Raises:
        ValueError: where successes are negative or exceed trials.
    """
    from scipy import stats

    if not 0 <= successes <= trials:
        raise ValueError("successes lie between 0 and trials")
    if trials == 0:
        return 0.0, 1.0
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    p = successes / trials
    centre = p + z * z / (2 * trials)
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)
