"""The gate over a real warehouse: good data passes, each seeded fault is counted, and no row value gets out."""

from __future__ import annotations

import dataclasses
import logging
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pytest

from detectors.engines.duckdb import create_tables, open_warehouse
from pipelines.quality import gate
from pipelines.quality.checks import Check, checks_of
from schemas.errors import GateError
from schemas.quality import FileAccount, QualityCheck, QualityReport
from schemas.table import Severity
from schemas.tables import TABLES

SECRET = "do-not-show-me"

GOOD: dict[str, dict[str, object]] = {
    "patient": {"patient_id": "p1", "sex": "F", "birth_date": "1960-01-01"},
    "institution": {"institution_id": "h1", "institution_name": "Hospital 1", "level": "tertiary", "approved_beds": 10},
    "practitioner": {"practitioner_id": "d1", "institution_id": "h1"},
    "device": {"device_id": "v1", "institution_id": "h1", "device_type": "CT", "ct_slices": 64},
    "encounter": {
        "encounter_id": "e1",
        "patient_id": "p1",
        "institution_id": "h1",
        "encounter_type": "inpatient",
        "started_at": "2024-01-01 08:00:00",
        "ended_at": "2024-01-03 08:00:00",
    },
    "exam_order": {
        "order_id": "o1",
        "encounter_id": "e1",
        "patient_id": "p1",
        "institution_id": "h1",
        "item_code": "ct",
        "ordered_at": "2024-01-01 09:00:00",
        "performed_at": "2024-01-01 10:00:00",
        "ordering_practitioner_id": "d1",
        "device_id": "v1",
    },
    "claim_line": {
        "claim_line_id": "l1",
        "claim_id": "c1",
        "encounter_id": "e1",
        "patient_id": "p1",
        "institution_id": "h1",
        "item_code": "ct",
        "order_id": "o1",
        "charged_at": "2024-01-01 10:00:00",
        "quantity": 1,
        "unit_price": 200,
        "amount": 200,
        "fund_amount": 150,
    },
}
"""One good row of each of some tables; a fault is a good row with one thing changed."""


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = open_warehouse(None)
    create_tables(connection)
    for table_name, row in GOOD.items():
        connection.execute("insert into ledger.file (table_name) values (?)", [table_name])
        insert(connection, table_name, row)
    yield connection
    connection.close()


def insert(connection: duckdb.DuckDBPyConnection, table_name: str, row: Mapping[str, object]) -> None:
    marks = ", ".join("?" for _ in row)
    connection.execute(f"insert into main.{table_name} ({', '.join(row)}) values ({marks})", list(row.values()))


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


def test_good_data_passes_every_check(warehouse: duckdb.DuckDBPyConnection) -> None:
    report = gate.check_warehouse(warehouse, [account("patient", 1, 0)])
    assert failed(report) == {}
    assert report.row_counts == dict.fromkeys(GOOD, 1)
    gate.require_passable(report)


def test_every_declared_constraint_of_all_17_tables_can_be_evaluated(warehouse: duckdb.DuckDBPyConnection) -> None:
    for table_name in TABLES.keys() - GOOD.keys():
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
    warehouse: duckdb.DuckDBPyConnection,
    table_name: str,
    change: dict[str, object],
    expected: dict[str, tuple[int, int]],
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    insert(warehouse, table_name, GOOD[table_name] | change)
    with caplog.at_level(logging.DEBUG):
        report = gate.check_warehouse(warehouse, [])
    assert failed(report) == expected
    output = capfd.readouterr()
    for place in (report.model_dump_json(), caplog.text, output.out, output.err):
        assert SECRET not in place


