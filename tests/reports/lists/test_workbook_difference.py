"""A workbook held to one that is made again: what people fill in is no difference, everything else is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from reports.lists import first_difference, write_workbook

KEY = b"the key of a workspace in tests"


def cell_of(book: Workbook, sheet: str, name: str) -> str:
    """The cell of a column in the first row of a sheet."""
    return next(f"{cell.column_letter}2" for cell in book[sheet][1] if str(cell.value).split("\n")[-1] == name)


def fill(book: Workbook) -> None:
    for sheet, name in (("leads", "verdict"), ("findings", "note"), ("leads", "reviewed_as")):
        book[sheet][cell_of(book, sheet, name)].value = "substantiated"


def smaller_amount(book: Workbook) -> None:
    book["leads"][cell_of(book, "leads", "amount_at_issue")].value = 1


def other_link(book: Workbook) -> None:
    book["leads"][cell_of(book, "leads", "lead_id")].hyperlink = "https://example.org/"


def formula(book: Workbook) -> None:
    book["findings"][cell_of(book, "findings", "note")].value = "=1+1"


def fewer_rows(book: Workbook) -> None:
    book["leads"].delete_rows(3)


def other_sheet(book: Workbook) -> None:
    book.create_sheet("more")["A1"] = "rows"


def other_pack(book: Workbook) -> None:
    book["about"]["B4"].value = "another pack"


@pytest.fixture(scope="module")
def made(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workbook(Path(shutil.copytree(run, tmp_path_factory.mktemp("made") / "run")), KEY)


def test_equal_runs_give_equal_bytes(own_run: Path, made: Path) -> None:
    assert write_workbook(own_run, KEY).read_bytes() == made.read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (fill, None),
        (smaller_amount, "sheet leads, row 2"),
        (fewer_rows, "sheet leads, row 3"),
        (other_pack, "sheet about, row 4"),
        (other_sheet, "sheet more, row 1"),
        (formula, "a formula in xl/worksheets/sheet2.xml"),
        (other_link, "a link that was not written"),
    ],
)
def test_what_was_changed_is_named(
    change: Callable[[Workbook], None], said: str | None, made: Path, tmp_path: Path
) -> None:
    book = openpyxl.load_workbook(made)
    change(book)
    book.save(tmp_path / "leads.xlsx")
    assert first_difference(tmp_path / "leads.xlsx", made) == said


def test_without_the_key_all_but_the_signatures_is_compared(own_run: Path, made: Path, tmp_path: Path) -> None:
    other = write_workbook(own_run, b"another key")
    assert first_difference(other, made, ["signature"]) is None
    assert first_difference(other, made) == "sheet leads, row 2"
    (tmp_path / "leads.xlsx").write_text("no workbook", encoding="utf-8")
    assert first_difference(tmp_path / "leads.xlsx", made) == "it is no workbook"
