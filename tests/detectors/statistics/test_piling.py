"""A heap is what stands above a smooth neighbourhood that it had no part in."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.statistics.piling import piling

HEAP = np.arange(17) == 8
BEYOND = np.arange(17) == 9


def test_a_log_quadratic_row_is_met_exactly() -> None:
    x = np.linspace(-1, 1, 17)
    counts = np.exp(5 - 0.8 * x - 0.5 * x**2)
    made = piling(counts, HEAP, BEYOND)
    assert made.curve == pytest.approx(counts, rel=1e-6)
    assert made.expected == pytest.approx(counts[8], rel=1e-6)


def test_the_heap_and_what_it_was_drawn_from_do_not_bend_the_curve() -> None:
    counts = np.full(17, 40.0)
    moved = counts + np.where(HEAP, 35.0, 0.0) - np.where(BEYOND, 35.0, 0.0)
    assert piling(moved, HEAP, BEYOND).expected == pytest.approx(40.0, rel=1e-6)
    assert piling(moved, HEAP, BEYOND).observed == 75


def test_a_rough_neighbourhood_and_a_thin_one_allow_more() -> None:
    even = np.full(17, 40.0)
    rough = even + np.where(np.arange(17) % 2 == 0, 20.0, -20.0)
    assert piling(rough, HEAP, BEYOND).tau2 > piling(even, HEAP, BEYOND).tau2
    assert piling(even / 10, HEAP, BEYOND).tau2 > piling(even, HEAP, BEYOND).tau2


def test_empty_lengths_are_no_obstacle() -> None:
    counts = np.zeros(17)
    counts[:3] = (5, 2, 1)
    assert np.isfinite(piling(counts, HEAP, BEYOND).expected)


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="five beside it"):
        piling(np.ones(6), np.arange(6) == 2, np.arange(6) == 3)
    with pytest.raises(ValueError, match="point of its own"):
        piling(np.ones(9), np.zeros(9), np.zeros(9))
