"""Where a workspace's case store stands, and the rows that runs and pages take from it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.run_folder import write_rows
from pipelines.verdict_file import VerdictSnapshot
from pipelines.workspace import Workspace
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