def test_a_reference_into_a_table_that_was_not_loaded_is_not_checked(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("delete from ledger.file where table_name = 'device'")
    insert(warehouse, "exam_order", GOOD["exam_order"] | {"order_id": "o2", "device_id": "v9"})
    report = gate.check_warehouse(warehouse, [])
    assert "device" not in report.row_counts
    assert failed(report) == {}


def test_more_violations_than_any_buffer_are_counted_one_by_one(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into main.patient (patient_id, sex) select 'p1', 'X' from range(12345)")
    report = gate.check_warehouse(warehouse, [])
    assert failed(report)["patient.key_is_unique"] == (12345, 12346)
    assert failed(report)["patient.sex_is_a_known_choice"] == (12345, 12346)


def test_a_tolerated_share_of_violations_is_shown_and_passes(warehouse: duckdb.DuckDBPyConnection) -> None:
    for number in range(2, 11):
        late = {"ended_at": "2023-12-01"} if number == 2 else {}
        insert(warehouse, "encounter", GOOD["encounter"] | {"encounter_id": f"e{number}"} | late)
    check = check_named(gate.check_warehouse(warehouse, []), "encounter", "ended_not_before_started")
    assert (check.passed, check.violated, check.examined) == (True, 1, 10)


@pytest.mark.parametrize("table_name", ["patient", "institution", "encounter"])
def test_an_empty_table_that_is_needed_to_start_blocks(warehouse: duckdb.DuckDBPyConnection, table_name: str) -> None:
    warehouse.execute(f"delete from main.{table_name}")
    warehouse.execute(f"delete from ledger.file where table_name = '{table_name}'")
    report = gate.check_warehouse(warehouse, [])
    assert [f"{c.table_name}.{c.name}" for c in report.blocking] == [f"{table_name}.has_rows"]
    with pytest.raises(GateError, match=rf"{table_name}\.has_rows \(1 of 0\)") as raised:
        gate.require_passable(report)
    assert raised.value.exit_code == 3


def test_another_empty_table_is_reported_and_nothing_else_about_it_fails(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("delete from main.device")
    report = gate.check_warehouse(warehouse, [])
    assert check_named(report, "device", "has_rows").severity is Severity.REPORTED
    assert "device.device_type_is_present" not in failed(report)
    gate.require_passable(report)


def test_a_table_that_lost_most_of_its_rows_is_switched_off(warehouse: duckdb.DuckDBPyConnection) -> None:
    files = [account("exam_order", 10, 9), account("exam_order", 90, 43), account("claim_line", 100, 50)]
    report = gate.check_warehouse(warehouse, files)
    assert report.disabled_tables == {"exam_order": "most_rows_accepted"}
    assert check_named(report, "exam_order", "most_rows_accepted").violated == 52
    assert not check_named(report, "claim_line", "no_row_quarantined").passed
    gate.require_passable(report)


def test_a_twin_of_the_table_in_another_schema_is_not_judged(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("insert into superseded.patient (patient_id, sex) values (null, 'X'), (null, 'X')")
    report = gate.check_warehouse(warehouse, [])
    assert failed(report) == {}
    assert report.row_counts["patient"] == 1


def test_judging_many_rows_fetches_none_of_them(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.quality import suites

    # Fewer than the rows of each table, more than the columns that a look at the catalogue gives.
    monkeypatch.setattr(suites, "_MOST_ROWS", 200)
    for table_name in ("patient", "institution", "encounter"):
        key = TABLES[table_name].key[0]
        warehouse.execute(
            f"insert into main.{table_name} select t.* replace ('n' || i as {key}) "
            f"from main.{table_name} as t, range(500) as r(i)"
        )
    assert failed(gate.check_warehouse(warehouse, [])) == {}


def test_a_statement_that_fetches_rows_where_counts_are_due_is_a_gate_failure(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_CANARY_ROWS", f"select '{SECRET}' as choice, 1 as id from range(5000)")
    with pytest.raises(GateError, match="could not evaluate") as raised:
        gate.canary(warehouse)
    assert SECRET not in str(raised.value)


def test_nothing_is_logged_written_or_sent(
    warehouse: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("the gate opened a connection")

    from pipelines.quality import suites

    assert suites is not None
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.DEBUG):
        gate.check_warehouse(warehouse, [])
    assert caplog.records == []
    assert list(tmp_path.iterdir()) == []


def test_importing_the_gate_does_not_import_great_expectations() -> None:
    program = "import sys, pipelines.quality.gate; sys.exit('great_expectations' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_canary_lives_and_nothing_is_written(warehouse: duckdb.DuckDBPyConnection) -> None:
    before = warehouse.execute("select count(*) from duckdb_tables()").fetchone()
    gate.canary(warehouse)
    assert warehouse.execute("select count(*) from duckdb_tables()").fetchone() == before


def test_a_gate_that_cannot_fail_is_an_error(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_CANARY_ROWS", "select 1 as id, 'a' as choice")
    with pytest.raises(GateError, match="missed faults that were seeded") as raised:
        gate.check_warehouse(warehouse, [])
    assert raised.value.exit_code == 3


@pytest.mark.parametrize(
    "broken_predicate",
    ["t.no_such_column = 1", "cast(t.patient_id as integer) = 1", "this is no sql", "error(t.patient_id)"],
)
def test_an_exception_inside_an_expectation_is_a_gate_failure_and_never_a_false_check(
    warehouse: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken_predicate: str,
) -> None:
    insert(warehouse, "patient", GOOD["patient"] | {"patient_id": SECRET})

    def with_broken_check(table: object, loaded: object) -> tuple[Check, ...]:
        checks = checks_of(TABLES["patient"], ())
        query = f"select 1 as broken from t where {broken_predicate}"
        return (*checks, dataclasses.replace(checks[1], name="broken_check", query=query))

    monkeypatch.setattr(gate, "checks_of", with_broken_check)
    with caplog.at_level(logging.DEBUG), pytest.raises(GateError, match=r"patient\.broken_check") as raised:
        gate.check_warehouse(warehouse, [])
    assert SECRET not in str(raised.value)
    assert SECRET not in caplog.text


def test_a_warehouse_without_a_ledger_is_a_gate_failure(warehouse: duckdb.DuckDBPyConnection) -> None:
    warehouse.execute("drop table ledger.file")
    with pytest.raises(GateError, match="could not evaluate"):
        gate.check_warehouse(warehouse, [])


def test_an_exception_outside_any_expectation_is_a_gate_failure(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_CANARY_ROWS", "select * from no_such_relation")
    with pytest.raises(GateError, match="could not evaluate"):
        gate.check_warehouse(warehouse, [])
