"""Cases drawn by lot have a sheet of their own, whose every row says that they are under no suspicion."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from reports.lists import write_workbook
from reports.review.importing import confirm, preview
from reports.review.leaving import verdict_rows
from reports.review.store import open_store
from schemas.unflagged import BY_LOT, UNFLAGGED_SCHEMA

KEY = b"the key of a workspace in tests"


@pytest.fixture
def with_drawn(own_run: Path) -> Path:
    moment = datetime(2025, 3, 1, 8)  # noqa: DTZ001
    row = {
        "run_id": "r", "subject_type": "patient_episode", "subject_id": "=P9|H1|2025", "patient_id": "=P9",
        "institution_id": "H1", "exam_count": 7, "encounter_count": 2, "net_amount": Decimal("310.50"),
        "net_fund_amount": Decimal("200.00"), "first_occurred_at": moment, "last_occurred_at": moment,
    }  # fmt: skip
    rows = [row | {"lot": lot, "lead_id": f"case{lot}"} for lot in (2, 1)]
    pq.write_table(pa.Table.from_pylist(rows, schema=UNFLAGGED_SCHEMA), own_run / "unflagged.parquet")
    return own_run


def _by_name(sheet: Worksheet) -> list[dict[str, Any]]:
    names = [str(cell.value).split("\n")[-1] for cell in sheet[1]]
    return [dict(zip(names, (cell.value for cell in line), strict=True)) for line in sheet.iter_rows(min_row=2)]


def test_a_run_that_drew_cases_lists_them_in_the_order_of_the_lot(with_drawn: Path) -> None:
    told = _by_name(openpyxl.load_workbook(write_workbook(with_drawn, KEY))["by_lot"])
    assert [(one["lot"], one["lead_id"], one["detector_id"], one["subject_id"]) for one in told] == [
        (lot, f"case{lot}", BY_LOT, "'=P9|H1|2025") for lot in (1, 2)
    ]
    assert all("不构成任何怀疑" in one["remark"] and "no suspicion" in one["remark"] for one in told)


def test_a_verdict_on_a_drawn_case_tells_the_ranking_what_was_missed(with_drawn: Path, tmp_path: Path) -> None:
    book = openpyxl.load_workbook(write_workbook(with_drawn, KEY))
    sheet = book["by_lot"]
    where = {str(cell.value).split("\n")[-1]: cell.column for cell in sheet[1]}
    sheet.cell(2, where["verdict"]).value = "合理"
    sheet.cell(2, where["reason_code"]).value = "medical_need_documented"
    sheet.cell(3, where["verdict"]).value = "属实"
    sheet.cell(3, where["reason_code"]).value = "no_indication_on_record"
    sheet.cell(3, where["exam_count"]).value = 70
    book.save(tmp_path / "filled.xlsx")
    store = open_store(tmp_path / "cases.sqlite")
    seen = preview(tmp_path / "filled.xlsx", with_drawn, store, KEY, "R1")
    assert [one.rejection and one.rejection.name for one in seen.rows] == [None, "ALTERED"]
    confirm(seen, store, datetime(2025, 7, 1, tzinfo=UTC))
    with store.reading() as connection:
        assert verdict_rows(connection).select("finding_id", "detector_id", "outcome").rows() == [
            ("case1", BY_LOT, "unsubstantiated")
        ]


def test_a_run_that_drew_nobody_has_no_such_sheet(own_run: Path) -> None:
    assert "by_lot" not in openpyxl.load_workbook(write_workbook(own_run, KEY)).sheetnames
