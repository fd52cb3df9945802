"""Where a workspace's case store stands, and the rows that runs and pages take from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from pipelines.run_folder import read_rows, write_rows
from pipelines.verdict_file import VerdictSnapshot
from pipelines.workspace import Workspace
from schemas.errors import IntegrityError
from schemas.review_snapshot import REVIEW_FILE, REVIEW_SCHEMA

if TYPE_CHECKING:
    from reports.review.store import CaseStore

ADDRESS = "EXAM_AUDIT_CASES"
"""Environment variable with the address of a PostgreSQL case store; never an option: it may hold a password."""


def has_cases(place: Workspace) -> bool:
    """Whether a case store is there: one that is named, or the workspace's own."""
    return bool(os.environ.get(ADDRESS)) or place.cases.is_file()


def open_cases(place: Workspace) -> CaseStore:
    """The case store of a workspace, made where there is none.

    Raises:
        UsageError: it cannot be reached or written. IntegrityError: a newer version of the program changed it.
    """
    from reports.review.store import open_store

    return open_store(os.environ.get(ADDRESS) or place.cases)


def stored_verdicts(place: Workspace) -> VerdictSnapshot | None:
    """The newest verdict on each finding; None where nothing was reviewed yet."""
    if not has_cases(place):
        return None
    from reports.review.leaving import verdict_rows

    with open_cases(place).reading() as connection:
        rows = verdict_rows(connection)
    return VerdictSnapshot(rows) if rows.height else None


def write_reviews(place: Workspace, folder: Path) -> int:
    """Write what the case store knows into a run's folder, for its pages; returns how many rows.

    Where nothing was reviewed yet, no file stands there.
    """
    if not has_cases(place):
        return 0
    from reports.review.leaving import review_rows

    with open_cases(place).reading() as connection:
        rows = review_rows(connection)
    if rows.height:
        write_rows(folder / REVIEW_FILE, rows, REVIEW_SCHEMA)
    return rows.height


def noted_heads(place: Workspace) -> dict[str, str]:
    """The head of the audit chain that each published run noted when its pages were drawn, by run_id.

    Raises:
        IntegrityError: a file of reviews is damaged.
    """
    heads = {}
    for path in sorted(place.runs.glob(f"*/{REVIEW_FILE}")):
        try:
            heads[path.parent.name] = str(read_rows(path)["chain_head"].item(0))
        except (pl.exceptions.PolarsError, IndexError, OSError):
            raise IntegrityError("a file of the published run is damaged", got=REVIEW_FILE, where=str(path)) from None
    return heads


def refuse_unknown_reviews(place: Workspace, run: Path) -> None:
    """Hold what a run's pages tell of reviews to the case store; without a store there is nothing to hold it to.

    Raises:
        IntegrityError: a row is not one that the store wrote.
    """
    path = run / REVIEW_FILE
    if not path.is_file() or not has_cases(place):
        return
    from reports.review.leaving import review_rows

    with open_cases(place).reading() as connection:
        known = review_rows(connection).drop("chain_head")
    try:
        rows = read_rows(path).filter(pl.col("kind") == "verdict").select(known.columns)
        told = rows.cast(dict(known.schema))  # type: ignore[arg-type]
    except pl.exceptions.PolarsError:
        told = None
    if told is None or told.join(known, on=known.columns, how="anti", nulls_equal=True).height:
        raise IntegrityError(
            "the reviews of the run are not those of the case store",
            got=REVIEW_FILE,
            allowed=f"the file as `exam-audit report refresh` writes it, and the store that {ADDRESS} named then",
            where=str(run),
        )
