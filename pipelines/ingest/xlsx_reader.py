"""XLSX sheets: every cell as text; a number that a spreadsheet has rounded is never taken for an id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import fastexcel
import polars as pl

from pipelines.ingest.header import Header, match_header
from pipelines.ingest.parquet_reader import rows_as_csv
from pipelines.ingest.scratch import quoted
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import Reading
from schemas.errors import InputError
from schemas.table import Kind, Table
from schemas.tables import TABLES

_EXACT_DIGITS = 15
"""Significant digits that a spreadsheet keeps of a number."""


def read_xlsx(source: Source, scratch: Path) -> Iterator[Reading]:
    """The one reading of a workbook; ``source_row`` is the row of the sheet.

    The sheet is the one named as the table, else the only one that holds anything. Date cells become ISO dates, with
    the time of day where it is not midnight: a sheet does not tell a bare date from midnight. Cells with a spreadsheet
    error, and numbers of more than 15 digits in a column of ids or codes, are faults of their row.

    Raises:
        InputError: no workbook, no sheet or several, no header, or a required column is missing.
    """
    try:
        workbook = fastexcel.read_excel(str(source.path))
        sheet, cells, errors = _texts(workbook, source)
    except fastexcel.FastExcelError:
        raise InputError("the file cannot be read as XLSX", allowed="an .xlsx workbook", where=source.name) from None
    table = TABLES[source.table_name]
    is_filled = pl.any_horizontal(pl.all().is_not_null()) | _is_in_rows([row for row, _column in errors])
    header_row = int(cells.select(is_filled.arg_max()).item())
    names = list(cells.row(header_row))
    while names and names[-1] is None and cells[f"f{len(names) - 1}"].is_null().all():
        names.pop()
    header = match_header(table, names, source.name)
    shown = cells.with_columns(
        (pl.int_range(1, pl.len() + 1)).alias("line"),
        is_filled.alias("is_filled"),
        _cell_faults(table, header, workbook, sheet, cells, errors).alias("cell_faults"),
        *_dates(table, header, workbook, sheet, cells),
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
    )


def _texts(workbook: fastexcel.ExcelReader, source: Source) -> tuple[str, pl.DataFrame, list[tuple[int, int]]]:
    """Name of the sheet that holds the table, its cells as text, and the positions of cells that hold an error."""
    sheets = [name for name in workbook.sheet_names if name.strip().lower() == source.table_name]
    read = [(name, *_cells_and_errors(workbook, name)) for name in sheets or workbook.sheet_names]
    filled = [(name, cells, errors) for name, cells, errors in read if errors or not _is_blank(cells)]
    if not filled:
        raise InputError("the file is empty", got="no filled cell", allowed="a header and rows", where=source.name)
    if len(filled) > 1:
        raise InputError(
            "the workbook holds several sheets",
            got=f"{len(filled)} sheets with content",
            allowed=f"one sheet, or one that is named {source.table_name}",
            where=source.name,
        )
    return filled[0]


def _cells_and_errors(workbook: fastexcel.ExcelReader, sheet: str) -> tuple[pl.DataFrame, list[tuple[int, int]]]:
    batch, errors = _load(workbook, sheet, "string").to_arrow_with_errors()
    cells = pl.DataFrame(pl.from_arrow(batch))
    cells.columns = [f"f{at}" for at in range(cells.width)]
    return cells, [error.offset_position for error in errors.errors] if errors else []


def _is_blank(cells: pl.DataFrame) -> bool:
    return all(column.is_null().all() for column in cells)


def _load(workbook: fastexcel.ExcelReader, sheet: str, dtype: str) -> fastexcel.ExcelSheet:
    return workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes=dtype)


def _cell_faults(
    table: Table,
    header: Header,
    workbook: fastexcel.ExcelReader,
    sheet: str,
    cells: pl.DataFrame,
    errors: list[tuple[int, int]],
) -> pl.Expr:
    found = [
        pl.when(_is_in_rows([row for row, column in errors if column == at])).then(pl.lit(f"error_cell:{name}"))
        for name, at in header.positions.items()
    ]
    ids = [name for name in header.positions if table.column(name).kind in (Kind.ID, Kind.CODE)]
    long = {name: _has_long_number(f"f{header.positions[name]}") for name in ids}
    if cells.select(pl.any_horizontal(list(long.values())).any()).item():
        # Read as truth values, a number is true or false and a text is nothing: so numbers are told from texts.
        numbers = _load(workbook, sheet, "boolean").to_polars()
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


def _dates(
    table: Table, header: Header, workbook: fastexcel.ExcelReader, sheet: str, cells: pl.DataFrame
) -> list[pl.Expr]:
    columns = [at for name, at in header.positions.items() if table.column(name).kind in (Kind.DATE, Kind.MOMENT)]
    midnight = {at: pl.col(f"f{at}").str.ends_with(" 00:00:00") for at in columns}
    if not columns or not cells.select(pl.any_horizontal(list(midnight.values())).any()).item():
        return []
    # Read as durations, a date cell has a value and a text has none: a midnight that was typed as text is kept.
    dates = _load(workbook, sheet, "duration").to_polars()
    return [
        pl.when(midnight[at] & dates.to_series(at).is_not_null())
        .then(pl.col(f"f{at}").str.head(10))
        .otherwise(pl.col(f"f{at}"))
        .alias(f"f{at}")
        for at in columns
    ]
