"""Quarantine files: each rejected row with its line, its reasons in two languages, and its original text.

A kill leaves things whole: the files are written beside their place before the commit and moved there after it; the
next ingest moves what a kill left behind, where the batch is in the ledger, and removes it where it is not.
"""

from __future__ import annotations

import csv
import os
import shutil
from collections.abc import Iterator
from itertools import tee
from pathlib import Path

import duckdb

from pipelines.ingest.ledger import has_batch
from pipelines.ingest.reasons import REASONS
from pipelines.ingest.staged import Reading

COLUMNS = ("source_row", "reasons", "columns", "explanation_en", "explanation_zh", "original_text")
"""Header of a quarantine file. Reasons and columns are joined by ``;`` and correspond one to one."""

_PENDING = ".pending-"
_PAGE_ROWS = 10_000
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\x00")


def pending_folder(workspace: Path, batch_id: str) -> Path:
    """Where the quarantine of a batch is written until the batch is committed."""
    return workspace / "quarantine" / f"{_PENDING}{batch_id}"


def settle_pending(connection: duckdb.DuckDBPyConnection, workspace: Path) -> None:
    """Move each pending folder of a committed batch to its place and remove the others."""
    for pending in sorted((workspace / "quarantine").glob(f"{_PENDING}*")):
        batch_id = pending.name.removeprefix(_PENDING)
        if not has_batch(connection, batch_id):
            shutil.rmtree(pending)
            continue
        place = pending.with_name(batch_id)
        if place.exists():
            shutil.rmtree(place)
        pending.rename(place)


def write_quarantine(
    connection: duckdb.DuckDBPyConnection, staged: str, reading: Reading, folder: Path, source_file: str
) -> None:
    """Write the quarantined rows of one staged file to ``<folder>/<source_file>.csv``, readable by the owner only."""
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    rows, rows_again = tee(_quarantined_rows(connection, staged))
    originals = reading.original_text((line, count) for line, count, _reasons in rows)
    descriptor = os.open(folder / f"{source_file}.csv", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for text, (line, _count, reasons) in zip(originals, rows_again, strict=True):
            writer.writerow([line, *_explained(reasons), _inert(text)])


def _quarantined_rows(connection: duckdb.DuckDBPyConnection, staged: str) -> Iterator[tuple[int, int, str]]:
    # Other statements run on this connection while the file is written, so the rows are fetched page by page.
    connection.execute(
        f"create or replace temp table {staged}_quarantined as "
        "select source_row, max(line_count) as line_count, "
        "array_to_string(list_sort(list_distinct(list(reasons))), ';') as reasons, "
        "row_number() over (order by source_row) as place "
        f"from {staged}_verdict inner join {staged} using (row_id) where verdict = 'quarantined' group by source_row"
    )
    page = 0
    while rows := connection.execute(
        f"select source_row, line_count, reasons from {staged}_quarantined "
        "where place > $1 and place <= $1 + $2 order by place",
        [page * _PAGE_ROWS, _PAGE_ROWS],
    ).fetchall():
        yield from rows
        page += 1


def _explained(reasons: str) -> tuple[str, str, str, str]:
    pairs = [(reason, column) for reason, _, column in (part.partition(":") for part in reasons.split(";"))]
    texts = [REASONS[reason] for reason in dict.fromkeys(reason for reason, _column in pairs)]
    return (
        ";".join(reason for reason, _column in pairs),
        ";".join(column for _reason, column in pairs),
        "; ".join(text.en for text in texts),
        "；".join(text.zh for text in texts),
    )


def _inert(text: str) -> str:
    # A spreadsheet that opens the file must not run a cell of the extract as a formula.
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
