"""How far peers differ, whatever a few of them do."""

import numpy as np
import pytest

from detectors.statistics.spread import MOST_MEMBERS, practice_variance

EXPECTED = np.linspace(40, 160, 300)


def _counts(variance: float, seed: int, expected: np.ndarray = EXPECTED) -> np.ndarray:
    dice = np.random.default_rng(seed)
    practice = dice.gamma(1 / variance, variance, expected.size) if variance else np.ones(expected.size)
    return dice.poisson(practice * expected)


@pytest.mark.parametrize("variance", [0.0225, 0.09, 0.25])
def test_the_variance_of_practice_is_found(variance: float) -> None:
    found = [practice_variance(_counts(variance, seed), EXPECTED) for seed in range(12)]
    assert np.median(found) == pytest.approx(variance, rel=0.12)


def test_where_chance_alone_differs_it_is_next_to_nothing() -> None:
    assert max(practice_variance(_counts(0, seed), EXPECTED) for seed in range(12)) < 0.003
    assert practice_variance([100] * 30, [100.0] * 30) == 0.0


@pytest.mark.parametrize("factor", [0.05, 0.2, 2.5, 4, 10, 20])
def test_a_few_of_another_kind_hardly_widen_it(factor: float) -> None:
    found = []
    for seed in range(12):
        counts = _counts(0.09, seed)
        counts[::20] = np.random.default_rng(seed).poisson(factor * counts[::20])
        found.append(practice_variance(counts, EXPECTED))
    assert np.median(found) == pytest.approx(0.09, rel=0.2)


def test_the_order_of_members_is_irrelevant() -> None:
    counts, dice = _counts(0.09, 1), np.random.default_rng(2)
    for _ in range(3):
        order = dice.permutation(counts.size)
        assert practice_variance(counts[order], EXPECTED[order]) == practice_variance(counts, EXPECTED)


def test_of_a_very_large_group_so_many_members_are_read() -> None:
    expected = np.linspace(40, 160, 20 * MOST_MEMBERS)
    assert practice_variance(_counts(0.09, 3, expected), expected) == pytest.approx(0.09, rel=0.1)
