"""A gate that cannot judge is a failure, never a pass; it fetches, logs, writes and sends nothing."""

from __future__ import annotations

import dataclasses
import logging
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

from pipelines.quality import gate
from pipelines.quality.checks import Check, checks_of
from schemas.errors import GateError
from schemas.tables import TABLES

SECRET = "do-not-show-me"
Insert = Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, object]], None]


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
    assert all(check.passed for check in gate.check_warehouse(warehouse, []).checks)


def test_a_statement_that_fetches_rows_where_counts_are_due_is_a_gate_failure(
    warehouse: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_CANARY_ROWS", f"select '{SECRET}' as choice, 1 as id from range(5000)")
    with pytest.raises(GateError, match="could not evaluate") as raised:
        gate.check_warehouse(warehouse, [])
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


def test_judging_writes_nothing_into_the_warehouse(warehouse: duckdb.DuckDBPyConnection) -> None:
    before = warehouse.execute("select count(*) from duckdb_tables()").fetchone()
    gate.check_warehouse(warehouse, [])
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
    good: dict[str, dict[str, object]],
    insert: Insert,
    warehouse: duckdb.DuckDBPyConnection,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    broken_predicate: str,
) -> None:
    insert(warehouse, "patient", good["patient"] | {"patient_id": SECRET})

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
