"""A summary of a run that may be shared: counts by institution and detector, none of which tells of a few persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reports.rows import DetectorResult
from reports.run_folder import Run
from reports.sharing.suppression import THRESHOLD, Published, shareable
from schemas.card import Text

MOST_INSTITUTIONS = 200
"""Institutions with the most open findings that have a row; the others are added up in the last one."""


@dataclass(frozen=True)
class Row:
    """One institution's counts; ``name`` is None for the row of all others."""

    name: str | None
    counts: tuple[int | None, ...]
    total: int | None


@dataclass(frozen=True)
class Summary:
    """What a shared summary holds; None stands for a count that is withheld.

    Attributes:
        detectors: titles of the detectors with an open finding, a column each.
        rows: institutions in the order of their names, the row of all others last.
        totals: sums of the columns; ``total`` of everything.
        months: open findings by month (YYYY-MM), with one total.
        ran: detectors that ran, with how many cases each could judge, None where that is fewer than the threshold.
        threshold: smallest count that is told.
    """

    detectors: tuple[Text, ...]
    rows: tuple[Row, ...]
    totals: tuple[int | None, ...]
    total: int | None
    months: tuple[tuple[str, int | None], ...]
    ran: tuple[tuple[Text, int | None], ...]
    threshold: int


def summary(run: Run) -> Summary:
    """The summary of a run's open findings (those that no exemption explains)."""
    is_open = run.findings.filter(pl.col("exemption_id").is_null())
    ids = sorted(is_open["detector_id"].unique().to_list())
    names, grid = _grid(run, is_open, ids)
    told = shareable(grid) if grid and ids else Published((), (), (), 0)
    rows = zip(names, told.cells, told.row_totals, strict=False)
    return Summary(
        detectors=tuple(run.cards[one].title for one in ids),
        rows=tuple(Row(name, counts, total) for name, counts, total in rows),
        totals=told.column_totals,
        total=told.total,
        months=_months(is_open),
        ran=tuple(_examined(run, one) for one in run.detectors if one.status == "ran" and one.detector_id in run.cards),
        threshold=THRESHOLD,
    )


def _grid(run: Run, findings: pl.DataFrame, ids: Sequence[str]) -> tuple[list[str | None], list[list[int]]]:
    """Names of the rows, and counts of findings by institution and detector."""
    counted = findings.drop_nulls("institution_id").group_by("institution_id", "detector_id").len()
    by_institution: dict[str, dict[str, int]] = {}
    for institution_id, detector_id, count in counted.sort("institution_id", "detector_id").iter_rows():
        by_institution.setdefault(institution_id, {})[detector_id] = count
    most = sorted(by_institution, key=lambda one: (-sum(by_institution[one].values()), one))
    shown = sorted(most[:MOST_INSTITUTIONS], key=lambda one: (run.institution_name(one), one))
    names: list[str | None] = [run.institution_name(one) for one in shown]
    grid = [[by_institution[one].get(id_, 0) for id_ in ids] for one in shown]
    if others := most[MOST_INSTITUTIONS:]:
        names.append(None)
        grid.append([sum(by_institution[one].get(id_, 0) for one in others) for id_ in ids])
    return names, grid


def _months(findings: pl.DataFrame) -> tuple[tuple[str, int | None], ...]:
    """Open findings by month; the table of one row is suppressed like any other."""
    dated = findings.drop_nulls("occurred_at").group_by(pl.col("occurred_at").dt.strftime("%Y-%m").alias("month")).len()
    counted = dated.sort("month")
    if counted.is_empty():
        return ()
    (told,) = shareable([counted["len"].to_list()]).cells
    return tuple(zip(counted["month"].to_list(), told, strict=True))


def _examined(run: Run, result: DetectorResult) -> tuple[Text, int | None]:
    examined = result.examined or 0
    return run.cards[result.detector_id].title, examined if examined == 0 or examined >= THRESHOLD else None
