import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.statistics.shrinkage import GammaPrior, fit_prior, probability_above, shrunk_ratio


def test_the_ratio_is_shrunk_by_the_prior_s_own_counts() -> None:
    assert shrunk_ratio(GammaPrior(a=4.0, b=4.0), [12, 0], [4.0, 0.0]) == pytest.approx([2.0, 1.0])


def test_probability_of_an_exponential_posterior_by_hand() -> None:
    assert probability_above(GammaPrior(a=1.0, b=1.0), [0], [1.0], threshold=1.5) == pytest.approx([np.exp(-3.0)])


def test_the_prior_is_recovered_from_a_simulation() -> None:
    dice = np.random.default_rng(3)
    expected = dice.uniform(5, 200, 5000)
    observed = dice.poisson(expected * dice.gamma(10.0, 0.1, 5000))
    prior = fit_prior(observed, expected)
    assert prior.a == pytest.approx(10.0, rel=0.1)
    assert prior.a / prior.b == pytest.approx(1.0, rel=0.02)


def test_peers_who_are_all_alike_give_a_tight_prior_not_an_error() -> None:
    prior = fit_prior([10, 10, 10], [10.0, 10.0, 10.0])
    assert prior.a / prior.b == pytest.approx(1.0)
    assert shrunk_ratio(prior, [30], [10.0])[0] < 1.01


@pytest.mark.parametrize(("observed", "expected"), [([1], [1.0]), ([0, 0], [1.0, 1.0])])
def test_a_prior_needs_peers_and_events(observed: list[int], expected: list[float]) -> None:
    with pytest.raises(ValueError, match="two peers"):
        fit_prior(observed, expected)


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300)), min_size=3, max_size=30), st.randoms())
def test_row_order_is_irrelevant(rows: list[tuple[int, int]], dice: object) -> None:
    if sum(observed for observed, _ in rows) == 0:
        return
    shuffled = sorted(rows, key=lambda _: dice.random())  # type: ignore[attr-defined]
    one, other = (fit_prior(*zip(*some, strict=True)) for some in (rows, shuffled))
    assert one == other


@given(st.integers(0, 500), st.floats(0.5, 500))
def test_the_shrunk_ratio_lies_between_the_raw_one_and_the_peers(observed: int, expected: float) -> None:
    prior = GammaPrior(a=9.0, b=9.0)
    low, high = sorted((1.0, observed / expected))
    assert low - 1e-9 <= shrunk_ratio(prior, [observed], [expected])[0] <= high + 1e-9
