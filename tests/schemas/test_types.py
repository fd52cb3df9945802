"""One declaration, three engines: DuckDB, Arrow and Polars must read the same table out of it."""

from __future__ import annotations

import polars as pl
import pytest

from detectors.engines.duckdb import open_warehouse
from schemas.table import DUCKDB_TYPE, Table
from schemas.tables import TABLES
from schemas.types import ARROW_TYPE, POLARS_TYPE, arrow_schema, duckdb_ddl, polars_schema


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES.keys())
def test_a_real_duckdb_reads_its_ddl_back_as_the_arrow_and_the_polars_schema(table: Table) -> None:
    connection = open_warehouse(None)
    connection.execute(duckdb_ddl(table))
    read_back = connection.sql(f"from main.{table.name}").to_arrow_table()
    assert read_back.schema.equals(arrow_schema(table))
    assert dict(pl.from_arrow(read_back).schema) == polars_schema(table)


def test_ddl_goes_into_the_schema_it_is_asked_for_and_may_run_twice() -> None:
    connection = open_warehouse(None)
    connection.execute("create schema pack")
    for _ in range(2):
        connection.execute(duckdb_ddl(TABLES["patient"], schema="pack"))
    found = connection.execute("select table_schema from information_schema.tables").fetchall()
    assert found == [("pack",)]


def test_every_kind_of_column_has_a_type_in_every_engine() -> None:
    for type_ in DUCKDB_TYPE.values():
        assert type_ in ARROW_TYPE
        assert type_ in POLARS_TYPE
