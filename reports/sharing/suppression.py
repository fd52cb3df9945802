"""Suppression of small counts in a table with totals, primary and complementary.

A count below the threshold is withheld, and as many others as it takes that nobody can work it out from the totals:
what a reader can conclude of a withheld count from all that is published must leave a range of at least the threshold.
(Hundepool et al., Statistical Disclosure Control, 2012, chapter 4.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

THRESHOLD = 5
"""Counts from 1 to one below this are small."""

Grid = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Published:
    """A table that may be shared; None stands where a count is withheld.

    Attributes:
        cells: a row of counts for each row of the table.
        row_totals, column_totals: sums of rows and columns, some of which may be withheld too.
        total: sum of everything; None where the table is too small for any of it to be shared.
    """

    cells: tuple[tuple[int | None, ...], ...]
    row_totals: tuple[int | None, ...]
    column_totals: tuple[int | None, ...]
    total: int | None


def shareable(counts: Sequence[Sequence[int]], threshold: int = THRESHOLD) -> Published:
    """The table with every small count withheld, and what would give one away.

    Args:
        counts: rows of counts ≥ 0, all of one length, at least one row and one column.
        threshold: smallest count that may be told; 0 is told always.
    """
    grid = _with_totals(np.asarray(counts, dtype=np.int64))
    small = (grid > 0) & (grid < threshold)
    if small[-1, -1]:
        return _told(grid, np.ones_like(small))
    hidden = small.copy()
    for cell in sorted(_cells(small[:-1, :-1]), key=lambda place: (int(grid[place]), place)):
        _hide_rectangle(grid, hidden, cell, threshold)
    while exposed := _exposed(grid, hidden, small, threshold):
        before = int(hidden.sum())
        for cell in exposed:
            _hide_another(grid, hidden, cell)
        if int(hidden.sum()) == before:
            return _told(grid, np.ones_like(small))
    return _told(grid, hidden)


def _with_totals(cells: Grid) -> Grid:
    """The table with its row totals, column totals and total as a last column and row."""
    wide = np.hstack([cells, cells.sum(axis=1, keepdims=True)])
    return np.vstack([wide, wide.sum(axis=0, keepdims=True)])


def _cells(mask: Mask) -> Iterator[tuple[int, int]]:
    yield from ((int(row), int(column)) for row, column in np.argwhere(mask))


def _exposed(grid: Grid, hidden: Mask, small: Mask, threshold: int) -> list[tuple[int, int]]:
    """Small counts of which a reader of what is published could tell more than that they are withheld."""
    doubtful = [cell for cell in _cells(small) if not _is_in_rectangle(grid, hidden, cell, threshold)]
    if not doubtful:
        return []
    places = {place: number for number, place in enumerate(_cells(hidden))}
    equations, known = _equations(grid, places)
    return [cell for cell in doubtful if _range(equations, known, places[cell]) < threshold - 1 - 1e-6]


def _is_in_rectangle(grid: Grid, hidden: Mask, cell: tuple[int, int], threshold: int) -> bool:
    """Whether a count is withheld together with three that protect it."""
    row, column = cell
    inside = hidden[:-1, :-1]
    if row >= inside.shape[0] or column >= inside.shape[1]:
        return False
    withheld = inside & inside[row][None, :] & inside[:, column][:, None]
    return bool((withheld & _swaps(grid, cell, threshold)).any())


def _swaps(grid: Grid, cell: tuple[int, int], threshold: int) -> Mask:
    """With which opposite corners a count can move far enough against three others of a rectangle.

    Such a move changes no total, so where the four are withheld no reader can tell (the hypercube method: Giessing and
    Repsilber, 2002). Corners in its own row or column, and rectangles with a zero, which is told, do not serve.
    """
    row, column = cell
    inside = grid[:-1, :-1]
    across, along = inside[row][None, :], inside[:, column][:, None]
    up = np.minimum(across, along) - 1
    down = np.minimum(inside[row, column], inside) - 1
    serves: Mask = (up + down >= threshold - 1) & (across > 0) & (along > 0) & (inside > 0)
    serves[row, :] = False
    serves[:, column] = False
    return serves


def _hide_rectangle(grid: Grid, hidden: Mask, cell: tuple[int, int], threshold: int) -> None:
    """Withhold the three counts that protect one, those that lose least; nothing where no three can."""
    row, column = cell
    serves = _swaps(grid, cell, threshold)
    lost = np.where(hidden, 0, grid)[:-1, :-1]
    cost = np.where(serves, lost[row][None, :] + lost[:, column][:, None] + lost, np.iinfo(np.int64).max)
    if serves.any():
        at_row, at_column = (int(place) for place in np.unravel_index(int(cost.argmin()), cost.shape))
        for place in ((row, at_column), (at_row, column), (at_row, at_column)):
            hidden[place] = True


def _range(equations: NDArray[np.float64], known: NDArray[np.float64], place: int) -> float:
    """How far apart the largest and the smallest value are that a withheld count may have."""
    goal = np.zeros(equations.shape[1])
    goal[place] = 1.0
    ends = [linprog(sign * goal, A_eq=equations, b_eq=known, bounds=(1.0, None)).x for sign in (1.0, -1.0)]
    low, high = (float(np.asarray(end)[place]) for end in ends)
    return high - low


def _equations(grid: Grid, places: dict[tuple[int, int], int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a reader knows of the withheld counts: each row and column adds up to its total, zeros are told."""
    rows, columns = grid.shape
    in_row, in_column = np.ones_like(grid), np.ones_like(grid)
    in_row[:, -1] = -1
    in_column[-1, :] = -1
    told = grid.copy()
    for place in places:
        told[place] = 0
    known = -np.concatenate([(told * in_row).sum(axis=1), (told * in_column).sum(axis=0)]).astype(np.float64)
    equations = np.zeros((rows + columns, len(places)))
    for (row, column), number in places.items():
        equations[row, number] = in_row[row, column]
        equations[rows + column, number] = in_column[row, column]
    return equations, known


def _hide_another(grid: Grid, hidden: Mask, cell: tuple[int, int]) -> None:
    """Withhold the smallest count that stands in the row or column of an exposed one; totals last."""
    row, column = cell
    last = grid.shape[0] - 1, grid.shape[1] - 1
    line = [(row, other) for other in range(last[1] + 1)] + [(other, column) for other in range(last[0] + 1)]
    free = [place for place in line if not hidden[place] and grid[place] > 0 and place != last]
    if free:
        in_use = [int(hidden[one].sum() + hidden[:, other].sum()) for one, other in free]
        ranked = sorted(
            (one[0] == last[0] or one[1] == last[1], int(grid[one]), -used, one)
            for one, used in zip(free, in_use, strict=True)
        )
        hidden[ranked[0][-1]] = True


def _told(grid: Grid, hidden: Mask) -> Published:
    told = [
        [None if withheld else int(count) for count, withheld in zip(row, mask, strict=True)]
        for row, mask in zip(grid, hidden, strict=True)
    ]
    return Published(
        cells=tuple(tuple(row[:-1]) for row in told[:-1]),
        row_totals=tuple(row[-1] for row in told[:-1]),
        column_totals=tuple(told[-1][:-1]),
        total=told[-1][-1],
    )
