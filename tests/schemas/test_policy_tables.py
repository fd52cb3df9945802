"""What a pack's table is in Polars is what DuckDB makes of its declaration."""

from __future__ import annotations

import polars as pl
import pytest

from detectors.engines.duckdb import open_warehouse
from schemas.policy_tables import POLICY_TABLES, policy_schema
from schemas.table import DUCKDB_TYPE, Table


@pytest.mark.parametrize("table", POLICY_TABLES.values(), ids=POLICY_TABLES.keys())
def test_duckdb_reads_the_declared_columns_back_as_the_polars_schema(table: Table) -> None:
    columns = ", ".join(f"cast(null as {DUCKDB_TYPE[column.kind]}) as {column.name}" for column in table.columns)
    read_back = pl.from_arrow(open_warehouse(None).sql(f"select {columns}").to_arrow_table())
    assert dict(read_back.schema) | {"pack_source": pl.String()} == policy_schema(table)
