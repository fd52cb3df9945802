"""Which sheets of a workbook hold which kinds of table: by the sheets' names, else by their headers.

A hospital may send all its forms as sheets of one workbook, and one form as several sheets, as a sheet ends at
1,048,576 rows. Each such sheet is a source of its own, named ``book.xlsx#sheet``; of a workbook that holds one table
the file's name is enough.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import fastexcel

from pipelines.ingest.locate import HEAD_RECORDS, Layout, find_header, has_required, known_names
from schemas.errors import InputError

WORKBOOK_SUFFIXES = (".xlsx", ".xls")
"""File formats that hold sheets."""

Row = tuple[str | None, ...]


@dataclass(frozen=True)
class TakenSheet:
    """A sheet, and the kind of table it holds."""

    name: str
    kind: str


@dataclass(frozen=True)
class Sheets:
    """The sheets of a workbook that are read, in its order, and the names of the other filled ones."""

    taken: tuple[TakenSheet, ...]
    left: tuple[str, ...]


def sheets_of(
    path: Path, kind: str | None, layouts: Mapping[str, Layout], kind_by_name: Callable[[str], str | None]
) -> Sheets | None:
    """The sheets of a workbook by kind; None where its one sheet, or its reader, decides.

    Sheets whose name says their kind are taken so. Beside them, or where none is named, sheets whose header is that of
    the file's own kind are taken; where the file's name says no kind, a header that fits one kind best says it.

    Args:
        path: the workbook.
        kind: the kind that the file's name says, if any.
        layouts: the layout of each kind.
        kind_by_name: the kind that a name says, if any.

    Raises:
        InputError: the workbook cannot be opened, and its name says no kind, so that nobody would miss it.
    """
    heads = _heads(path, is_one_enough=kind is not None)
    if heads is None and kind is None and layouts:
        raise InputError(
            "the file cannot be read as a workbook",
            got="a damaged file, or one with a password",
            allowed="an .xlsx or .xls workbook without a password; or take the file out of the extract",
            where=path.name,
        )
    if heads is None or (kind is not None and len(heads) < 2):
        return None
    named = {sheet: kind_by_name(sheet) for sheet in heads}
    kinds = {sheet: found for sheet, found in named.items() if found is not None}
    if kind is not None and kind not in kinds.values():
        fitting = {sheet: kind for sheet in heads if sheet not in kinds and _fits(heads[sheet], layouts[kind])}
        kinds |= fitting
    if kind is None and not kinds:
        kinds = {sheet: found for sheet, rows in heads.items() if (found := _kind_by_header(rows, layouts))}
    taken = tuple(TakenSheet(sheet, kinds[sheet]) for sheet in heads if sheet in kinds)
    return Sheets(taken, tuple(sheet for sheet in heads if sheet not in kinds)) if taken else None


def sheet_sha256(file_sha256: str, sheet: str) -> str:
    """The hash that stands for one of several sheets: it changes with the workbook."""
    return hashlib.sha256(f"{file_sha256}\n{sheet}".encode()).hexdigest()


def _heads(path: Path, is_one_enough: bool) -> dict[str, Sequence[Row]] | None:
    """The first filled rows of each filled sheet; None where there is nothing to choose, or no workbook.

    What is no workbook is left to the reader, who says so; a workbook of one sheet, to the kind of its file.
    """
    try:
        workbook = fastexcel.read_excel(str(path))
        if is_one_enough and len(workbook.sheet_names) == 1:
            return None
        heads = {name: _head(workbook, name) for name in workbook.sheet_names}
    except fastexcel.FastExcelError:
        return None
    return {name: rows for name, rows in heads.items() if rows}


def _head(workbook: fastexcel.ExcelReader, name: str) -> Sequence[Row]:
    def rows(count: int | None) -> list[Row]:
        cells = workbook.load_sheet(name, header_row=None, skip_rows=0, n_rows=count, dtypes="string").to_polars()
        return [row for row in cells.iter_rows() if any(cell is not None for cell in row)] if cells.width else []

    # A sheet may begin with many blank rows: only one that is blank to its end holds nothing.
    return rows(HEAD_RECORDS) or rows(None)[:HEAD_RECORDS]


def _fits(rows: Sequence[Row], layout: Layout) -> bool:
    return has_required(rows[find_header(rows, layout)], layout)


def _kind_by_header(rows: Sequence[Row], layouts: Mapping[str, Layout]) -> str | None:
    """The kind of which the header names every required column, and most columns; None where two do equally."""
    scores = sorted(
        (known_names(rows[find_header(rows, layout)], layout), kind)
        for kind, layout in layouts.items()
        if layout.required and _fits(rows, layout)
    )
    if not scores or (len(scores) > 1 and scores[-1][0] == scores[-2][0]):
        return None
    return scores[-1][1]
