"""How units stand among peers in a share: of admissions tested, of studies that were positive.

Arcsine of the square root as in ``funnel.funnel_of_proportions``; where few successes or failures are expected, the
tail of z gives way to a beta-binomial one. Between-unit variance tau2 of the angle is, by the delta method, a variance
of 4 p (1 - p) tau2 of the share itself: an intra-class correlation of rho = 4 tau2, whatever p is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats, Funnel, angle, funnel_of_proportions

SMALL_EXPECTED = 20.0
"""Below this many expected successes, or failures, the tail of z is replaced by the beta-binomial one."""

LEAST_TARGET = 1e-4
"""Targets are held this far from 0 and 1: where no peer ever did it, once is not impossible."""

LEAST_CORRELATION, MOST_CORRELATION = 1e-9, 0.9
"""Intra-class correlations below are taken as none, above as that one."""

LEAST_DIFFERENCE = 0.03
"""Intra-class correlation by which peers differ at least where a probability is asked for; a proposal."""


@dataclass(frozen=True)
class ShareStanding:
    """How the members of one peer group stand; arrays of shape (n,) in the order of the input.

    Attributes:
        successes, trials: as given.
        target: share expected of each, held off 0 and 1 by ``LEAST_TARGET``.
        funnel: of the group; ``funnel.tau2`` is what peers differ by beyond chance.
        z: (angle(r/n) - angle(target)) / sqrt(1/(4n) + tau2).
        p_high, p_low: one-sided p-values of a share this high, this low.
        odds_ratio: odds of the share over those of the target, half a case added to each side.
    """

    successes: Floats
    trials: Floats
    target: Floats
    funnel: Funnel
    z: Floats
    p_high: Floats
    p_low: Floats
    odds_ratio: Floats

    @property
    def share(self) -> Floats:
        """Successes over trials."""
        return self.successes / self.trials


def stand_in_share(successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike) -> ShareStanding:
    """Funnel and both tails over one peer group, all members of which have enough data.

    Args:
        successes: counts between 0 and trials, shape (n,).
        trials: counts above 0, shape (n,).
        target: share expected of each member with its own mix of cases, by the others, shape (n,).
    """
    r, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    p = held_off_the_ends(target)
    funnel = funnel_of_proportions(r, n, p)
    return ShareStanding(
        successes=r,
        trials=n,
        target=p,
        funnel=funnel,
        z=adjusted_z_of_share(r, n, p, funnel.tau2),
        p_high=upper_tail_of_share(r, n, p, funnel.tau2, r.size),
        p_low=upper_tail_of_share(n - r, n, 1.0 - p, funnel.tau2, r.size),
        odds_ratio=odds_ratio(r, n, p),
    )


def held_off_the_ends(target: npt.ArrayLike) -> Floats:
    """Target shares not nearer to 0 and 1 than ``LEAST_TARGET``."""
    return np.clip(np.asarray(target, dtype=np.float64), LEAST_TARGET, 1.0 - LEAST_TARGET)


def adjusted_z_of_share(
    successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike, tau2: npt.ArrayLike
) -> Floats:
    """Gives z = (angle(r/n) - angle(target)) / sqrt(1/(4n) + tau2), shape as the input."""
    r, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    return np.asarray((angle(r / n) - angle(target)) / np.sqrt(0.25 / n + np.asarray(tau2)), dtype=np.float64)


def upper_tail_of_share(
    successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike, tau2: npt.ArrayLike, members: int
) -> Floats:
    """One-sided p of a share at least this high: tail of z, beta-binomial where few are expected.

    tau2 is itself estimated, from ``members`` units, so z is read on Student's t with one degree of freedom less:
    with 21 members the normal tail would let a third to twice as many innocent groups have a flag (RESULTS.md).
    The tail of low shares is that of the failures: ``upper_tail_of_share(n - r, n, 1 - target, tau2, members)``.
    """
    from scipy import stats

    r, n = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    p = held_off_the_ends(target)
    plain = stats.t.sf(adjusted_z_of_share(r, n, p, tau2), max(members - 1, 1))
    is_small = np.minimum(n * p, n * (1.0 - p)) < SMALL_EXPECTED
    return np.asarray(np.where(is_small, beta_binomial_upper_tail(r, n, p, tau2), plain), dtype=np.float64)


def beta_binomial_upper_tail(
    successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike, tau2: npt.ArrayLike
) -> Floats:
    """P(X >= r) where X ~ Binomial(n, theta) and theta ~ Beta of mean p and intra-class correlation rho = 4 tau2.

    theta ~ Beta(p m, (1 - p) m) with m = 1 / rho - 1 has variance p (1 - p) rho. Where tau2 = 0 it is binomial.
    Source of the form: Skellam JG, J R Stat Soc B 1948;10:257-261.

    Args:
        successes: counts, shape (n,).
        trials: counts above 0, shape (n,).
        target: mean share, above 0 and below 1, shape (n,) or one for all.
        tau2: variance between units on the scale of the angle, 0 or more.
    """
    from scipy import stats

    r, n, p = (np.asarray(values, dtype=np.float64) for values in (successes, trials, target))
    rho = np.minimum(4.0 * np.asarray(tau2, dtype=np.float64), MOST_CORRELATION)
    is_spread = rho > LEAST_CORRELATION
    m = np.divide(1.0, rho, out=np.full(rho.shape, 2.0), where=is_spread) - 1.0
    spread = stats.betabinom.sf(r - 1, n, p * m, (1.0 - p) * m)
    return np.asarray(np.where(is_spread, spread, stats.binom.sf(r - 1, n, p)), dtype=np.float64)


def shrunk_share(successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike, tau2: npt.ArrayLike) -> Floats:
    """Posterior mean share (p m + r) / (m + n), where theta ~ Beta(p m, (1 - p) m) and m = 1 / (4 tau2) - 1."""
    r, n, p = (np.asarray(values, dtype=np.float64) for values in (successes, trials, target))
    m = _prior_weight(tau2)
    return np.asarray((p * m + r) / (m + n), dtype=np.float64)


def probability_of_share_above(
    successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike, tau2: npt.ArrayLike, threshold: float
) -> Floats:
    """P(share > threshold x target | r of n) under the same prior; 0 where that is above 1."""
    from scipy import stats

    r, n, p = (np.asarray(values, dtype=np.float64) for values in (successes, trials, target))
    m = _prior_weight(tau2)
    tail = stats.beta.sf(np.minimum(threshold * p, 1.0), p * m + r, (1 - p) * m + n - r)
    return np.asarray(tail, dtype=np.float64)


def _prior_weight(tau2: npt.ArrayLike) -> Floats:
    rho = np.clip(4.0 * np.asarray(tau2, dtype=np.float64), LEAST_CORRELATION, MOST_CORRELATION)
    return np.asarray(1.0 / rho - 1.0, dtype=np.float64)


def odds_ratio(successes: npt.ArrayLike, trials: npt.ArrayLike, target: npt.ArrayLike) -> Floats:
    """Odds of r of n over the odds of the target share, shape as the input.

    Half a case is added to successes and failures on both sides (n p and n (1 - p) on the target's), so that 0 of n is
    a number too. Source of the half: Haldane JBS, Ann Hum Genet 1956;20:309-311.
    """
    r, n, p = (np.asarray(values, dtype=np.float64) for values in (successes, trials, target))
    own = (r + 0.5) / (n - r + 0.5)
    return np.asarray(own / ((n * p + 0.5) / (n * (1.0 - p) + 0.5)), dtype=np.float64)


def probability_beyond(successes: float, trials: float, target: float, tau2: float, odds: float) -> float:
    """P(true share lies beyond the share whose odds are ``odds`` times those of the target | r of n).

    theta ~ Beta(p m, (1 - p) m) as peers differ (``beta_binomial_upper_tail``), so theta | r ~ Beta(p m + r, (1 - p) m
    + n - r). Peers are never taken as all alike: rho is held at ``LEAST_DIFFERENCE``, else r would say nothing.

    Args:
        successes: r, between 0 and n.
        trials: n, above 0.
        target: mean share of the peers, above 0 and below 1.
        tau2: variance between units on the scale of the angle, 0 or more.
        odds: above 1 for "higher than", below 1 for "lower than".
    """
    from scipy import stats

    rho = min(max(4.0 * tau2, LEAST_DIFFERENCE), MOST_CORRELATION)
    m = 1.0 / rho - 1.0
    limit = target * odds / (1.0 - target + target * odds)
    tail = stats.beta.sf if odds > 1 else stats.beta.cdf
    return float(tail(limit, target * m + successes, (1.0 - target) * m + trials - successes))


def two_sided(p_high: npt.ArrayLike, p_low: npt.ArrayLike) -> Floats:
    """Twice the smaller tail, at most 1."""
    return np.asarray(np.minimum(1.0, 2.0 * np.minimum(p_high, p_low)), dtype=np.float64)
