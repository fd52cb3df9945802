"""A null fitted by size follows how members of each size differ."""

import numpy as np
import pytest

from detectors.statistics.size_null import least_members, null_by_size

EXPECTED = np.geomspace(20, 200, 2000)


def coefficient(expected: np.ndarray) -> np.ndarray:
    """How the practice of members varies: 0.7 of its mean at 20 expected, 0.16 at 200."""
    return 0.1 + 12 / expected


def _counts(seed: int) -> np.ndarray:
    dice, cv2 = np.random.default_rng(seed), coefficient(EXPECTED) ** 2
    return dice.poisson(dice.gamma(1 / cv2, cv2) * EXPECTED)


def test_the_null_follows_the_spread_that_made_the_group() -> None:
    null = null_by_size(_counts(1), EXPECTED)
    assert null is not None
    centre, variance = null.at([25, 150])
    assert centre == pytest.approx([1, 1], abs=0.06)
    assert np.sqrt(variance) == pytest.approx(coefficient(np.array([25, 150])), rel=0.2)


def test_a_few_of_another_kind_move_neither_centre_nor_spread() -> None:
    counts = _counts(1)
    counts[::50] *= 4
    centre, variance = null_by_size(counts, EXPECTED).at([25, 150])
    assert centre == pytest.approx([1, 1], abs=0.06)
    assert np.sqrt(variance) == pytest.approx(coefficient(np.array([25, 150])), rel=0.25)


def test_the_order_of_members_is_irrelevant() -> None:
    counts, order = _counts(2), np.random.default_rng(3).permutation(EXPECTED.size)
    one, other = null_by_size(counts, EXPECTED), null_by_size(counts[order], EXPECTED[order])
    for name in ("expected", "centre", "variance"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()


def test_beyond_the_smallest_and_the_largest_it_is_level() -> None:
    null = null_by_size(_counts(1), EXPECTED)
    (far, near), _ = null.at([1, null.expected[0]])
    assert far == near == null.centre[0]


def test_a_group_is_large_enough_from_its_least_number_on() -> None:
    least = least_members()
    assert null_by_size([10] * (least - 1), [10.0] * (least - 1)) is None
    assert null_by_size(_counts(1)[:least], EXPECTED[:least]) is not None
