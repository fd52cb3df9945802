"""A verdict that names an exemption which no detector of the matter tests is taken, and its row is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from reports.lists import write_workbook
from reports.review.importing import Preview, confirm, preview
from reports.review.store import CaseStore, open_store
from reports.review.untested import Untested, untested

KEY = b"the key of a workspace in tests"
NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
CYCLE = ("new_acute_diagnosis", "planned_readmission", "transfer")
"""What readmission.cycle tests."""

Fill = Callable[..., Path]


def held(exemption: str) -> dict[str, object]:
    return {"verdict": "justified", "reason_code": "exemption_holds", "exemption_held": exemption}


@pytest.fixture
def case_store(tmp_path: Path) -> CaseStore:
    return open_store(tmp_path / "cases.sqlite")


@pytest.fixture
def seen(fill: Fill, own_run: Path, case_store: CaseStore) -> Callable[..., Preview]:
    return lambda *rows: preview(fill(*rows), own_run, case_store, KEY, "R1")


def row_of(run: Path, sheet: str, text: str) -> int:
    """The first row of a sheet of the run's workbook in which a cell holds the text."""
    rows = openpyxl.load_workbook(write_workbook(run, KEY))[sheet].iter_rows(values_only=True)
    return next(number for number, row in enumerate(rows, start=1) if text in row)


def test_an_exemption_that_the_lead_s_detector_tests_is_not_remarked(
    seen: Callable[..., Preview], own_run: Path
) -> None:
    row = row_of(own_run, "leads", "7f3a9c01")
    assert untested(seen(("leads", row, held("transfer")))) == ()


def test_another_s_exemption_is_taken_and_told_with_what_is_tested(
    seen: Callable[..., Preview], own_run: Path, case_store: CaseStore
) -> None:
    row = row_of(own_run, "leads", "7f3a9c01")
    sheet = seen(("leads", row, held("急诊 emergency")))
    assert untested(sheet) == (Untested("leads", row, CYCLE),)
    assert confirm(sheet, case_store, NOW).counts["new"] == 1


def test_a_finding_is_held_against_its_own_detector(seen: Callable[..., Preview], own_run: Path) -> None:
    row = row_of(own_run, "findings", "f000000000000004")
    assert untested(seen(("findings", row, held("emergency")))) == (Untested("findings", row, CYCLE),)
    assert untested(seen(("findings", row, held("transfer")))) == ()


def test_a_lead_whose_detector_tests_none_takes_an_expert_s_exemption(
    seen: Callable[..., Preview], own_run: Path
) -> None:
    row = row_of(own_run, "leads", "a1c2d3e4")
    assert untested(seen(("leads", row, held("emergency")))) == (Untested("leads", row, ()),)


def test_a_row_that_is_rejected_is_not_remarked_too(seen: Callable[..., Preview], own_run: Path) -> None:
    row = row_of(own_run, "leads", "7f3a9c01")
    sheet = seen(("leads", row, held("moonshine")))
    assert (untested(sheet), sheet.counts["rejected"]) == ((), 1)
