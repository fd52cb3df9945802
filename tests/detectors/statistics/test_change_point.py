"""One change point: found where it is, not found where there is none, paid for by the number of splits."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.statistics.change_point import find_rise

ALL = np.array([False] * 3 + [True] * 18 + [False] * 3)


def test_a_rise_is_found_in_the_month_in_which_it_begins() -> None:
    counts, exposure = [10] * 14 + [25] * 10, np.full(24, 10.0)
    rise = find_rise(counts, exposure, ALL)
    assert rise is not None
    assert rise.first == 14
    assert rise.ratio == pytest.approx(2.5)
    assert rise.p < 1e-6


def test_what_moves_with_the_exposure_is_no_rise() -> None:
    exposure = np.array([10.0] * 12 + [30.0] * 12)
    assert find_rise(exposure, exposure, ALL) is None


def test_a_fall_is_no_rise() -> None:
    assert find_rise([30] * 12 + [10] * 12, np.full(24, 10.0), ALL) is None


def test_none_before_gives_a_ratio_all_the_same() -> None:
    rise = find_rise([0] * 12 + [5] * 12, np.full(24, 5.0), ALL)
    assert rise is not None
    assert np.isfinite(rise.ratio)


def test_no_split_allowed_gives_nothing() -> None:
    assert find_rise([1] * 12 + [9] * 12, np.full(24, 5.0), np.zeros(24, dtype=np.bool_)) is None


@pytest.mark.parametrize("dispersion", [1.0, 3.0])
def test_without_a_change_at_most_one_series_in_twenty_reaches_five_percent(dispersion: float) -> None:
    dice = np.random.default_rng(7)
    exposure = np.full(24, 20.0)
    reached = 0
    for _ in range(400):
        mean = exposure if dispersion == 1.0 else dice.gamma(exposure / (dispersion - 1), dispersion - 1)
        rise = find_rise(dice.poisson(mean), exposure, ALL)
        reached += rise is not None and rise.p <= 0.05
    assert reached <= 0.05 * 400
