"""Writes one sheet: typed cells, frozen header, filter, links, drop-downs, protection and the set-up of its print."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from xlsxwriter.url import Url

from reports.lists.safe_text import safe_text
from reports.lists.sheet import Column, Kind, Sheet, Use, Value
from reports.lists.signature import CELL_TEXT

NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.MONEY: "#,##0.00",
    Kind.SHARE: "0.0%",
    Kind.NUMBER: "0.00",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}

LINKS_OF_A_SHEET = 60_000
"""Links that are written into one sheet; the format holds 65,530."""

FIRST_YEAR = 1901
"""The format counts days from 1900 on, and takes that year for a leap year: older moments are written as text."""

LINKED = "evidence_path"
"""The column that says where a row's page is; the cell of the lead's number leads there."""

TWO_LINES = 32
HEADER_LINES = 42
A4 = 9

_ALLOWED = {
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "select_locked_cells": True,
    "select_unlocked_cells": True,
}
"""What a protected sheet lets people do beside filling in; there is no password: signatures guard, locks remind."""


class SheetWriter:
    """Writes sheets into one workbook with its formats."""

    def __init__(self, book: Any, run_id: str, way: str, ranges: dict[str, str]) -> None:  # noqa: ANN401  # untyped library
        """Makes the formats.

        Args:
            book: the open workbook.
            run_id: the run, for the footer.
            way: path from the workbook's folder to the run's, ``.`` where they are one.
            ranges: range of the hidden sheet that each input column chooses from.
        """
        self._book, self._run_id, self._way, self._ranges = book, run_id, way, ranges
        common = {"valign": "top", "font_size": 10, "bottom": 4, "bottom_color": "#B0B0B0"}
        wrapped = {"text_wrap": True}
        self._formats = {
            kind: book.add_format({"num_format": text, **common, **(wrapped if kind is Kind.TEXT else {})})
            for kind, text in NUMBER_FORMATS.items()
        }
        self._link = book.add_format({**common, **wrapped, "num_format": "@", "font_color": "#0050A0", "underline": 1})
        self._input = book.add_format(
            {**common, **wrapped, "num_format": "@", "locked": False, "bg_color": "#FFF8DC", "border": 1,
             "border_color": "#C8B878"}
        )  # fmt: skip
        head = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "font_size": 10}
        self._head = book.add_format({**head, "bg_color": "#E8F2F8"})
        self._input_head = book.add_format({**head, "bg_color": "#F5E6A8"})

    def write(self, sheet: Sheet) -> None:
        """One sheet, row by row."""
        page = self._book.add_worksheet(sheet.name)
        self._lay_out(page, sheet)
        for place, column in enumerate(sheet.columns):
            self._write_head(page, place, column)
        linked_at = next((at for at, one in enumerate(sheet.columns) if one.name == LINKED), None)
        for number, row in enumerate(sheet.rows, start=1):
            path = row[linked_at] if linked_at is not None and number <= LINKS_OF_A_SHEET else None
            if sheet.is_tall:
                page.set_row(number, TWO_LINES)
            for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True)):
                if column.use is Use.INPUT:
                    page.write_blank(number, place, None, self._input)
                elif column.use is Use.LINK and path:
                    page.write_url(number, place, self._target(str(path), str(value)), self._link)
                else:
                    _write_cell(page, number, place, column, value, self._formats[column.kind])
        if sheet.is_filled_in:
            self._offer_choices(page, sheet)

    def _target(self, path: str, shown: str) -> Any:  # noqa: ANN401  # untyped library
        """A page of the run, or a place on one behind ``#``, as a relative address from where the workbook stands.

        The library would write backslashes, which only Windows reads.
        """
        page, _, place = path.partition("#")
        address = quote(page if self._way == "." else f"{self._way}/{page}", safe="/")
        link = Url(f"external:{address}")
        link._link = link._relationship_link = address
        link._anchor = place
        link.text = shown
        return link

    def _lay_out(self, page: Any, sheet: Sheet) -> None:  # noqa: ANN401  # untyped library
        """Panes, filter, protection, and A4 on its side with the header on every page."""
        last = max(sheet.height, 1)
        page.freeze_panes(1, sheet.frozen)
        page.autofilter(0, 0, last, len(sheet.columns) - 1)
        page.set_row(0, HEADER_LINES)
        page.set_landscape()
        page.set_paper(A4)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.print_area(0, 0, last, (sheet.printed or len(sheet.columns)) - 1)
        page.set_footer(f"&L&8exam-audit {self._run_id}  &A&R&8&P / &N")
        if sheet.is_filled_in or sheet.is_hidden:
            page.protect("", _ALLOWED)
        if sheet.is_hidden:
            page.hide()

    def _write_head(self, page: Any, place: int, column: Column) -> None:  # noqa: ANN401  # untyped library
        is_input = column.use is Use.INPUT
        body = self._input if is_input else self._formats[column.kind]
        page.set_column(place, place, column.width, body, {"hidden": column.use is Use.HIDDEN})
        page.write_string(0, place, column.header, self._input_head if is_input else self._head)

    def _offer_choices(self, page: Any, sheet: Sheet) -> None:  # noqa: ANN401  # untyped library
        """A drop-down over every input column that has a list."""
        for place, column in enumerate(sheet.columns):
            if column.use is Use.INPUT and column.name in self._ranges:
                page.data_validation(
                    1, place, max(sheet.height, 1), place,
                    {
                        "validate": "list",
                        "source": self._ranges[column.name],
                        "error_title": f"{column.title_zh} {column.name}",
                        "error_message": "请从列表选择。Please choose from the list.",
                    },
                )  # fmt: skip


def _write_cell(page: Any, row: int, place: int, column: Column, value: Value, format_: Any) -> None:  # noqa: ANN401
    """One typed cell; None is left empty."""
    if value is None or value == "":
        return
    if isinstance(value, datetime) and value.year < FIRST_YEAR:
        page.write_string(row, place, value.isoformat(sep=" "), format_)
    elif isinstance(value, datetime):
        page.write_datetime(row, place, value, format_)
    elif column.kind is Kind.TEXT or isinstance(value, str):
        page.write_string(row, place, safe_text(str(value))[:CELL_TEXT], format_)
    else:
        page.write_number(row, place, float(value) if isinstance(value, Decimal) else value, format_)
