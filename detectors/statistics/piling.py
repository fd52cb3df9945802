"""Whether counts heap at a point of a scale: a discrete density test against a smooth neighbourhood.

The counts beside the point are fitted by a Poisson regression, log-quadratic in the scale; what heaps, and what may
have been drawn away from just beyond, takes no part in the fit. Source of the idea: McCrary J, Manipulation of the
running variable, J Econometrics 2008;142:698-714; Kleven HJ, Bunching, Annu Rev Econ 2016;8:435-464.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats

STEPS = 60
"""Steps of the fit at most; it settles in about ten."""

RIDGE = 1e-6
"""Keeps the fit solvable where nearly all counts are 0."""

TERMS = 3
"""Coefficients of the log-quadratic curve."""


@dataclass(frozen=True)
class Piling:
    """One heap against its neighbourhood.

    Attributes:
        observed: count in the heap.
        expected: what the smooth curve has there.
        curve: the smooth curve at every point, shape (n,).
        tau2: variance on the square-root scale that the curve's own uncertainty and the roughness of the neighbourhood
            add to chance; goes where ``peers.upper_tail`` takes it.
    """

    observed: float
    expected: float
    curve: Floats
    tau2: float


def piling(counts: npt.ArrayLike, is_heap: npt.ArrayLike, is_left_out: npt.ArrayLike) -> Piling:
    """The heap of one row of counts.

    With x from -1 to 1 over the points: log mu = b0 + b1 x + b2 x^2, fitted where neither ``is_heap`` nor
    ``is_left_out``. phi = max(1, Pearson chi-square / degrees of freedom) is the neighbourhood's roughness, C the
    covariance of b. E = sum of mu over the heap, v = g' C g / E^2 with g = sum of mu x over the heap;
    tau2 = (phi v + (phi - 1) / E) / 4.

    Args:
        counts: at evenly spaced points, shape (n,).
        is_heap: points that are tested, shape (n,).
        is_left_out: points that are neither tested nor fitted, shape (n,).

    Raises:
        ValueError: fewer than five points are left to fit, or none is tested.
    """
    n = np.asarray(counts, dtype=np.float64)
    heap, out = np.asarray(is_heap, dtype=np.bool_), np.asarray(is_left_out, dtype=np.bool_)
    beside = ~(heap | out)
    if beside.sum() < TERMS + 2 or not heap.any():
        raise ValueError("a heap needs a point of its own and five beside it")
    x = np.linspace(-1.0, 1.0, n.size)
    design = np.stack([np.ones_like(x), x, x * x], axis=1)
    b, covariance = _fit(design[beside], n[beside])
    mu = _mean(design, b)
    pearson = float(np.sum((n[beside] - mu[beside]) ** 2 / mu[beside]))
    phi = max(1.0, pearson / (int(beside.sum()) - TERMS))
    expected = float(mu[heap].sum())
    g = (mu[heap, None] * design[heap]).sum(axis=0)
    v = float(g @ covariance @ g) / expected**2
    return Piling(float(n[heap].sum()), expected, mu, (phi * v + (phi - 1.0) / expected) / 4.0)


def _fit(design: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Coefficients and their covariance, by iteratively reweighted least squares."""
    b = np.zeros(TERMS)
    b[0] = np.log(counts.mean() + 0.5)
    for _ in range(STEPS):
        mu = _mean(design, b)
        weighted = design * mu[:, None]
        step = np.linalg.solve(design.T @ weighted + RIDGE * np.eye(TERMS), design.T @ (counts - mu) - RIDGE * b)
        b = b + step
        if float(np.abs(step).max()) < 1e-10:
            break
    mu = _mean(design, b)
    covariance = np.linalg.inv(design.T @ (design * mu[:, None]) + RIDGE * np.eye(TERMS))
    return b, np.asarray(covariance, dtype=np.float64)


def _mean(design: Floats, b: Floats) -> Floats:
    """The curve, held within what a count can be, so that a bad step of the fit recovers."""
    return np.asarray(np.exp(np.clip(design @ b, -12.0, 20.0)), dtype=np.float64)
