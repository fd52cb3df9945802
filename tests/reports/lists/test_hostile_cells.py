"""Whatever stands in a text, a workbook holds it as text, and its signature is found again after a round trip."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import fastexcel
import openpyxl
import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from reports.lists.safe_text import safe_text
from reports.lists.sheet import Column, Kind, Sheet, Value
from reports.lists.sheet_writer import SheetWriter
from reports.lists.signature import canonical
from reports.lists.workbook import OPTIONS

HOSTILE = (
    "=1+1", "+cmd|' /C calc'!A0", "-1", "@SUM(A1)", "\t=1", " =1", "\r\n=1", "\0=1", "＝1", "'=1", "''quoted",
    "<script>alert(1)</script>", "a & b \" c", "_x000D_", "_x005F_x0041_", "_x0000_", "line\nline\r\nline",
    "  blanks  ",
    "\u202e\u0645\u0631\u062d\u0628\u0627", "𠮷野家 😀", "\ufeffbom", "\x1b[31m", "x" * 10_000, "长" * 40_000,
)  # fmt: skip
KINDS = (Kind.TEXT, Kind.COUNT, Kind.MONEY, Kind.MOMENT)
NUMBERS = (0, -1, 123456789012)
MONEY = tuple(map(Decimal, ("0.00", "-0.01", "12480.50", "9999999999.99", "0.005")))
MOMENTS = tuple(
    map(datetime.fromisoformat, ("1850-06-01T08:00", "1900-02-28", "1999-12-31T23:59:59.999999", "2025-03-06T17:20:01"))
)


def rows() -> Iterator[tuple[Kind, Value]]:
    yield from ((Kind.TEXT, text) for text in HOSTILE)
    yield from ((Kind.COUNT, number) for number in NUMBERS)
    yield from ((Kind.MONEY, amount) for amount in MONEY)
    yield from ((Kind.MOMENT, moment) for moment in MOMENTS)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile") / "hostile.xlsx"
    columns = [Column(kind.value, kind.value, kind) for kind in KINDS]
    told = [[value if kind is one else None for kind in KINDS] for one, value in rows()]
    with xlsxwriter.Workbook(path, OPTIONS) as made:
        SheetWriter(made, "run", ".", {}).write(Sheet("leads", columns, len(told), iter(told)))
    return path


@pytest.fixture(scope="module")
def saved_again(book: Path) -> Path:
    path = book.with_name("again.xlsx")
    openpyxl.load_workbook(book).save(path)
    return path


@pytest.mark.parametrize("which", ["book", "saved_again"])
def test_every_cell_is_signed_as_it_is_read_back(which: str, request: pytest.FixtureRequest) -> None:
    sheet = fastexcel.read_excel(request.getfixturevalue(which)).load_sheet("leads", header_row=0, dtypes="string")
    columns = [column.to_pylist() for column in sheet.to_arrow().columns]
    for number, (kind, value) in enumerate(rows()):
        read = (columns[KINDS.index(kind)][number] or "").strip()
        assert canonical(kind, read) == canonical(kind, value), (number, kind)


def test_no_cell_is_a_formula(book: Path) -> None:
    cells = [cell for row in openpyxl.load_workbook(book)["leads"].iter_rows() for cell in row]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"]
    assert not [cell for cell in cells if isinstance(cell.value, str) and cell.value.startswith(tuple("=+-@"))]


@given(st.text())
def test_what_is_written_is_signed_as_what_was_meant(text: str) -> None:
    assert canonical(Kind.TEXT, safe_text(text).strip()) == canonical(Kind.TEXT, text)
