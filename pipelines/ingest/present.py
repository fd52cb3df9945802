"""Which canonical columns the loaded files ever had: what was never there is absent, not empty."""

from __future__ import annotations

import duckdb


def present_columns(connection: duckdb.DuckDBPyConnection) -> dict[str, frozenset[str]]:
    """Canonical table to the canonical columns that at least one of its loaded files had.

    Tables for which no file was ever loaded are not in the dictionary.
    """
    rows = connection.execute(
        "select table_name, list_sort(list_distinct(flatten(list(columns_present)))) from ledger.file "
        "where len(columns_present) > 0 group by table_name order by table_name"
    ).fetchall()
    return {table_name: frozenset(columns) for table_name, columns in rows}
