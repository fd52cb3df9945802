"""leads.xlsx: leads, findings, detectors and what they rest on, with typed cells and nothing a spreadsheet runs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import xlsxwriter

from reports.lists.rows import about_rows, detector_rows, finding_rows, lead_rows
from reports.lists.safe_text import safe_text
from reports.lists.sheet import (
    ABOUT_COLUMNS,
    DETECTOR_COLUMNS,
    FINDING_COLUMNS,
    LEAD_COLUMNS,
    Column,
    Kind,
    Sheet,
    Value,
)
from reports.run_folder import Run, read_run

ROWS_OF_A_SHEET = 1_048_575
"""Rows below the header that the format can hold."""

CELL_TEXT = 32_767
"""Characters of a cell that the format can hold."""

NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.MONEY: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.NUMBER: "0.00",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a fixed stamp, so that equal runs give equal workbooks


def write_workbook(run: Path) -> Path:
    """Writes leads.xlsx into a run folder and returns its path.

    Raises:
        UsageError: the folder lacks a file of a run.
    """
    return write_sheets(read_run(run), run / "leads.xlsx")


def write_sheets(run: Run, target: Path) -> Path:
    """Writes the workbook of a run that was read to any path; rows beyond a sheet's limit go to a next sheet."""
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"title": f"exam-audit {run.manifest.run_id}", "created": EPOCH})
        formats = {
            kind: book.add_format({"num_format": text, "valign": "top"}) for kind, text in NUMBER_FORMATS.items()
        }
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E8F2F8"})
        for sheet in _sheets(run):
            _write_sheet(book, sheet, formats, head)
    return target


def _sheets(run: Run) -> Iterator[Sheet]:
    """The sheets in order; one that is too long goes on in ``name 2``, ``name 3`` and so on."""
    detectors, about = detector_rows(run), about_rows(run)
    for whole in (
        Sheet("leads", LEAD_COLUMNS, run.leads.height, lead_rows(run)),
        Sheet("findings", FINDING_COLUMNS, run.findings.height, finding_rows(run)),
        Sheet("detectors", DETECTOR_COLUMNS, len(detectors), iter(detectors)),
        Sheet("about", ABOUT_COLUMNS, len(about), iter(about)),
    ):
        for number, start in enumerate(range(0, max(whole.height, 1), ROWS_OF_A_SHEET), start=1):
            name = whole.name if number == 1 else f"{whole.name} {number}"
            height = min(whole.height - start, ROWS_OF_A_SHEET)
            yield Sheet(name, whole.columns, height, islice(whole.rows, height))


def _write_sheet(book: Any, sheet: Sheet, formats: dict[Kind, Any], head: Any) -> None:  # noqa: ANN401  # untyped library
    """One sheet with frozen header and filter, written row by row."""
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(sheet.height, 1), len(sheet.columns) - 1)
    page.set_row(0, 32)
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width, formats[column.kind])
        page.write_string(0, place, column.header, head)
    for number, row in enumerate(sheet.rows, start=1):
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
            _write_cell(page, number, place, column, value, formats[column.kind])


def _write_cell(page: Any, row: int, place: int, column: Column, value: Value, format_: Any) -> None:  # noqa: ANN401
    """One typed cell; None is left empty."""
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        page.write_datetime(row, place, value, format_)
    elif column.kind is Kind.TEXT or isinstance(value, str):
        page.write_string(row, place, safe_text(str(value))[:CELL_TEXT], format_)
    else:
        page.write_number(row, place, float(value) if isinstance(value, Decimal) else value, format_)
