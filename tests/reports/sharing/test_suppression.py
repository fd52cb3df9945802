"""A shared table gives no small count away, by any arithmetic on what it publishes."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from reports.sharing.suppression import THRESHOLD, Published, shareable

TABLES = st.tuples(st.integers(1, 6), st.integers(1, 6)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 40) | st.integers(0, 6), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


def whole(published: Published) -> list[list[int | None]]:
    rows = [[*row, total] for row, total in zip(published.cells, published.row_totals, strict=True)]
    return [*rows, [*published.column_totals, published.total]]


def range_left_to_a_reader(table: list[list[int | None]], row: int, column: int) -> float:
    """What a reader who knows the method can tell of one withheld cell: the width of all values it may have."""
    height, width = len(table), len(table[0])
    sums = []
    for line in range(height):
        sums.append({(line, at): (-1.0 if at == width - 1 else 1.0) for at in range(width)})
    for at in range(width):
        sums.append({(line, at): (-1.0 if line == height - 1 else 1.0) for line in range(height)})
    coefficients = np.array([[own.get((r, c), 0.0) for r in range(height) for c in range(width)] for own in sums])
    bounds = [(cell, cell) if cell is not None else (1, None) for line in table for cell in line]
    goal = np.zeros(height * width)
    goal[row * width + column] = 1
    ends = [linprog(sign * goal, A_eq=coefficients, b_eq=np.zeros(len(sums)), bounds=bounds) for sign in (1, -1)]
    if any(end.status == 3 for end in ends):
        return float("inf")
    assert all(end.success for end in ends)
    return float(-ends[1].fun - ends[0].fun)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TABLES)
def test_no_small_count_can_be_worked_out(counts: list[list[int]]) -> None:
    published = shareable(counts)
    table = whole(published)
    for row, line in enumerate(counts):
        for column, count in enumerate(line):
            if 0 < count < THRESHOLD:
                assert published.cells[row][column] is None
                assert range_left_to_a_reader(table, row, column) >= THRESHOLD - 1 - 1e-6


@settings(max_examples=60, deadline=None, derandomize=True)
@given(TABLES)
def test_what_is_told_is_true_and_zero_is_always_told_where_anything_is(counts: list[list[int]]) -> None:
    published = shareable(counts)
    for row, line in enumerate(counts):
        assert published.row_totals[row] in (None, sum(line))
        for column, count in enumerate(line):
            assert published.cells[row][column] in (None, count)
    assert published.total in (None, sum(map(sum, counts)))
    if published.total is not None:
        assert all(
            published.cells[row][column] == 0
            for row, line in enumerate(counts)
            for column, count in enumerate(line)
            if count == 0
        )


def test_a_table_without_small_counts_is_told_whole() -> None:
    published = shareable([[5, 0], [12, 30]])
    assert published == Published(((5, 0), (12, 30)), (5, 42), (17, 30), 47)


def test_one_small_count_takes_three_others_with_it() -> None:
    published = shareable([[2, 20, 30], [15, 25, 35], [50, 60, 70]])
    assert published.cells == ((None, None, 30), (None, None, 35), (50, 60, 70))
    assert published.row_totals == (52, 75, 180)


def test_a_table_that_is_small_as_a_whole_is_not_told_at_all() -> None:
    assert shareable([[1, 2]]).total is None
    assert whole(shareable([[3]])) == [[None, None], [None, None]]
