"""How far the practice of peers differs beyond chance, whatever a few of them do.

Counts are Gamma-Poisson: O ~ Poisson(theta E), theta ~ Gamma of mean 1 and variance v, so O is negative binomial. A few
members may be of another kind and multiply their practice by a factor; v is the one of largest likelihood over both
kinds, so that those who stand apart do not hide themselves by widening the yardstick that they are held to.

Source of the form: Efron B, Large-scale inference, Cambridge 2010, ch. 2 and 6 (two groups, an empirical null); of the
counts: Clayton D, Kaldor J, Biometrics 1987;43:671-681. What a winsorised variance loses beside it stands in
tests/accuracy/RESULTS.md: of 30 peers, a tenth of the planted doctors.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats
from detectors.statistics.telling import evenly

OTHER_FACTORS = (1.5, 2.0, 3.0, 4.5, 8.0, 16.0, 0.25, 0.06)
"""By what the practice of the other kind is multiplied: one of these. Some doctors order next to nothing."""

OTHER_SHARES = (0.01, 0.03, 0.06)
"""What share of the members is of the other kind: none, or one of these."""

LEAST_VARIANCE, MOST_VARIANCE = 1e-4, 4.0
"""Between which v is looked for; at the lower end practice is taken as all alike."""

COARSE, FINE = 24, 7
"""Points of the search: over the whole range of log v, then about the best of them."""

MOST_MEMBERS = 2000
"""Of more members than these, so many are read, evenly by what is expected of them: the rest would add nothing."""


def practice_variance(observed: npt.ArrayLike, expected: npt.ArrayLike) -> float:
    """Variance v of the members' true ratios, 0 where they are all alike.

    The members' order is irrelevant.

    Args:
        observed: counts (or money in grains), 0 or more, shape (n,).
        expected: expected counts above 0, shape (n,).
    """
    o, e = _in_order(observed, expected)
    fit = _likelihood(o, e)
    grid = np.linspace(math.log(LEAST_VARIANCE), math.log(MOST_VARIANCE), COARSE)
    best = int(np.argmax([fit(float(at)) for at in grid]))
    if best == 0:
        return 0.0
    step = float(grid[1] - grid[0])
    near = np.linspace(grid[best] - step, grid[best] + step, FINE)
    return math.exp(_summit(near, np.array([fit(float(at)) for at in near])))


def _in_order(observed: npt.ArrayLike, expected: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Both sorted, so that sums come out the same in whatever order members stand, and thinned."""
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    order = np.lexsort((o, e))
    kept = order[evenly(order.size, MOST_MEMBERS)]
    return o[kept], e[kept]


def _likelihood(o: Floats, e: Floats) -> Callable[[float], float]:
    """The log likelihood of log v, over the best share and factor of the other kind; less what does not hold v."""
    from scipy.special import gammaln

    def fit(log_v: float) -> float:
        size = math.exp(-log_v)
        spread = np.log(size + e)
        plain = gammaln(o + size) - gammaln(size) + size * math.log(size) + o * np.log(e) - (size + o) * spread
        gains = [0.0]
        for factor in OTHER_FACTORS:
            apart = o * math.log(factor) - (size + o) * (np.log(size + factor * e) - spread)
            gains += [float(np.logaddexp(math.log1p(-share), math.log(share) + apart).sum()) for share in OTHER_SHARES]
        return float(plain.sum()) + max(gains)

    return fit


def _summit(at: Floats, height: Floats) -> float:
    """Where the parabola through the highest point and its neighbours is highest."""
    top = min(max(int(np.argmax(height)), 1), at.size - 2)
    before, here, after = height[top - 1 : top + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(at[top] + (at[1] - at[0]) * min(max(shift, -1.0), 1.0))
