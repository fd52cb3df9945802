import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.statistics.funnel import (
    between_unit_variance,
    funnel_of_proportions,
    funnel_of_ratios,
    over_dispersion,
    winsorise,
    winsorised_normal_square,
)
from detectors.statistics.peers import adjusted_z

counts = st.lists(st.tuples(st.integers(0, 500), st.integers(1, 500)), min_size=3, max_size=40)


def test_z_of_a_ratio_is_twice_the_difference_of_the_square_roots() -> None:
    funnel = funnel_of_ratios([36, 16], [25.0, 16.0])
    assert funnel.z == pytest.approx([2 * (6 - 5), 0.0])
    assert funnel.s == pytest.approx([0.1, 0.125])


def test_a_proportion_is_compared_on_the_arcsine_scale() -> None:
    funnel = funnel_of_proportions([50, 25], [100, 100], target=0.25)
    assert funnel.y == pytest.approx([math.pi / 4, math.pi / 6])
    assert funnel.z == pytest.approx([(math.pi / 12) * 20, 0.0])


def test_both_tails_are_pulled_in_to_the_tenth_and_ninetieth_percentile() -> None:
    pulled_in = winsorise(range(11))
    assert pulled_in.tolist() == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


def test_what_winsorising_leaves_of_a_normal_agrees_with_numerical_integration() -> None:
    z = np.linspace(-8, 8, 400_001)
    density = np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    cut = 1.2815515655446004
    assert winsorised_normal_square(0.10) == pytest.approx(np.trapezoid(np.clip(z, -cut, cut) ** 2 * density, z))
    assert winsorised_normal_square(0.0) == 1.0


def test_dispersion_of_chance_alone_is_one() -> None:
    z = np.random.default_rng(1).standard_normal(200_000)
    assert over_dispersion(z) == pytest.approx(1.0, abs=0.01)


def test_dispersion_of_no_unit_is_unknown() -> None:
    assert math.isnan(over_dispersion([]))


def test_variance_between_units_by_hand() -> None:
    # w = 4, 4, 16; n phi - (n - 1) = 10; sum(w) - sum(w^2) / sum(w) = 24 - 288 / 24 = 12
    assert between_unit_variance(4.0, [0.5, 0.5, 0.25]) == pytest.approx(10 / 12)
    assert between_unit_variance(0.5, [0.5, 0.5, 0.25]) == 0.0
    assert between_unit_variance(9.0, [0.5]) == 0.0


def test_variance_between_units_is_recovered_from_a_simulation() -> None:
    dice = np.random.default_rng(2)
    expected = dice.uniform(30, 200, 4000)
    observed = dice.poisson(expected * dice.normal(1.0, 0.15, 4000) ** 2)
    assert funnel_of_ratios(observed, expected).tau2 == pytest.approx(0.15**2, rel=0.1)


@given(counts)
def test_row_order_is_irrelevant(rows: list[tuple[int, int]]) -> None:
    observed, expected = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    one, other = funnel_of_ratios(observed, expected), funnel_of_ratios(observed[::-1], expected[::-1])
    assert (one.phi, one.tau2) == (other.phi, other.tau2)
    assert one.z.tolist() == other.z[::-1].tolist()


@given(counts)
def test_over_dispersion_never_makes_anybody_stand_out_more(rows: list[tuple[int, int]]) -> None:
    observed, expected = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    funnel = funnel_of_ratios(observed, expected)
    adjusted = adjusted_z(observed, expected, funnel.tau2)
    assert np.all(np.abs(adjusted) <= np.abs(funnel.z) + 1e-12)


@given(counts, st.integers(2, 5))
def test_k_squared_times_the_counts_gives_k_times_the_z(rows: list[tuple[int, int]], k: int) -> None:
    observed, expected = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    assert funnel_of_ratios(observed * k**2, expected * k**2).z == pytest.approx(
        funnel_of_ratios(observed, expected).z * k, abs=1e-9
    )


def test_an_expected_count_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        funnel_of_ratios([1], [0])
    with pytest.raises(ValueError, match="above 0"):
        funnel_of_proportions([0], [0], 0.5)
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel_of_proportions([0], [1], 1.5)


def test_the_over_dispersion_term_removes_most_innocent_flags() -> None:
    """300 doctors, 6 planted at 2x, practice CV 0.3: at the 99.8 % limit few flags are true without it (DOMAIN 3)."""
    flagged, true = {"chance": 0, "adjusted": 0}, {"chance": 0, "adjusted": 0}
    for seed in range(30):
        dice = np.random.default_rng(seed)
        expected = dice.lognormal(np.log(60), 0.6, 300)
        practice = dice.gamma(1 / 0.09, 0.09, 300)
        practice[:6] *= 2
        observed = dice.poisson(practice * expected)
        funnel = funnel_of_ratios(observed, expected)
        for name, z in (("chance", funnel.z), ("adjusted", adjusted_z(observed, expected, funnel.tau2))):
            out = z > 3.09
            flagged[name] += int(out.sum())
            true[name] += int(out[:6].sum())
    assert true["chance"] / flagged["chance"] < 0.2
    assert true["adjusted"] / flagged["adjusted"] > 0.5
