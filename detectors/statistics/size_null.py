"""A null that depends on size: where the middle of the peers lies, and how far they differ, among those of like size.

One variance for a whole group takes for granted that small and large units differ alike. Where small ones differ more
(or are seen in other patients), they crowd a list and large ones hide, or the other way about. In a large group the
null can be fitted along the expected count instead: in bins of like size, and by a line through the bins.

Source: Efron B, Large-scale simultaneous hypothesis testing: the choice of a null hypothesis, J Am Stat Assoc
2004;99:96-104, and Large-scale inference, 2010, ch. 6 (the null out of the middle of the cases themselves); Kalbfleisch
JD, Wolfe RA, On monitoring outcomes of medical providers, Stat Biosci 2013;5:286-302 (fitted by size of the provider);
Spiegelhalter DJ, Qual Saf Health Care 2005;14:347-351 (the one variance that it departs from).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.statistics.expected import Codes
from detectors.statistics.funnel import Floats
from detectors.statistics.spread import LEAST_VARIANCE, practice_variance
from detectors.statistics.telling import evenly

BIN_MEMBERS = 60
"""Fewest members of a bin: of fewer, how far they differ cannot be said."""

LEAST_BINS, MOST_BINS = 3, 12
"""Of fewer bins nobody sees a dependence on size; more would say no more."""

MEMBERS_A_FREEDOM = 10
"""Members to one degree of freedom of Student's t: two lines are fitted, where otherwise one number is."""

LEAST_IN_A_BIN = 1e-3
"""Variance of a bin at least: a coefficient of variation of 3 %, for members that seem all alike."""

READ_OF_A_BIN = 500
"""Members of a bin that are read at most, evenly by size."""

ROUNDS, HALVINGS = 2, 40
"""How often centre and variance are fitted in turn, and how often the interval of the centre is halved."""

FARTHEST_CENTRE = 4.0
"""The centre is looked for between this and one over this times the expected count."""


@dataclass(frozen=True)
class SizeNull:
    """The null along the expected count: centre and variance are powers of it, straight lines on log scales.

    Attributes:
        expected: median expected count of each bin, ascending, shape (k,).
        centre: the middle of the true ratios at each of these sizes, by the line, about 1, shape (k,).
        variance: variance of the true ratios over the centre there, by the line, shape (k,).
        members: how many members say so; fewer than there are, for a line holds more than one number.
    """

    expected: Floats
    centre: Floats
    variance: Floats
    members: int

    def at(self, expected: npt.ArrayLike) -> tuple[Floats, Floats]:
        """Centre and variance at each expected count, level beyond the first and the last bin."""
        where, size = np.log(np.asarray(expected, dtype=np.float64)), np.log(self.expected)
        centre, variance = (np.exp(np.interp(where, size, np.log(one))) for one in (self.centre, self.variance))
        return np.asarray(centre), np.asarray(variance)


def least_members() -> int:
    """How many members a group must have."""
    return LEAST_BINS * BIN_MEMBERS


def null_by_size(observed: npt.ArrayLike, expected: npt.ArrayLike) -> SizeNull | None:
    """The null of a group fitted by size; None where it has fewer than ``least_members``.

    Members are sorted by expected count into bins of as many each. In each bin, in turn: the centre is where the
    members' mid-p values average one half, which a few outliers move little; the variance is ``practice_variance``
    about that centre, from which outliers are set apart. A robust line goes through the bins. Members' order is
    irrelevant.

    Args:
        observed: counts, 0 or more, shape (n,).
        expected: expected counts above 0, shape (n,).
    """
    o, e = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    if o.size < least_members():
        return None
    bins = np.array_split(np.lexsort((o, e)), min(MOST_BINS, o.size // BIN_MEMBERS))
    fitted = [_fit(o[_read(one)], e[_read(one)]) for one in bins]
    size = np.array([float(np.median(e[one])) for one in bins])
    centre = np.exp(_line(size, np.array([math.log(centre) for centre, _ in fitted])))
    variance = np.exp(_line(size, np.array([math.log(variance) for _, variance in fitted])))
    return SizeNull(expected=size, centre=centre, variance=variance, members=o.size // MEMBERS_A_FREEDOM)


def _line(size: Floats, height: Floats) -> Floats:
    """The robust line of Theil and Sen through some heights over log size, at these sizes."""
    from scipy import stats

    slope, base, _, _ = stats.theilslopes(height, np.log(size))
    return np.asarray(base + slope * np.log(size), dtype=np.float64)


def _read(members: Codes) -> Codes:
    return members[evenly(members.size, READ_OF_A_BIN)]


def _fit(o: Floats, e: Floats) -> tuple[float, float]:
    """Centre and variance of one bin."""
    centre = 1.0
    for _ in range(ROUNDS):
        centre = _centre(o, e, max(practice_variance(o, centre * e), LEAST_VARIANCE))
    return centre, max(practice_variance(o, centre * e), LEAST_IN_A_BIN)


def _centre(o: Floats, e: Floats, variance: float) -> float:
    from scipy import stats

    size = 1.0 / variance
    low, high = -np.log(FARTHEST_CENTRE), np.log(FARTHEST_CENTRE)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        chance = 1.0 / (1.0 + variance * np.exp(middle) * e)
        mid_p = stats.nbinom.cdf(o, size, chance) - stats.nbinom.pmf(np.floor(o), size, chance) / 2
        low, high = (middle, high) if mid_p.mean() > 0.5 else (low, middle)
    return float(np.exp((low + high) / 2))
