"""How much could be looked at: which institutions have data for which months, and where the months have holes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from reports.run_folder import Run

INSTITUTIONS_SHOWN = 200


@dataclass(frozen=True)
class CoveredInstitution:
    """One institution: months with anything examined, the first and the last of them, and those missing between.

    ``detectors`` are those that examined anything there.
    """

    institution_id: str
    name: str
    months: int
    first: str
    last: str
    missing: tuple[str, ...]
    detectors: int


@dataclass(frozen=True)
class Coverage:
    """Coverage of a run.

    Attributes:
        months: months of the run's data, first to last.
        detectors: detectors that ran.
        known, examined: institutions on the register, and those where anything was examined.
        whole: institutions without a missing month from the run's first month to its last.
        rows: examined institutions, the one with most missing months first; at most ``INSTITUTIONS_SHOWN``.
        left_out: examined institutions that are not among the rows.
        unseen: registered institutions where nothing was examined, by name; at most ``INSTITUTIONS_SHOWN``.
    """

    months: tuple[str, ...]
    detectors: int
    known: int
    examined: int
    whole: int
    rows: tuple[CoveredInstitution, ...]
    left_out: int
    unseen: tuple[str, ...]


def coverage(run: Run, months: Sequence[str]) -> Coverage:
    """Coverage by institution.

    Args:
        run: the run.
        months: every month ``YYYY-MM`` of its data in order.
    """
    looked_at = run.denominators.filter(pl.col("examined") > 0).drop_nulls(["institution_id", "month"])
    grouped = looked_at.group_by("institution_id").agg(
        pl.col("month").unique().sort(), detectors=pl.col("detector_id").n_unique()
    )
    rows = [_row(run, months, *row) for row in grouped.sort("institution_id").iter_rows()]
    rows.sort(key=lambda row: (-len(row.missing), row.institution_id))
    seen = {row.institution_id for row in rows}
    unseen = sorted(run.institution_name(one) for one in run.institutions if one not in seen)
    return Coverage(
        months=tuple(months),
        detectors=sum(result.status == "ran" for result in run.detectors),
        known=len(run.institutions),
        examined=len(rows),
        whole=sum(not row.missing for row in rows),
        rows=tuple(rows[:INSTITUTIONS_SHOWN]),
        left_out=max(len(rows) - INSTITUTIONS_SHOWN, 0),
        unseen=tuple(unseen[:INSTITUTIONS_SHOWN]),
    )


def _row(run: Run, months: Sequence[str], institution_id: str, own: list[str], detectors: int) -> CoveredInstitution:
    return CoveredInstitution(
        institution_id=institution_id,
        name=run.institution_name(institution_id),
        months=len(own),
        first=own[0],
        last=own[-1],
        missing=tuple(month for month in months if month not in set(own)),
        detectors=detectors,
    )
