import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.statistics.fdr import q_values

p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=60)

PAPER = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0,
]  # fmt: skip


def test_the_worked_example_of_benjamini_and_hochberg_rejects_four() -> None:
    q = q_values(PAPER)
    assert (q <= 0.05).tolist() == [True] * 4 + [False] * 11
    assert q[3] == pytest.approx(0.0095 * 15 / 4)


def test_scipy_agrees() -> None:
    from scipy.stats import false_discovery_control

    p = np.random.default_rng(4).uniform(size=200)
    assert q_values(p) == pytest.approx(false_discovery_control(p))


@given(p_lists)
def test_a_smaller_p_never_has_a_larger_q_and_q_is_never_below_p(p: list[float]) -> None:
    q = q_values(p)
    order = np.argsort(p)
    assert np.all(np.diff(q[order]) >= 0)
    assert np.all(q >= np.array(p) - 1e-15)
    assert np.all(q <= 1)


@given(p_lists)
def test_row_order_is_irrelevant(p: list[float]) -> None:
    assert q_values(p[::-1])[::-1].tolist() == q_values(p).tolist()


def test_no_tests_give_no_q() -> None:
    assert q_values([]).size == 0


@pytest.mark.parametrize("bad", [[-0.1], [1.1], [float("nan")]])
def test_what_is_no_probability_is_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        q_values(bad)
