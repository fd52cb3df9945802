"""A file cast into one temporary table: typed columns, the line of each row, and the faults of faulty rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import duckdb

from pipelines.ingest.casting import faults, trimmed, typed_columns, value
from pipelines.ingest.staged import Reading
from schemas.errors import InputError, IntegrityError
from schemas.table import Table

_CUT_SHORT = "Could not read enough bytes"
"""How DuckDB says that a Parquet file points beyond its own end; of all faults of reading it is the file's."""


def stage_file(
    connection: duckdb.DuckDBPyConnection, table: Table, readings: Iterable[Reading], *, view: str, file_name: str
) -> Reading:
    """Cast a file whose columns are the table's own into a temporary view, in one pass.

    The view has ``row_id`` (unique), ``source_row``, ``line_count``, ``faults`` (``reason:column;…``, null for a clean
    row) and every stored column of the table except its origin.

    Returns:
        The reading that was taken: the first that accounts for every row.

    Raises:
        InputError: the file cannot be read to its end.
        IntegrityError: the rows that were read are not those that were counted.
    """

    def sql(reading: Reading) -> str:
        return staging_sql(table, _texts(reading, "text_{}"), tuple(reading.header.positions))

    reading = _read_whole(connection, readings, sql, view, file_name)
    _show(connection, view, _line(reading), _null_columns(table, tuple(reading.header.positions)))
    return reading


def stage_source(
    connection: duckdb.DuckDBPyConnection, readings: Iterable[Reading], *, view: str, file_name: str
) -> Reading:
    """Read a file into a temporary view of text, as its profile names the columns; mappings take it from there.

    The view has ``source_row``, ``line_count``, ``structure_fault``, ``cell_faults`` and the source columns, trimmed.

    Raises:
        InputError: the file cannot be read to its end.
        IntegrityError: the rows that were read are not those that were counted.
    """
    reading = _read_whole(connection, readings, lambda reading: _texts(reading, "{}"), view, file_name)
    _show(connection, view, _line(reading))
    return reading


def stage_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, texts: str, present: Sequence[str], view: str
) -> None:
    """Cast mapped rows into a view as ``stage_file`` makes it.

    Args:
        connection: the warehouse.
        table: the canonical table.
        texts: SQL of ``line``, ``line_count``, ``structure_fault``, ``cell_faults`` and ``text_<column>``.
        present: the columns that ``texts`` has.
        view: name of the view.
    """
    connection.execute(f"create or replace temp table {view}_cast as {staging_sql(table, texts, present)}")
    _show(connection, view, "line", _null_columns(table, present))


def _read_whole(
    connection: duckdb.DuckDBPyConnection,
    readings: Iterable[Reading],
    sql: Callable[[Reading], str],
    view: str,
    file_name: str,
) -> Reading:
    """Try readings in order until one accounts for every row."""
    is_readable = False
    for reading in readings:
        if not _read(connection, f"create or replace temp table {view}_cast as {sql(reading)}"):
            continue
        is_readable = True
        if reading.row_count is None or reading.row_count == _count(connection, f"{view}_cast"):
            return reading
    if not is_readable:
        raise InputError("the file cannot be read to its end", allowed="an undamaged file", where=file_name)
    raise IntegrityError("the rows that were read are not the rows that were counted", where=file_name)


def _line(reading: Reading) -> str:
    return f"rowid + {reading.first_row}" if reading.source_row is None else "line"


def _null_columns(table: Table, present: Sequence[str]) -> str:
    """SQL of the stored columns that a file does not have: they take no room in the temporary table."""
    absent = [column for column in table.columns if column.name not in present]
    return "".join(f", cast(null as {type_}) as {name}" for column in absent for name, type_ in column.stored())


def _show(connection: duckdb.DuckDBPyConnection, view: str, line: str, beside: str = "") -> None:
    connection.execute(
        f"create or replace temp view {view} as "
        f"select rowid as row_id, {line} as source_row, * exclude (line){beside} from {view}_cast"
    )


def _read(connection: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Whether DuckDB could read the file. Its message quotes the line at fault, so it must not travel."""
    try:
        connection.execute(sql)
    except duckdb.Error as error:
        # A damaged Parquet file raises the bare class; a full disk or a wrong statement is not the file's fault.
        if type(error) is duckdb.Error or isinstance(error, duckdb.InvalidInputException | duckdb.DataError):
            return False
        if isinstance(error, duckdb.IOException) and _CUT_SHORT in str(error):
            return False
        raise
    return True


def _texts(reading: Reading, pattern: str) -> str:
    """The columns of a reading as trimmed text under other names, beside what is known of each row."""
    blanks = reading.has_odd_blanks, reading.has_blanks
    columns = ", ".join(
        f'{trimmed(f"f{at}", *blanks)} as "{pattern.format(column.replace(chr(34), chr(34) * 2))}"'
        for column, at in reading.header.positions.items()
    )
    return f"""
        select cast({reading.source_row or "null"} as bigint) as line,
            cast({reading.line_count} as bigint) as line_count,
            {reading.structure_fault} as structure_fault, {reading.cell_faults} as cell_faults, {columns}
        from {reading.relation}"""


def staging_sql(table: Table, texts: str, present: Sequence[str]) -> str:
    """The one statement that casts rows of text and finds the faults of each row.

    Args:
        table: the canonical table.
        texts: SQL of ``line``, ``line_count``, ``structure_fault``, ``cell_faults`` and ``text_<column>``.
        present: the columns that ``texts`` has.
    """
    columns = [table.column(column) for column in present]
    values = [f"{value(column, f'text_{column.name}')} as value_{column.name}" for column in columns]
    found = [
        (f"{reason}:{column.name}", predicate)
        for column in columns
        for reason, predicate in faults(column, f"text_{column.name}", f"value_{column.name}")
    ]
    is_faulty = " or ".join(["cell_faults is not null", *(f"({predicate})" for _, predicate in found)])
    listed = ", ".join(["cell_faults", *(f"case when {predicate} then '{fault}' end" for fault, predicate in found)])
    stored = ", ".join(f"{sql} as {column}" for column, sql in typed_columns(columns))
    return f"""
        with texts as ({texts}),
        typed as (select *, {", ".join(values)} from texts)
        select line, line_count,
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
