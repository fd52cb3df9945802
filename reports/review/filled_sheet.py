"""Reads a filled-in workbook back: the rows in which somebody wrote something, as texts, wherever they now stand."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import fastexcel

from reports.lists.guide import code_of
from reports.lists.sheet import Column, Use
from reports.lists.working_columns import DRAWN_SHEET_COLUMNS, FINDING_SHEET_COLUMNS, LEAD_SHEET_COLUMNS
from schemas.errors import InputError, UsageError

KINDS: dict[str, tuple[Column, ...]] = {
    "leads": LEAD_SHEET_COLUMNS,
    "findings": FINDING_SHEET_COLUMNS,
    "by_lot": DRAWN_SHEET_COLUMNS,
}
_TOLD_BY = {"finding_id": "findings", "lot": "by_lot"}
"""Columns that only sheets of one kind have."""

_TOLD_OURS = {"lead_id", "signature", "verdict"}
"""Columns that a list of ours is known by."""

INPUTS = tuple(column.name for column in LEAD_SHEET_COLUMNS if column.use is Use.INPUT)

UNPACKED_BYTES = 4 * 1024**3
"""A full sheet of leads and one of findings unpack to about 1.5 GiB."""

_FIRST_ROW = 2
"""Row of a spreadsheet in which the data begin."""


@dataclass(frozen=True)
class FilledRow:
    """One row in which an input cell holds something.

    Attributes:
        sheet: name of the sheet.
        number: its row there, as the spreadsheet counts.
        kind: ``leads``, ``findings`` or ``by_lot``.
        cells: text of each column by its name; empty cells are left out.
    """

    sheet: str
    number: int
    kind: str
    cells: dict[str, str] = field(repr=False)

    def code(self, name: str) -> str | None:
        """The code chosen in an input cell, None where it is empty."""
        return code_of(name, self.cells.get(name, "")) or None

    @property
    def key(self) -> tuple[str, str | None]:
        """The lead and finding that it is about; finding None = the whole lead."""
        finding = self.cells.get("finding_id", "") if self.kind == "findings" else None
        return self.cells.get("lead_id", ""), finding

    @property
    def note(self) -> str | None:
        """What was written freely, without characters that no database keeps."""
        text = "".join(one if one >= " " or one in "\n\t" else " " for one in self.cells.get("note", "")).strip()
        return text or None


@dataclass(frozen=True)
class FilledSheet:
    """A workbook as it came back: its hash and its filled rows, by sheet and row."""

    sha256: str
    rows: tuple[FilledRow, ...]


def read_filled(path: Path) -> FilledSheet:
    """The filled rows of a workbook.

    Raises:
        UsageError: there is no such file.
        InputError: it is no workbook, or none of its sheets has the columns of our lists.
    """
    if not path.is_file():
        raise UsageError("no such file", got=str(path), allowed="a filled-in leads.xlsx", where="FILE")
    content = path.read_bytes()
    _refuse_bomb(path)
    try:
        reader = fastexcel.read_excel(content)
        pages = [(name, dict(_columns(reader, name))) for name in reader.sheet_names]
    except fastexcel.FastExcelError:
        raise InputError("this is no workbook", allowed="an .xlsx file that opens in Excel", where=str(path)) from None
    # A list that lost one of these is still read, so that its rows are refused and not passed over in silence.
    ours = [(name, page) for name, page in pages if len(_TOLD_OURS & set(page)) >= len(_TOLD_OURS) - 1]
    if not ours:
        raise InputError(
            "no sheet of this workbook is one of our lists",
            allowed="a sheet with the columns lead_id, verdict and the hidden signature in its first row",
            where=str(path),
        )
    return FilledSheet(hashlib.sha256(content).hexdigest(), tuple(row for one in ours for row in _filled(*one)))


def _refuse_bomb(path: Path) -> None:
    """Refuse a file that would unpack to more than any of our workbooks."""
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
    except zipfile.BadZipFile:
        return
    if unpacked > UNPACKED_BYTES:
        raise InputError(
            "the workbook unpacks to more than any that we write",
            got=f"{unpacked} bytes",
            allowed=f"{UNPACKED_BYTES} bytes at most",
            where=str(path),
        )


def _columns(reader: fastexcel.ExcelReader, name: str) -> Iterator[tuple[str, list[str | None]]]:
    """Each column that has a name, as texts; the name is the last line of its header."""
    sheet = reader.load_sheet(name, header_row=0, dtypes="string").to_arrow()
    for header, column in zip(sheet.schema.names, sheet.columns, strict=True):
        yield header.split("\n")[-1].strip(), column.to_pylist()


def _filled(sheet: str, page: dict[str, list[str | None]]) -> Iterator[FilledRow]:
    kind = next((kind for column, kind in _TOLD_BY.items() if column in page), "leads")
    names = [column.name for column in KINDS[kind] if column.name in page]
    for at in range(max(map(len, page.values()), default=0)):
        cells = {name: text for name in names if (text := (page[name][at] or "").strip())}
        if any(name in cells for name in INPUTS):
            yield FilledRow(sheet, at + _FIRST_ROW, kind, cells)
