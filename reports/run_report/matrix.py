"""Leads by institution and detector: one square a cell, its count as text and as shade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.run_folder import Run
from schemas.card import Text

INSTITUTIONS_SHOWN = 200
SHADES = 5
FULL_SHADE = 5
"""Fewest leads of a cell that may have the darkest shade."""


@dataclass(frozen=True)
class Cell:
    """Leads of one institution and one detector; ``shade`` is 0 (none) to ``SHADES`` on a root scale."""

    detector_id: str
    leads: int
    shade: int


@dataclass(frozen=True)
class MatrixRow:
    """One institution's row; ``total`` counts each lead once."""

    institution_id: str
    name: str
    cells: tuple[Cell, ...]
    total: int


@dataclass(frozen=True)
class Matrix:
    """The matrix of a run.

    Attributes:
        columns: (detector, title, leads) of the detectors with leads, families together.
        rows: institutions with leads, the one with most first; at most ``INSTITUTIONS_SHOWN``.
        left_out: institutions with leads that are not among the rows.
        quiet: titles of detectors that ran and have no lead.
        shades: (shade, fewest, most leads of such a cell), for the key.
    """

    columns: tuple[tuple[str, Text, int], ...]
    rows: tuple[MatrixRow, ...]
    left_out: int
    quiet: tuple[Text, ...]
    shades: tuple[tuple[int, int, int], ...]


def matrix(run: Run, titles: Mapping[str, Text]) -> Matrix:
    """Leads by institution and detector.

    Args:
        run: the run.
        titles: title of each detector that ran, in their order.
    """
    leads = run.leads.drop_nulls("institution_id")
    exploded = leads.select("institution_id", "detector_ids").explode("detector_ids", empty_as_null=True)
    counted = exploded.group_by("institution_id", "detector_ids").len()
    counts = {(institution, detector): n for institution, detector, n in counted.iter_rows()}
    by_detector = dict(exploded.group_by("detector_ids").len().iter_rows())
    found = [one for one in titles if by_detector.get(one)]
    totals = leads.group_by("institution_id").len().sort(["len", "institution_id"], descending=[True, False])
    top = max(FULL_SHADE, *counts.values()) if counts else FULL_SHADE
    rows = [
        MatrixRow(
            institution_id=institution,
            name=run.institution_name(institution),
            cells=tuple(_cell(one, counts.get((institution, one), 0), top) for one in found),
            total=total,
        )
        for institution, total in totals.head(INSTITUTIONS_SHOWN).iter_rows()
    ]
    return Matrix(
        columns=tuple((one, titles[one], by_detector[one]) for one in found),
        rows=tuple(rows),
        left_out=max(totals.height - INSTITUTIONS_SHOWN, 0),
        quiet=tuple(title for one, title in titles.items() if one not in found),
        shades=_shades([cell for row in rows for cell in row.cells]),
    )


def _cell(detector_id: str, leads: int, top: int) -> Cell:
    shade = 0 if leads == 0 else max(1, round(SHADES * (leads / top) ** 0.5))
    return Cell(detector_id, leads, shade)


def _shades(cells: Sequence[Cell]) -> tuple[tuple[int, int, int], ...]:
    """The fewest and the most leads of each shade that is seen."""
    seen = {shade: [cell.leads for cell in cells if cell.shade == shade] for shade in range(1, SHADES + 1)}
    return tuple((shade, min(leads), max(leads)) for shade, leads in seen.items() if leads)
