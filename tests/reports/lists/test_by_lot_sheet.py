"""Cases drawn by lot have a sheet of their own, whose every row says that they are under no suspicion."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from reports.lists import write_workbook
from schemas.unflagged import BY_LOT, UNFLAGGED_SCHEMA


def test_a_run_that_drew_cases_lists_them_in_the_order_of_the_lot(own_run: Path) -> None:
    moment = datetime(2025, 3, 1, 8)  # noqa: DTZ001
    row = {
        "run_id": "r", "subject_type": "patient_episode", "subject_id": "=P9|H1|2025", "patient_id": "=P9",
        "institution_id": "H1", "exam_count": 7, "encounter_count": 2, "net_amount": Decimal("310.50"),
        "net_fund_amount": Decimal("200.00"), "first_occurred_at": moment, "last_occurred_at": moment,
    }  # fmt: skip
    rows = [row | {"lot": lot, "lead_id": f"case{lot}"} for lot in (2, 1)]
    pq.write_table(pa.Table.from_pylist(rows, schema=UNFLAGGED_SCHEMA), own_run / "unflagged.parquet")
    sheet = openpyxl.load_workbook(write_workbook(own_run, b"a key"))["by_lot"]
    told = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert [line[:4] for line in told] == [[lot, f"case{lot}", BY_LOT, "'=P9|H1|2025"] for lot in (1, 2)]
    assert all("不构成任何怀疑" in line[-1] and "no suspicion" in line[-1] for line in told)


def test_a_run_that_drew_nobody_has_no_such_sheet(own_run: Path) -> None:
    assert "by_lot" not in openpyxl.load_workbook(write_workbook(own_run, b"a key")).sheetnames
