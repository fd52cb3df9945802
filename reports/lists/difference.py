"""Whether a workbook still says what was handed out; only the cells that people fill in may differ."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Collection, Iterator, Sequence
from itertools import zip_longest
from pathlib import Path

import fastexcel

from reports.lists.guide import CODE_COLUMNS, GUIDE_COLUMNS
from reports.lists.sheet import ABOUT_COLUMNS, DETECTOR_COLUMNS, Column, Kind, Use
from reports.lists.signature import canonical
from reports.lists.working_columns import DRAWN_SHEET_COLUMNS, FINDING_SHEET_COLUMNS, LEAD_SHEET_COLUMNS

_COLUMNS: dict[str, Sequence[Column]] = {
    "leads": LEAD_SHEET_COLUMNS,
    "findings": FINDING_SHEET_COLUMNS,
    "by_lot": DRAWN_SHEET_COLUMNS,
    "how to fill in": GUIDE_COLUMNS,
    "codes": CODE_COLUMNS,
    "detectors": DETECTOR_COLUMNS,
    "about": ABOUT_COLUMNS,
}
_LATER = "reviewed_as"
"""What was known of a lead when the workbook was written; verdicts that came in since may say more."""

_FORMULA = re.compile(rb"<f[ />]")
_LINK = re.compile(rb'Target="([^"]*)"[^>]*TargetMode="External"|TargetMode="External"[^>]*Target="([^"]*)"')

Page = list[tuple[str, ...]]


def first_difference(handed: Path, again: Path, unknown: Collection[str] = ()) -> str | None:
    """Where a workbook says something else than the one that was made again; None where it says the same.

    Args:
        handed: the workbook as it stands.
        again: the same one, made again.
        unknown: columns that could not be made again.

    Returns:
        ``sheet leads, row 7`` or the like, rows counted as a spreadsheet does.
    """
    if handed.read_bytes() == again.read_bytes():
        return None
    try:
        wanted, found = _pages(again, unknown), _pages(handed, unknown)
    except (fastexcel.FastExcelError, zipfile.BadZipFile):
        return "it is no workbook"
    for name in [*wanted, *sorted(set(found) - set(wanted))]:
        pairs = zip_longest(wanted.get(name, []), found.get(name, []))
        row = next((row for row, (one, other) in enumerate(pairs, start=1) if one != other), None)
        if row is not None:
            return f"sheet {name}, row {row}"
    return _hidden_difference(handed, again)


def _pages(path: Path, unknown: Collection[str]) -> dict[str, Page]:
    reader = fastexcel.read_excel(path.read_bytes())
    return {name: list(_rows(reader, name, unknown)) for name in reader.sheet_names}


def _rows(reader: fastexcel.ExcelReader, name: str, unknown: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The header and each row, every cell in its canonical form, without what is filled in or cannot be told."""
    known = {column.name: column for column in _COLUMNS.get(re.sub(r" \d+$", "", name), ())}
    sheet = reader.load_sheet(name, header_row=0, dtypes="string").to_arrow()
    told = [(at, header.split("\n")[-1].strip()) for at, header in enumerate(sheet.schema.names)]
    told = [(at, own) for at, own in told if own not in unknown and own != _LATER and not _is_input(known.get(own))]
    yield tuple(sheet.schema.names[at] for at, _ in told)
    kinds = [known[own].kind if own in known else Kind.TEXT for _, own in told]
    columns = [sheet.columns[at].to_pylist() for at, _ in told]
    for row in zip(*columns, strict=True):
        yield tuple(canonical(kind, cell) for kind, cell in zip(kinds, row, strict=True))


def _is_input(column: Column | None) -> bool:
    return column is not None and column.use is Use.INPUT


def _hidden_difference(handed: Path, again: Path) -> str | None:
    """What a reader of cells does not see: a formula, or a link that leads elsewhere."""
    formulas, links = _behind(handed)
    if formulas:
        return f"a formula in {formulas[0]}"
    return "a link that was not written" if links - _behind(again)[1] else None


def _behind(path: Path) -> tuple[list[str], set[bytes]]:
    """Parts that hold a formula, and the addresses of all links."""
    with zipfile.ZipFile(path) as book:
        parts = {one: book.read(one) for one in book.namelist() if one.startswith("xl/worksheets/")}
    formulas = sorted(name for name, part in parts.items() if _FORMULA.search(part))
    return formulas, {one or other for part in parts.values() for one, other in _LINK.findall(part)}
