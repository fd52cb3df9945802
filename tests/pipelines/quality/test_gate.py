"""The gate over a real warehouse: good data passes, each seeded fault is counted, and no row value gets out."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

import duckdb
import pytest

from pipelines.quality import gate
from schemas.errors import GateError
from schemas.quality import FileAccount, QualityCheck, QualityReport
from schemas.table import Severity
from schemas.tables import TABLES

SECRET = "do-not-show-me"
Warehouse = duckdb.DuckDBPyConnection
Rows = Mapping[str, Mapping[str, object]]
Insert = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, object]], None]


def account(table_name: str, rows_in: int, quarantined: int) -> FileAccount:
    return FileAccount(
        source_file=f"{table_name}.csv",
        table_name=table_name,
        content_sha256="0" * 64,
        rows_in=rows_in,
        accepted=rows_in - quarantined,
        quarantined=quarantined,
        duplicate=0,
        superseded=0,
        quarantine_reasons={"bad date": quarantined} if quarantined else {},
    )


def failed(report: QualityReport) -> dict[str, tuple[int, int]]:
    return {f"{c.table_name}.{c.name}": (c.violated, c.examined) for c in report.checks if not c.passed}


def check_named(report: QualityReport, table_name: str, name: str) -> QualityCheck:
    return next(c for c in report.checks if (c.table_name, c.name) == (table_name, name))


def test_good_data_passes_every_check(good: Rows, warehouse: Warehouse) -> None:
    report = gate.check_warehouse(warehouse, [account("patient", 1, 0)])
    assert failed(report) == {}
    assert report.row_counts == dict.fromkeys(good, 1)
    gate.require_passable(report)


def test_every_declared_constraint_of_all_17_tables_can_be_evaluated(good: Rows, warehouse: Warehouse) -> None:
    for table_name in TABLES.keys() - good.keys():
        warehouse.execute("insert into ledger.file (table_name) values (?)", [table_name])
    report = gate.check_warehouse(warehouse, [])
    checked = {(check.table_name, check.name) for check in report.checks}
    assert list(report.row_counts) == list(TABLES)
    assert len(checked) == len(report.checks)
    for table in TABLES.values():
        assert {(table.name, constraint.name) for constraint in table.constraints} <= checked
        assert {(table.name, f"{name}_is_present") for name in table.required_columns} <= checked
        assert {(table.name, f"{c.name}_is_a_known_choice") for c in table.columns if c.choices} <= checked


FAULTS: dict[str, tuple[str, dict[str, object], dict[str, tuple[int, int]]]] = {
    "a row without a required value": (
        "exam_order",
        {"order_id": "o2", "item_code": None},
        {"exam_order.item_code_is_present": (1, 2)},
    ),
    "two rows of one key": ("patient", {}, {"patient.key_is_unique": (1, 2)}),
    "a value off the list of a required column": (
        "encounter",
        {"encounter_id": "e2", "encounter_type": SECRET},
        {"encounter.encounter_type_is_a_known_choice": (1, 2)},
    ),
    "a value off the list of an optional column": (
        "patient",
        {"patient_id": "p2", "sex": SECRET},
        {"patient.sex_is_a_known_choice": (1, 2)},
    ),
    "a number below its minimum": (
        "device",
        {"device_id": "v2", "ct_slices": 0},
        {"device.ct_slices_is_not_below_1": (1, 2)},
    ),
    "a declared constraint": (
        "claim_line",
        {"claim_line_id": "l2", "fund_amount": 900},
        {"claim_line.fund_within_amount": (1, 2)},
    ),
    "a declared constraint beyond its tolerated share": (
        "encounter",
        {"encounter_id": "e2", "ended_at": "2023-01-01"},
        {"encounter.ended_not_before_started": (1, 2)},
    ),
    "a declared dangling reference": (
        "encounter",
        {"encounter_id": "e2", "patient_id": SECRET},
        {"encounter.patient_is_known": (1, 2)},
    ),
    "a derived dangling reference": (
        "exam_order",
        {"order_id": "o2", "device_id": SECRET},
        {"exam_order.device_id_is_known": (1, 2)},
    ),
}


@pytest.mark.parametrize(("table_name", "change", "expected"), FAULTS.values(), ids=FAULTS.keys())
def test_a_seeded_fault_fails_its_own_check_with_exact_counts_and_no_other(
    good: Rows,
    insert: Insert,
    warehouse: Warehouse,
    table_name: str,
    change: dict[str, object],
    expected: dict[str, tuple[int, int]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    insert(warehouse, table_name, good[table_name] | change)
    with caplog.at_level(logging.DEBUG):
        report = gate.check_warehouse(warehouse, [])
    assert failed(report) == expected
    output = capfd.readouterr()
    for place in (report.model_dump_json(), caplog.text, output.out, output.err):
        assert SECRET not in place


def test_a_reference_into_a_table_that_was_not_loaded_is_not_checked(
    good: Rows, insert: Insert, warehouse: Warehouse
) -> None:
    warehouse.execute("delete from ledger.file where table_name = 'device'")
    insert(warehouse, "exam_order", good["exam_order"] | {"order_id": "o2", "device_id": "v9"})
    report = gate.check_warehouse(warehouse, [])
    assert "device" not in report.row_counts
    assert failed(report) == {}


def test_more_violations_than_any_buffer_are_counted_one_by_one(warehouse: Warehouse) -> None:
    warehouse.execute("insert into main.patient (patient_id, sex) select 'p1', 'X' from range(12345)")
    report = gate.check_warehouse(warehouse, [])
    assert failed(report)["patient.key_is_unique"] == (12345, 12346)
    assert failed(report)["patient.sex_is_a_known_choice"] == (12345, 12346)


def test_a_tolerated_share_of_violations_is_shown_and_passes(good: Rows, insert: Insert, warehouse: Warehouse) -> None:
    for number in range(2, 11):
        late = {"ended_at": "2023-12-01"} if number == 2 else {}
        insert(warehouse, "encounter", good["encounter"] | {"encounter_id": f"e{number}"} | late)
    check = check_named(gate.check_warehouse(warehouse, []), "encounter", "ended_not_before_started")
    assert (check.passed, check.violated, check.examined) == (True, 1, 10)


@pytest.mark.parametrize("table_name", ["patient", "institution", "encounter"])
def test_an_empty_table_that_is_needed_to_start_blocks(warehouse: Warehouse, table_name: str) -> None:
    warehouse.execute(f"delete from main.{table_name}")
    warehouse.execute(f"delete from ledger.file where table_name = '{table_name}'")
    report = gate.check_warehouse(warehouse, [])
    assert [f"{c.table_name}.{c.name}" for c in report.blocking] == [f"{table_name}.has_rows"]
    with pytest.raises(GateError, match=rf"{table_name}\.has_rows \(1 of 0\)") as raised:
        gate.require_passable(report)
    assert raised.value.exit_code == 3


def test_another_empty_table_is_reported_and_nothing_else_about_it_fails(warehouse: Warehouse) -> None:
    warehouse.execute("delete from main.device")
    report = gate.check_warehouse(warehouse, [])
    assert check_named(report, "device", "has_rows").severity is Severity.REPORTED
    assert "device.device_type_is_present" not in failed(report)
    gate.require_passable(report)


def test_a_table_that_lost_most_of_its_rows_is_switched_off(warehouse: Warehouse) -> None:
    files = [account("exam_order", 10, 9), account("exam_order", 90, 43), account("claim_line", 100, 50)]
    report = gate.check_warehouse(warehouse, files)
    assert report.disabled_tables == {"exam_order": "most_rows_accepted"}
    assert check_named(report, "exam_order", "most_rows_accepted").violated == 52
    assert not check_named(report, "claim_line", "no_row_quarantined").passed
    gate.require_passable(report)


def test_a_twin_of_the_table_in_another_schema_is_not_judged(warehouse: Warehouse) -> None:
    warehouse.execute("insert into superseded.patient (patient_id, sex) values (null, 'X'), (null, 'X')")
    report = gate.check_warehouse(warehouse, [])
    assert failed(report) == {}
    assert report.row_counts["patient"] == 1
