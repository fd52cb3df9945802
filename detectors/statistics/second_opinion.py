"""A second opinion on all measures at once: an isolation forest, told with what drives it. It never flags anybody.

Source: Liu FT, Ting KM, Zhou ZH, Isolation forest, ICDM 2008:413-422. The same members in any order and with any
names get the same opinion: they are sorted by what was measured of them before the seeded forest sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.statistics.expected import Codes
from detectors.statistics.funnel import Floats

TREES = 50
SEED = 0
LEAST_MEMBERS = 20
"""Of fewer members a forest cannot say what is ordinary."""

Z_CAP = 8.0
"""Beyond this a z is far out whatever it is: held here, so that one measure does not drown the others."""


@dataclass(frozen=True)
class Driver:
    """One measure of a member: its z, and how far the anomaly score would fall were it the median of the members."""

    feature: str
    z: float
    contribution: float


@dataclass(frozen=True)
class Opinion:
    """What the forest says of one member.

    Attributes:
        score: 0 to 1; about 0.5 and less is ordinary.
        place: place by score among the members, 1 = most unusual.
        members: how many there are.
        drivers: every feature, the one that contributes most first.
    """

    score: float
    place: int
    members: int
    drivers: tuple[Driver, ...]


def second_opinions(z: Floats, features: Sequence[str], asked: Codes) -> list[Opinion]:
    """Opinions on some members of a group.

    Args:
        z: standing of each member in each feature, NaN where it has none (then it is ordinary), shape (n, k).
        features: their names, k of them.
        asked: rows of ``z`` that are asked about.

    Returns:
        One opinion for each of ``asked``, in order; none where there are fewer than ``LEAST_MEMBERS``.
    """
    if z.shape[0] < LEAST_MEMBERS or not len(asked):
        return []
    from sklearn.ensemble import IsolationForest

    held = np.clip(np.nan_to_num(z), -Z_CAP, Z_CAP)
    ordered = held[np.lexsort(held.T)]
    forest = IsolationForest(n_estimators=TREES, random_state=SEED, n_jobs=1).fit(ordered)
    scores = np.round(-forest.score_samples(held), 12)
    middle = np.median(held, axis=0)
    return [_opinion(forest, held[row], scores[row], scores, middle, features) for row in asked]


def _opinion(
    forest: object, own: Floats, score: float, scores: Floats, middle: Floats, features: Sequence[str]
) -> Opinion:
    """The opinion on one member, each feature in turn put to the middle."""
    replaced = np.where(np.eye(own.size, dtype=np.bool_), middle, own)
    falls = score + forest.score_samples(replaced)  # type: ignore[attr-defined]
    drivers = [Driver(*one) for one in zip(features, own.tolist(), np.round(falls, 12).tolist(), strict=True)]
    drivers.sort(key=lambda driver: (-driver.contribution, driver.feature))
    return Opinion(float(score), int((scores > score).sum()) + 1, scores.size, tuple(drivers))
