"""A warehouse in memory with one good row of the tables that the gate's tests change."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import duckdb
import pytest

from detectors.engines.duckdb import create_tables, open_warehouse

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
        _insert(connection, table_name, row)
    yield connection
    connection.close()


def _insert(connection: duckdb.DuckDBPyConnection, table_name: str, row: Mapping[str, object]) -> None:
    marks = ", ".join("?" for _ in row)
    connection.execute(f"insert into main.{table_name} ({', '.join(row)}) values ({marks})", list(row.values()))


@pytest.fixture
def good() -> dict[str, dict[str, object]]:
    """One good row of each of some tables."""
    return GOOD


@pytest.fixture
def insert() -> Callable[[duckdb.DuckDBPyConnection, str, Mapping[str, object]], None]:
    """Puts a row into a table of the warehouse."""
    return _insert
