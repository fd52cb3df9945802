import csv
import hashlib
import json
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.lists import export_leads, write_workbook
from reports.lists.safe_text import STARTS_A_FORMULA, safe_text
from schemas.errors import UsageError


def _table(path: Path, sheet: str) -> tuple[list[str], list[tuple[object, ...]]]:
    page = openpyxl.load_workbook(path)[sheet]
    head, *rows = page.iter_rows(values_only=True)
    return [str(name).split("\n")[-1] for name in head], rows


@given(st.text())
def test_no_text_can_start_a_formula(text: str) -> None:
    assert not safe_text(text).startswith(STARTS_A_FORMULA)


@pytest.mark.parametrize("start", STARTS_A_FORMULA)
def test_each_formula_start_is_quoted(start: str) -> None:
    assert safe_text(f"{start}1+1").startswith("'")


def test_plain_text_is_left_alone() -> None:
    assert safe_text("胸部CT平扫") == "胸部CT平扫"


def test_workbook_has_typed_cells_and_quoted_text(rendered: Path) -> None:
    names, rows = _table(rendered / "leads.xlsx", "leads")
    first, last = (dict(zip(names, row, strict=True)) for row in (rows[0], rows[-1]))
    assert first["rank"] == 1
    assert first["amount_at_issue"] == pytest.approx(12480.5)
    assert first["last_occurred_at"] == datetime.fromisoformat("2025-04-13T09:00")
    assert last["amount_at_issue"] is None
    _, findings = _table(rendered / "leads.xlsx", "findings")
    texts = [cell for row in findings for cell in row if isinstance(cell, str)]
    assert "'=cmd() repeated within a day at the same hospital." in texts
    assert not [text for text in texts if text.startswith("=")]


def test_every_sheet_is_frozen_and_filtered_with_bilingual_headers(rendered: Path) -> None:
    book = openpyxl.load_workbook(rendered / "leads.xlsx")
    assert book.sheetnames == ["leads", "findings", "how to fill in", "codes", "detectors", "about", "lists"]
    assert [page.title for page in book if page.sheet_state == "hidden"] == ["lists"]
    for page in book:
        assert page.freeze_panes == ("C2" if page.title in ("leads", "findings") else "A2")
        assert page.auto_filter.ref
        assert all("\n" in str(cell.value) for cell in page[1])
        assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]


def test_exempt_findings_are_listed_and_marked(rendered: Path) -> None:
    names, rows = _table(rendered / "leads.xlsx", "findings")
    marked = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row["finding_id"] for row in marked if row["standing"] == "exempt"] == ["f000000000000003"]
    assert {row["standing"] for row in marked} == {"ranked", "exempt"}


def test_equal_runs_give_equal_workbooks(own_run: Path) -> None:
    digests = [hashlib.sha256(write_workbook(own_run, b"a key").read_bytes()).hexdigest() for _ in range(2)]
    assert digests[0] == digests[1]


def test_a_sheet_that_is_too_long_goes_on_in_the_next(own_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.lists.workbook.ROWS_OF_A_SHEET", 4)
    path = write_workbook(own_run, b"a key")
    names = openpyxl.load_workbook(path).sheetnames
    assert names[:5] == ["leads", "findings", "findings 2", "how to fill in", "how to fill in 2"]
    assert [len(_table(path, name)[1]) for name in ("findings", "findings 2")] == [4, 2]


def test_csv_is_read_by_spreadsheets_and_quotes_formulas(run: Path, tmp_path: Path) -> None:
    out = export_leads(run, "csv", tmp_path / "leads.csv", b"a key")
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")
    with out.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["rank"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["amount_at_issue"] == "12480.50"
    assert rows[0]["detector_ids"] == "readmission.cycle"
    assert not [cell for row in rows for cell in row.values() if cell.startswith(STARTS_A_FORMULA)]


def test_json_keeps_numbers_and_lists(run: Path, tmp_path: Path) -> None:
    records = json.loads(export_leads(run, "json", tmp_path / "leads.json", b"a key").read_text(encoding="utf-8"))
    assert records[0]["amount_at_issue"] == 12480.5
    assert records[0]["referral_authorities"] == ["insurance", "health"]
    assert records[3]["amount_at_issue"] is None


def test_xlsx_export_is_the_workbook(run: Path, tmp_path: Path) -> None:
    assert openpyxl.load_workbook(export_leads(run, "xlsx", tmp_path / "a.xlsx", b"a key")).sheetnames[0] == "leads"


def test_an_unknown_format_is_a_usage_error(run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="allowed: xlsx, csv, json, parquet, nhsa"):
        export_leads(run, "pdf", tmp_path / "a.pdf", b"a key")
