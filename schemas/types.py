"""What a table's declaration means to each engine: DuckDB DDL, Polars schema, Arrow schema; all three agree."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

from schemas.table import Table

ARROW_TYPE: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "DECIMAL(18,4)": pa.decimal128(18, 4),
    "DECIMAL(18,2)": pa.decimal128(18, 2),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
"""Arrow type of each DuckDB type that a declaration can lead to, as DuckDB itself hands it over."""

POLARS_TYPE: dict[str, pl.DataType] = {
    "VARCHAR": pl.String(),
    "BOOLEAN": pl.Boolean(),
    "BIGINT": pl.Int64(),
    "DOUBLE": pl.Float64(),
    "DECIMAL(18,4)": pl.Decimal(18, 4),
    "DECIMAL(18,2)": pl.Decimal(18, 2),
    "DATE": pl.Date(),
    "TIMESTAMP": pl.Datetime("us"),
}
"""Polars type of each DuckDB type that a declaration can lead to, as Polars reads it from Arrow."""


def duckdb_ddl(table: Table, schema: str = "main") -> str:
    """The statement that makes the table in a warehouse schema where it does not stand yet.

    No key constraint: an index over 100 million ids costs more than the quality gate's one pass over them.
    """
    columns = ",\n".join(f"    {name} {type_}" for name, type_ in table.stored_columns())
    return f"create table if not exists {schema}.{table.name} (\n{columns}\n)"


def polars_schema(table: Table) -> dict[str, pl.DataType]:
    """Polars type of every stored column, in the order of the warehouse."""
    return {name: POLARS_TYPE[type_] for name, type_ in table.stored_columns()}


def arrow_schema(table: Table) -> pa.Schema:
    """Arrow schema of the stored columns, in the order of the warehouse."""
    return pa.schema([(name, ARROW_TYPE[type_]) for name, type_ in table.stored_columns()])
