import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.statistics.exact import over_dispersed_upper_tail, poisson_upper_tail, wilson_interval


def test_the_poisson_tail_by_hand() -> None:
    assert poisson_upper_tail([0, 1, 2], [2.0, 2.0, 2.0]) == pytest.approx(
        [1.0, 1 - math.exp(-2), 1 - 3 * math.exp(-2)]
    )


def test_the_over_dispersed_tail_is_poisson_where_units_do_not_differ() -> None:
    assert over_dispersed_upper_tail([9], [4.0], 0.0) == pytest.approx(poisson_upper_tail([9], [4.0]))
    assert over_dispersed_upper_tail([9], [4.0], 1e-9) == pytest.approx(poisson_upper_tail([9], [4.0]), rel=1e-4)


def test_the_over_dispersed_tail_agrees_with_a_simulation() -> None:
    dice = np.random.default_rng(5)
    tau2 = 0.0225
    theta = dice.gamma(1 / (4 * tau2), 4 * tau2, 400_000)
    share = (dice.poisson(10 * theta) >= 18).mean()
    assert over_dispersed_upper_tail([18], [10.0], tau2)[0] == pytest.approx(share, rel=0.03)


def test_the_wilson_interval_of_a_published_example() -> None:
    # Newcombe RG, Stat Med 1998;17:857-872, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    assert wilson_interval(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson_interval(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson_interval(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson_interval(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)


def test_no_trials_say_nothing() -> None:
    assert wilson_interval(0, 0) == (0.0, 1.0)


def test_more_successes_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and trials"):
        wilson_interval(2, 1)


@given(st.integers(1, 500), st.data())
def test_the_interval_holds_the_share(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = wilson_interval(successes, trials)
    assert 0 <= low <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high <= 1
