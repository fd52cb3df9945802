"""A reading cast into one temporary table: typed columns, the line of each row, and the faults of faulty rows."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb

from pipelines.ingest.casting import faults, trimmed, typed_columns, value
from pipelines.ingest.staged import Reading
from schemas.errors import InputError, IntegrityError
from schemas.table import Table


def stage_file(
    connection: duckdb.DuckDBPyConnection, table: Table, readings: Iterable[Reading], *, view: str, file_name: str
) -> Reading:
    """Cast a file into a temporary view; readings are tried in order until one accounts for every row.

    The view has ``source_row``, ``line_count``, ``faults`` (``reason:column;…``, null for a clean row) and every
    stored column of the table except its origin.

    Returns:
        The reading that was taken.

    Raises:
        InputError: the file cannot be read to its end.
        IntegrityError: the rows that were read are not those that were counted.
    """
    is_readable = False
    for reading in readings:
        if not _cast(connection, table, reading, view):
            continue
        is_readable = True
        if reading.row_count is None or reading.row_count == _count(connection, f"{view}_cast"):
            line = f"rowid + {reading.first_row}" if reading.source_row is None else "line"
            connection.execute(
                f"create or replace temp view {view} as select {line} as source_row, * exclude (line) from {view}_cast"
            )
            return reading
    if not is_readable:
        raise InputError("the file cannot be read to its end", allowed="an undamaged file", where=file_name)
    raise IntegrityError("the rows that were read are not the rows that were counted", where=file_name)


def _cast(connection: duckdb.DuckDBPyConnection, table: Table, reading: Reading, name: str) -> bool:
    """Whether DuckDB could read the file. Its message quotes the line at fault, so it must not travel."""
    try:
        connection.execute(f"create or replace temp table {name}_cast as {staging_sql(table, reading)}")
    except duckdb.Error as error:
        # A damaged Parquet file raises the bare class; a full disk or a wrong statement is not the file's fault.
        if type(error) is duckdb.Error or isinstance(error, duckdb.InvalidInputException | duckdb.DataError):
            return False
        raise
    return True


def staging_sql(table: Table, reading: Reading) -> str:
    """The one statement that reads a file, casts it and finds the faults of each row."""
    columns = [table.column(column) for column in reading.header.positions]
    texts = [
        f"{trimmed(f'f{at}', reading.has_odd_blanks)} as text_{column}"
        for column, at in reading.header.positions.items()
    ]
    values = [f"{value(column, f'text_{column.name}')} as value_{column.name}" for column in columns]
    found = [
        (f"{reason}:{column.name}", predicate)
        for column in columns
        for reason, predicate in faults(column, f"text_{column.name}", f"value_{column.name}")
    ]
    is_faulty = " or ".join(["cell_faults is not null", *(f"({predicate})" for _, predicate in found)])
    listed = ", ".join(["cell_faults", *(f"case when {predicate} then '{fault}' end" for fault, predicate in found)])
    stored = ", ".join(
        f"{sql} as {column}" for column, sql in typed_columns(table, frozenset(reading.header.positions))
    )
    return f"""
        with texts as (
            select {reading.source_row or "null"} as line, {reading.line_count} as line_count,
                {reading.structure_fault} as structure_fault, {reading.cell_faults} as cell_faults, {", ".join(texts)}
            from {reading.relation}
        ),
        typed as (select *, {", ".join(values)} from texts)
        select cast(line as bigint) as line, cast(line_count as bigint) as line_count,
            case when structure_fault is not null then structure_fault
                when {is_faulty} then concat_ws(';', {listed}) end as faults,
            {stored}
        from typed"""


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    counted = connection.execute(f"select count(*) from {relation}").fetchone()
    return int(counted[0]) if counted else 0


def drop_staged(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Drop a staged view and the temporary tables that go with it."""
    connection.execute(f"drop view if exists {name}")
    for table in (f"{name}_cast", f"{name}_verdict", f"{name}_quarantined"):
        connection.execute(f"drop table if exists {table}")
