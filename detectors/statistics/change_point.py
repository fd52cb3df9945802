"""One change point in a series of counts: where the rate rose most, and how sure that is.

Source: the likelihood-ratio scan for one change in a Poisson rate (Worsley KJ, Biometrika 1983;70:455-464), made
quasi-Poisson by dividing by the dispersion within the two segments (McCullagh P, Nelder JA, Generalized linear models,
1989, 9.2) and paid for by the number of splits looked at (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from detectors.statistics.funnel import Floats


@dataclass(frozen=True)
class ChangePoint:
    """The rise of a series that is least likely by chance.

    Attributes:
        first: position of the first count after the change.
        ratio: rate after over rate before; half a count stands for none before.
        t: root of the likelihood ratio over the dispersion.
        p: one-sided p-value of ``t`` (Student's t, n - 2 degrees of freedom) times the number of splits, at most 1.
        dispersion: Pearson chi-squared within the two segments over n - 2, at least 1.
    """

    first: int
    ratio: float
    t: float
    p: float
    dispersion: float


def find_rise(counts: npt.ArrayLike, exposure: npt.ArrayLike, can_split: npt.NDArray[np.bool_]) -> ChangePoint | None:
    """The best supported rise of counts per exposure; None where no split shows one.

    Args:
        counts: in the order of time, shape (n,), n >= 3.
        exposure: above 0: what the count would be proportional to without a change, shape (n,).
        can_split: whether a change just before this position may be looked at, shape (n,).
    """
    from scipy import stats

    o, e = np.asarray(counts, dtype=np.float64), np.asarray(exposure, dtype=np.float64)
    splits = [int(split) for split in np.flatnonzero(can_split) if split > 0]
    found: ChangePoint | None = None
    for split in splits:
        before, after = o[:split].sum() / e[:split].sum(), o[split:].sum() / e[split:].sum()
        if not after > before:
            continue
        spread = _dispersion(o, np.concatenate([e[:split] * before, e[split:] * after]))
        t = float(np.sqrt(_likelihood_ratio(o, e, split) / spread))
        if found is None or t > found.t:
            p = min(1.0, float(stats.t.sf(t, o.size - 2)) * len(splits))
            ratio = after / (before or 0.5 / e[:split].sum())
            found = ChangePoint(split, float(ratio), t, p, spread)
    return found


def _likelihood_ratio(o: Floats, e: Floats, split: int) -> float:
    """2 x the gain in Poisson log-likelihood of two rates over one."""
    whole = o.sum() / e.sum()
    parts = [(o[:split].sum(), e[:split].sum()), (o[split:].sum(), e[split:].sum())]
    return 2 * float(sum(count * np.log(count / (whole * of)) for count, of in parts if count > 0))


def _dispersion(o: Floats, fitted: Floats) -> float:
    held = np.maximum(fitted, 1e-9)
    return max(1.0, float(((o - fitted) ** 2 / held).sum()) / (o.size - 2))
