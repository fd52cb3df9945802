"""Sheets of workbooks (XLSX, XLS): every cell as text; a number that a spreadsheet has rounded is never an id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fastexcel
import polars as pl

from pipelines.ingest.header import Header
from pipelines.ingest.locate import (
    FOOTER_WORDS,
    HEAD_RECORDS,
    Layout,
    SetAside,
    find_header,
    fold_name,
    footer_kind,
    has_required,
    kind_below_header,
    preamble_kind,
)
from pipelines.ingest.parquet_reader import rows_as_csv
from pipelines.ingest.scratch import quoted
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import Reading
from schemas.errors import InputError
from schemas.table import Kind

_EXACT_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""


@dataclass(frozen=True)
class _Sheet:
    """One sheet: its cells as text, positions of cells that hold an error, and the rows that hold anything."""

    name: str
    cells: pl.DataFrame
    errors: list[tuple[int, int]]

    def is_filled(self) -> pl.Expr:
        """Over ``cells``: whether a row holds anything."""
        return pl.any_horizontal(pl.all().is_not_null()) | _is_in_rows([row for row, _column in self.errors])

    def head(self) -> list[tuple[int, tuple[str | None, ...]]]:
        """Index and cells of the first filled rows."""
        rows = self.cells.with_row_index("at").filter(self.cells.select(self.is_filled()).to_series())
        return [(row[0], row[1:]) for row in rows.head(HEAD_RECORDS).iter_rows()]


def read_xlsx(source: Source, scratch: Path) -> Iterator[Reading]:
    """The one reading of a workbook; ``source_row`` is the row of the sheet.

    The sheet is the source's, else the one whose header is known; of several such the one that is named as the layout
    says. Date cells
    become ISO dates, with the time of day where it is not midnight: a sheet does not tell a bare date from midnight.
    Cells with a spreadsheet error, and numbers of more than 15 digits in a column of ids or codes, are faults of
    their row. Hidden rows are read like others; a merged cell has its value in its first cell.

    Raises:
        InputError: no workbook, no sheet or several that fit, no header, or a required column is missing.
    """
    layout = source.layout
    try:
        workbook = fastexcel.read_excel(str(source.path))
        names = [source.sheet] if source.sheet is not None else workbook.sheet_names
        sheets = [_Sheet(name, *_cells_and_errors(workbook, name)) for name in names]
    except fastexcel.FastExcelError:
        raise InputError(
            "the file cannot be read as a workbook", allowed="an .xlsx or .xls workbook", where=source.name
        ) from None
    filled = [sheet for sheet in sheets if sheet.errors or not _is_blank(sheet.cells)]
    sheet = _choose(filled, layout, source.name)
    rows = sheet.head()
    at = find_header([cells for _row, cells in rows], layout)
    header_row, written = rows[at][0], list(rows[at][1])
    while written and written[-1] is None and sheet.cells[f"f{len(written) - 1}"][header_row:].is_null().all():
        written.pop()
    header = layout.match(written, source.name)
    aside = _set_aside(sheet, rows, at, header.width, layout)
    shown = sheet.cells.with_columns(
        (pl.int_range(1, pl.len() + 1)).alias("line"),
        (sheet.is_filled() & ~_is_in_rows([one.line - 1 for one in aside])).alias("is_filled"),
        _cell_faults(header, layout, workbook, sheet).alias("cell_faults"),
        *_dates(header, layout, workbook, sheet),
    )
    copy = scratch / f"sheet_{len(list(scratch.iterdir()))}.parquet"
    shown.write_parquet(copy)
    is_row = (pl.col("line") > header_row + 1) & pl.col("is_filled")
    yield Reading(
        header,
        relation=f"(select * from read_parquet({quoted(str(copy))}) "
        f"where is_filled and line > {header_row + 1}) as sheet",
        original_text=rows_as_csv(copy, [f"f{at}" for at in range(header.width)]),
        source_row="line",
        cell_faults="cell_faults",
        row_count=shown.filter(is_row).height,
        set_aside=aside,
        unread_sheets=tuple(one.name for one in filled if one is not sheet),
        written_as=f"sheet {sheet.name}, header in row {header_row + 1}",
    )


def _choose(filled: list[_Sheet], layout: Layout, file_name: str) -> _Sheet:
    if not filled:
        raise InputError("the file is empty", got="no filled cell", allowed="a header and rows", where=file_name)
    fitting = [sheet for sheet in filled if _has_header(sheet, layout)]
    named = [sheet for sheet in filled if fold_name(sheet.name) in layout.sheet_names]
    # Where no sheet has the header, the error that follows is about the sheet that was meant.
    candidates = [sheet for sheet in fitting if sheet in named] or named[:1] or fitting or filled
    if len(candidates) > 1:
        raise InputError(
            "the workbook holds several sheets",
            got=f"{len(candidates)} sheets that may hold the table",
            allowed=f"one such sheet, or one that is named {' or '.join(sorted(layout.sheet_names)) or 'as the form'}",
            where=file_name,
        )
    return candidates[0]


def _has_header(sheet: _Sheet, layout: Layout) -> bool:
    rows = [cells for _row, cells in sheet.head()]
    return bool(rows) and has_required(rows[find_header(rows, layout)], layout)


def _set_aside(
    sheet: _Sheet, rows: list[tuple[int, tuple[str | None, ...]]], at: int, width: int, layout: Layout
) -> tuple[SetAside, ...]:
    found = [SetAside(kind, row + 1) for row, cells in rows[:at] if (kind := preamble_kind(cells)) is not None]
    for row, cells in rows[at + 1 :] if layout.has_preamble else ():
        kind = kind_below_header(cells, width)
        if kind is None:
            break
        found.append(SetAside(kind, row + 1))
    if not layout.has_footers:
        return tuple(found)
    first = pl.coalesce(pl.all().str.strip_chars().replace("", None)).str.to_lowercase()
    suspects = sheet.cells.with_row_index("at").filter(
        sheet.cells.select(pl.any_horizontal([first.str.starts_with(word) for word in FOOTER_WORDS])).to_series()
    )
    known = {one.line for one in found}
    for row, *texts in suspects.iter_rows():
        kind = footer_kind(texts[:width], width)
        if kind is not None and row > rows[at][0] and row + 1 not in known:
            found.append(SetAside(kind, row + 1))
    return tuple(found)


def _cells_and_errors(workbook: fastexcel.ExcelReader, sheet: str) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    batch, errors = _load(workbook, sheet, "string").to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"f{at}" for at in range(cells.width)]
    return cells, [error.offset_position for error in errors.errors] if errors else []


def _is_blank(cells: pl.DataFrame) -> bool:
    return all(column.is_null().all() for column in cells)


def _load(workbook: fastexcel.ExcelReader, sheet: str, dtype: str) -> fastexcel.ExcelSheet:
    return workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=dtype)


def _cell_faults(header: Header, layout: Layout, workbook: fastexcel.ExcelReader, sheet: _Sheet) -> pl.Expr:
    found = [
        pl.when(_is_in_rows([row for row, column in sheet.errors if column == at])).then(pl.lit(f"error_cell:{name}"))
        for name, at in header.positions.items()
    ]
    ids = [name for name in header.positions if layout.kinds.get(name) in (Kind.ID, Kind.CODE)]
    long = {name: _has_long_number(f"f{header.positions[name]}") for name in ids}
    if ids and sheet.cells.select(pl.any_horizontal(list(long.values())).any()).item():
        # Read as truth values, a number is true or false and a text is nothing: so numbers are told from texts.
        numbers = _load(workbook, sheet.name, "boolean").to_polars()
        found += [
            pl.when(long[name] & numbers.to_series(header.positions[name]).is_not_null()).then(
                pl.lit(f"mangled_id:{name}")
            )
            for name in ids
        ]
    faults = pl.concat_str(found, separator=";", ignore_nulls=True)
    return pl.when(faults != "").then(faults)


def _is_in_rows(rows: list[int]) -> pl.Expr:
    return pl.int_range(pl.len()).is_in(rows)


def _has_long_number(column: str) -> pl.Expr:
    digits = pl.col(column).str.replace_all(r"[-.]", "").str.strip_chars_start("0")
    return digits.str.contains(r"^\d+(?:[eE].*)?$") & (digits.str.len_chars() > _EXACT_DIGITS)


def _dates(header: Header, layout: Layout, workbook: fastexcel.ExcelReader, sheet: _Sheet) -> list[pl.Expr]:
    columns = [at for name, at in header.positions.items() if layout.kinds.get(name) in (Kind.DATE, Kind.MOMENT)]
    midnight = {at: pl.col(f"f{at}").str.ends_with(" 00:00:00") for at in columns}
    if not columns or not sheet.cells.select(pl.any_horizontal(list(midnight.values())).any()).item():
        return []
    # Read as durations, a date cell has a value and a text has none: a midnight that was typed as text is kept.
    dates = _load(workbook, sheet.name, "duration").to_polars()
    return [
        pl.when(midnight[at] & dates.to_series(at).is_not_null())
        .then(pl.col(f"f{at}").str.head(10))
        .otherwise(pl.col(f"f{at}"))
        .alias(f"f{at}")
        for at in columns
    ]
