"""How right is a list of doctors, and how much of what can be known does it find? Made peer groups, four rivals.

Practice variation x effect x peers, ``SEEDS`` lists each of ours and the oracle's, ``RIVALS_SEEDS`` of other rivals; a
normal test run takes one cell. The whole table (RESULTS.md beside this folder):
``EXAM_AUDIT_CAMPAIGN=full python -m pytest -s tests/accuracy/ordering``.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats
from sklearn.ensemble import IsolationForest

from detectors.ordering.closer_look import is_persistent
from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.statistics.expected import expected_counts
from detectors.statistics.peers import stand_among_peers

FULL = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"
SEEDS = 1000 if FULL else 40
RIVALS_SEEDS = 250 if FULL else 40
PARAMETERS = {parameter.name: parameter.default for parameter in OUTLIER_PRACTITIONER.parameters}
RATE = 0.5
TREES = 25
GRID = np.concatenate([np.arange(0.0005, 0.01, 0.0005), np.arange(0.01, 0.1, 0.002), np.arange(0.1, 0.6, 0.01)])

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One peer group: how much practice differs, what planted doctors multiply theirs by, and how many doctors."""

    practice_cv: float
    effect: float
    peers: int
    spread: str = "gamma"

    @property
    def planted(self) -> int:
        """One in fifty is planted, at least one; nobody where nothing is multiplied."""
        return 0 if self.effect == 1 else max(1, self.peers // 50)


@dataclass(frozen=True)
class World:
    """Visits and examinations by quarter of one simulated peer group; planted doctors come first."""

    cell: Cell
    visits: npt.NDArray[np.int64]
    events: npt.NDArray[np.int64]

    @property
    def is_planted(self) -> Flags:
        return np.arange(self.visits.size) < self.cell.planted


CELLS = [
    Cell(cv, effect, peers) for peers, cv, effect in itertools.product((30, 100, 300), (0.15, 0.3, 0.5), (1.5, 2, 3))
]
NULLS = [Cell(cv, 1, peers) for peers, cv in itertools.product((30, 100, 300), (0.15, 0.3, 0.5))]
SKEWED = [replace(cell, spread="lognormal") for cell in (*NULLS, *CELLS) if cell.effect in (1, 2)]


def simulate(cell: Cell, seed: int) -> World:
    dice = np.random.default_rng([cell.peers, int(100 * cell.practice_cv), int(10 * cell.effect), seed])
    n, cv2 = cell.peers, cell.practice_cv**2
    if cell.spread == "gamma":
        practice = dice.gamma(1 / cv2, cv2, n)
    else:
        practice = dice.lognormal(-0.5 * np.log1p(cv2), np.sqrt(np.log1p(cv2)), n)
    practice[: cell.planted] *= cell.effect
    visits = np.maximum(120 * dice.lognormal(-0.125, 0.5, n), 30).astype(np.int64)
    events = dice.poisson(np.outer(practice * visits * RATE / 4, np.ones(4)))
    return World(cell, visits, events.astype(np.int64))


def ours(world: World) -> Flags:
    """The strong list as the detector makes it of one peer group without a case mix."""
    observed = world.events.sum(axis=1)
    doctor = np.arange(observed.size)
    expected = expected_counts(doctor, [np.zeros_like(doctor)], world.visits, observed)
    standing = stand_among_peers(observed, expected)
    far = (standing.ratio >= PARAMETERS["min_ratio"]) & (standing.q <= PARAMETERS["q_max"])
    for at in np.flatnonzero(far):
        quarters = [{"observed": int(count), "expected": float(expected[at]) / 4} for count in world.events[at]]
        far[at] = is_persistent(quarters, PARAMETERS)
    return far


def plain_z(world: World) -> Flags:
    """(O - E) / sqrt(E) above 3.09, as if doctors differed by chance alone."""
    observed = world.events.sum(axis=1)
    expected = world.visits * observed.sum() / world.visits.sum()
    return np.asarray((observed - expected) / np.sqrt(expected) > 3.09)


def robust_z(world: World) -> Flags:
    """0.6745 (O - median) / MAD above 3.5 on raw counts."""
    observed = world.events.sum(axis=1)
    apart = observed - np.median(observed)
    return np.asarray(0.6745 * apart / max(float(np.median(np.abs(apart))), 1e-9) > 3.5)


def forest(world: World) -> Flags:
    """An isolation forest over rates and volume that is told how many are planted, its high side alone."""
    rate = world.events / world.visits[:, None]
    features = np.column_stack([rate, rate.sum(axis=1), np.log(world.visits)])
    share = max(world.cell.planted, 1) / world.visits.size
    made = IsolationForest(n_estimators=TREES, contamination=share, random_state=0).fit_predict(features)
    return np.asarray((made == -1) & (rate.sum(axis=1) > np.median(rate.sum(axis=1))))


def local_fdr(world: World) -> Floats:
    """What the oracle knows: P(not planted | O), from the distributions that made the world.

    Of planted doctors practice is multiplied by the effect; both kinds are Gamma-Poisson counts.
    """
    observed, expected = world.events.sum(axis=1), world.visits * RATE
    size, share = 1 / world.cell.practice_cv**2, world.cell.planted / world.visits.size
    innocent, planted = (
        stats.nbinom.pmf(observed, size, size / (size + factor * expected)) for factor in (1.0, world.cell.effect)
    )
    return np.asarray((1 - share) * innocent / np.maximum((1 - share) * innocent + share * planted, 1e-300))


def oracle(world: World) -> Flags:
    """The longest list whose mean local false discovery rate is at most 0.05."""
    return longest(local_fdr(world), 0.05)


def longest(chance: Floats, alpha: float) -> Flags:
    """The longest list whose mean chance of being innocent is at most ``alpha``."""
    order = np.argsort(chance, kind="stable")
    mean = np.cumsum(chance[order]) / np.arange(1, order.size + 1)
    flags = np.zeros(order.size, dtype=np.bool_)
    flags[order[: int((mean <= alpha).sum())]] = True
    return flags


RIVALS: Mapping[str, Callable[[World], Flags]] = {
    "ours": ours,
    "plain z": plain_z,
    "robust z": robust_z,
    "forest": forest,
    "oracle": oracle,
}


@dataclass(frozen=True)
class Score:
    """Of one rival over all lists of a cell: share of true among flagged, of planted found, of wrong on a list, and
    of lists with anybody on them; ``power_30`` counts planted doctors with 30 expected or more."""

    ppv: float
    power: float
    power_30: float
    fdr: float
    not_empty: float


def score(worlds: list[World], lists: list[Flags]) -> Score:
    right = np.array([(flags & world.is_planted).sum() for world, flags in zip(worlds, lists, strict=True)])
    flagged = np.array([flags.sum() for flags in lists])
    large = [world.is_planted & (world.visits * RATE >= 30) for world in worlds]
    found = sum(int((flags & kept).sum()) for flags, kept in zip(lists, large, strict=True))
    planted = sum(world.cell.planted for world in worlds)
    return Score(
        ppv=float(right.sum() / flagged.sum()) if flagged.sum() else float("nan"),
        power=float(right.sum() / planted) if planted else float("nan"),
        power_30=found / sum(int(kept.sum()) for kept in large) if planted else float("nan"),
        fdr=float(np.mean((flagged - right) / np.maximum(flagged, 1))),
        not_empty=float((flagged > 0).mean()),
    )


@cache
def worlds_of(cell: Cell) -> list[World]:
    return [simulate(cell, seed) for seed in range(SEEDS)]


@cache
def scored(cell: Cell, rival: str) -> Score:
    worlds = worlds_of(cell)[: SEEDS if rival in ("ours", "oracle") else RIVALS_SEEDS]
    return score(worlds, [RIVALS[rival](world) for world in worlds])


def oracle_at(cell: Cell, fdr: float) -> Score:
    """The oracle at the largest of its thresholds whose realised false discovery rate is at most ``fdr``."""
    worlds, best = worlds_of(cell), None
    chances = [local_fdr(world) for world in worlds]
    for alpha in GRID:
        one = score(worlds, [longest(chance, float(alpha)) for chance in chances])
        if best is None or one.fdr <= fdr:
            best = one
    assert best is not None
    return best


def told(*values: float) -> str:
    return " | ".join("–" if np.isnan(value) else f"{value:.2f}" for value in values)


def row(cell: Cell) -> str:
    scores = [scored(cell, rival) for rival in RIVALS]
    head = f"| {cell.peers} | {cell.practice_cv} | {cell.effect:g} | "
    return head + " | ".join(told(one.ppv, one.power, one.fdr) for one in scores) + " |"


@pytest.mark.parametrize("cell", CELLS if FULL else [Cell(0.3, 3, 100)], ids=str)
def test_at_most_six_in_a_hundred_on_a_list_are_innocent(cell: Cell) -> None:
    print(row(cell))  # noqa: T201 - the campaign's table
    mistaken = 0.06 if FULL else 0.12
    assert scored(cell, "ours").fdr <= mistaken
    if cell.effect > 1.5:
        assert scored(cell, "plain z").ppv < scored(cell, "ours").ppv


@pytest.mark.parametrize("cell", NULLS if FULL else [Cell(0.3, 1, 100)], ids=str)
def test_a_peer_group_of_innocents_gives_an_empty_list(cell: Cell) -> None:
    shares = [scored(cell, rival).not_empty for rival in ("ours", "plain z", "robust z", "forest")]
    print(f"| {cell.peers} | {cell.practice_cv} | {told(*shares)} |")  # noqa: T201 - the campaign's table
    # two standard errors of a share of 5 % above it
    assert shares[0] <= 0.05 + 2 * (0.05 * 0.95 / SEEDS) ** 0.5


@pytest.mark.parametrize(
    "cell", [cell for cell in CELLS if cell.effect == 2] if FULL else [Cell(0.15, 2, 300)], ids=str
)
def test_what_can_be_found_at_the_same_rate_of_mistakes_is_found(cell: Cell) -> None:
    mine = scored(cell, "ours")
    best = oracle_at(cell, mine.fdr)
    print(f"| {cell.peers} | {cell.practice_cv} | {told(mine.fdr, mine.power_30, best.fdr, best.power_30)} |")  # noqa: T201
    # goal: nine tenths; the rest is what so many lists leave to chance
    assert mine.power_30 >= 0.9 * best.power_30 - 0.02


if FULL:

    @pytest.mark.parametrize("cell", SKEWED, ids=str)
    def test_skewed_practice_is_recorded(cell: Cell) -> None:
        one = scored(cell, "ours")
        print(f"| {cell.peers} | {cell.practice_cv} | {cell.effect:g} | {told(one.fdr, one.power, one.not_empty)} |")  # noqa: T201
