import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from detectors.statistics.funnel import angle, funnel_of_proportions
from detectors.statistics.proportions import (
    beta_binomial_upper_tail,
    held_off_the_ends,
    odds_ratio,
    probability_beyond,
    stand_in_share,
    two_sided,
    upper_tail_of_share,
)


@pytest.mark.parametrize(
    ("first", "second", "h"), [(0.50, 0.40, 0.201), (0.65, 0.45, 0.405), (0.30, 0.20, 0.232), (0.95, 0.85, 0.344)]
)
def test_twice_the_difference_of_angles_is_cohens_h(first: float, second: float, h: float) -> None:
    # Cohen J, Statistical power analysis for the behavioral sciences, 1988, ch. 6: h = phi1 - phi2
    assert 2 * float(angle(first) - angle(second)) == pytest.approx(h, abs=0.001)


def test_without_differences_between_peers_the_tail_is_binomial() -> None:
    # eight or more heads of ten: 56 / 1024
    assert beta_binomial_upper_tail([8], [10], 0.5, 0.0) == pytest.approx([56 / 1024])


def _by_counting(r: int, n: int, a: int, b: int) -> Fraction:
    """P(X >= r) of a beta-binomial with whole a and b, in exact fractions."""

    def beta(x: int, y: int) -> Fraction:
        return Fraction(math.factorial(x - 1) * math.factorial(y - 1), math.factorial(x + y - 1))

    return sum((math.comb(n, k) * beta(k + a, n - k + b) / beta(a, b) for k in range(r, n + 1)), Fraction(0))


@pytest.mark.parametrize(("r", "n", "a", "b"), [(3, 10, 1, 4), (0, 5, 2, 2), (12, 12, 3, 7), (7, 20, 2, 18)])
def test_the_beta_binomial_tail_agrees_with_exact_fractions(r: int, n: int, a: int, b: int) -> None:
    # Beta(a, b) has mean a / (a + b) and intra-class correlation 1 / (a + b + 1) = 4 tau2
    tail = beta_binomial_upper_tail([r], [n], a / (a + b), 1 / (a + b + 1) / 4)
    assert tail == pytest.approx([float(_by_counting(r, n, a, b))])


def test_an_even_spread_makes_every_count_equally_likely() -> None:
    # Beta(1, 1): X is uniform on 0 ... n
    assert beta_binomial_upper_tail([6], [9], 0.5, 1 / 12) == pytest.approx([0.4])


def test_odds_ratio_by_hand() -> None:
    assert odds_ratio([40], [60], [0.2]) == pytest.approx([(40.5 / 20.5) / (12.5 / 48.5)])
    assert np.isfinite(odds_ratio([0, 10], [10, 10], [0.5, 0.5])).all()


def test_a_unit_like_its_peers_has_odds_of_one_and_z_of_zero() -> None:
    standing = stand_in_share([30] * 5, [100] * 5, [0.3] * 5)
    assert standing.odds_ratio == pytest.approx([1.0] * 5)
    assert standing.z == pytest.approx([0.0] * 5)


def test_each_unit_may_have_a_target_of_its_own() -> None:
    together = funnel_of_proportions([50, 25], [100, 100], [0.25, 0.25])
    assert together.z == pytest.approx(funnel_of_proportions([50, 25], [100, 100], 0.25).z)
    with pytest.raises(ValueError, match="between 0 and 1"):
        funnel_of_proportions([1], [2], [1.5])


def test_no_peer_ever_did_it_is_no_impossibility() -> None:
    assert held_off_the_ends([0.0, 1.0, 0.4]).tolist() == [1e-4, 1 - 1e-4, 0.4]
    assert 0 < upper_tail_of_share([1], [100], [0.0], 0.0, 30)[0] < 0.02


@given(
    st.integers(10, 300).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n - 1))),
    st.floats(0.02, 0.98),
    st.floats(0, 0.02),
)
def test_more_successes_are_never_likelier(case: tuple[int, int], target: float, tau2: float) -> None:
    n, r = case
    fewer, more = upper_tail_of_share([r, r + 1], [n, n], [target, target], tau2, 25)
    assert more <= fewer + 1e-12


def test_the_tail_of_low_shares_is_that_of_the_failures() -> None:
    standing = stand_in_share([5, 30, 31, 29], [100] * 4, [0.3] * 4)
    mirrored = stand_in_share([95, 70, 69, 71], [100] * 4, [0.7] * 4)
    assert standing.p_low == pytest.approx(mirrored.p_high)
    assert two_sided([0.3, 0.9], [0.01, 0.8]).tolist() == pytest.approx([0.02, 1.0])


def test_the_probability_beyond_an_odds_ratio_is_a_tail_of_the_posterior_beta() -> None:
    tau2 = 0.25 / 11  # rho = 1/11, m = 10: Beta(2, 8) before, Beta(2 + 3, 8 + 1) after 3 of 4
    limit = 0.2 * 2 / (0.8 + 0.2 * 2)
    by_hand = stats.beta.sf(limit, 5, 9)
    assert probability_beyond(3, 4, 0.2, tau2, 2.0) == pytest.approx(by_hand)
    assert probability_beyond(3, 4, 0.2, tau2, 0.5) == pytest.approx(stats.beta.cdf(0.1 / 0.9, 5, 9))
    assert 0 < probability_beyond(30, 40, 0.2, 0.0, 2.0) <= 1
