import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.statistics.expected import expected_counts, nest

cells = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 2), st.integers(0, 2), st.integers(1, 40), st.integers(0, 60)),
    min_size=2,
    max_size=40,
)


def _expected(rows: list[tuple[int, ...]], **more: float) -> np.ndarray:
    unit, outer, inner, visits, events = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return expected_counts(unit, [np.zeros_like(unit), outer, inner], visits, events, **more)


def test_the_judged_unit_is_left_out_of_its_own_yardstick() -> None:
    unit = np.array([0, 1, 2])
    expected = expected_counts(unit, [np.zeros(3, dtype=np.int64)], [10, 10, 30], [100, 10, 30])
    assert expected == pytest.approx([10.0, 10 * 130 / 40, 30 * 110 / 20])


def test_a_stratum_s_rate_is_shrunk_to_its_parent_s_by_hand() -> None:
    # Judged: unit 0, 10 visits in stratum 1. Others: 20 visits with 40 events there, 60 visits with 0 events elsewhere.
    unit, stratum = np.array([0, 1, 2]), np.array([1, 1, 0])
    root = np.zeros(3, dtype=np.int64)
    expected = expected_counts(unit, [root, stratum], [10, 20, 60], [5, 40, 0], prior_visits=20)
    assert expected[0] == pytest.approx(10 * (40 + 20 * 0.5) / (20 + 20))


def test_a_stratum_that_nobody_else_sees_takes_its_parent_s_rate() -> None:
    unit, stratum = np.array([0, 1, 2]), np.array([7, 1, 1])
    expected = expected_counts(unit, [np.zeros(3, dtype=np.int64), stratum], [10, 20, 20], [99, 10, 30])
    assert expected[0] == pytest.approx(10.0)


def test_a_unit_without_peers_has_no_expected_count() -> None:
    group = np.array([0, 1, 1])
    expected = expected_counts(np.array([0, 1, 2]), [group], [1, 1, 1], [1, 1, 1])
    assert np.isnan(expected[0])
    assert not np.isnan(expected[1:]).any()


def test_nested_codes_tell_pairs_apart() -> None:
    assert nest(np.array([5, 5, 9, 9]), np.array([1, 2, 1, 1])).tolist() == [0, 1, 2, 2]


def test_codes_far_apart_are_numbered_as_codes_close_together() -> None:
    inner = np.zeros(3, dtype=np.int64)
    assert nest(np.array([-7, 10**12, 3]), inner).tolist() == nest(np.array([0, 2, 1]), inner).tolist() == [0, 2, 1]


@given(cells, st.randoms())
def test_row_order_is_irrelevant(rows: list[tuple[int, ...]], dice: object) -> None:
    order = sorted(range(len(rows)), key=lambda _: dice.random())  # type: ignore[attr-defined]
    one, other = _expected(rows), _expected([rows[place] for place in order])
    assert np.array_equal(one[order], other, equal_nan=True)


@given(cells, st.integers(2, 9))
def test_k_times_all_events_give_k_times_the_expected(rows: list[tuple[int, ...]], k: int) -> None:
    scaled = _expected([(*row[:4], row[4] * k) for row in rows])
    assert scaled == pytest.approx(_expected(rows) * k, nan_ok=True)


@given(cells)
def test_splitting_a_row_in_two_changes_no_unit_s_total(rows: list[tuple[int, ...]]) -> None:
    halves = [part for u, a, b, n, o in rows for part in ((u, a, b, n, o), (u, a, b, n, 0))]
    doubled = [(u, a, b, 2 * n, o) for u, a, b, n, o in rows]
    assert _expected(halves).reshape(-1, 2).sum(axis=1) == pytest.approx(_expected(doubled), nan_ok=True)
