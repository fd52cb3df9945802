"""The DuckDB engine: the only place that connects to DuckDB, always hardened."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa

from detectors.engines.protocol import Bound
from schemas.batch import LEDGER_DDL
from schemas.errors import IntegrityError, LockedError
from schemas.tables import TABLES

_PARAMETER = re.compile(r"\$([a-z_][a-z0-9_]*)")
ROWS_A_PIECE = 100_000
"""Rows that a stream hands over at a time."""

_SCHEMAS = ("ledger", "superseded", "pack", "prepared", "work")


def open_warehouse(
    path: Path | None,
    *,
    allowed: Sequence[Path] = (),
    threads: int | None = None,
    memory_limit: str | None = None,
    log: str | None = None,
) -> duckdb.DuckDBPyConnection:
    """A hardened connection to a warehouse file, or to memory where ``path`` is None.

    Files outside the warehouse's folder and ``allowed`` cannot be read or written, no extension is installed or
    loaded, and the settings are locked.

    Args:
        path: the warehouse's file.
        allowed: further folders that may be read and written.
        threads: how many DuckDB may use; None = every core.
        memory_limit: what DuckDB may take, as it writes sizes (``9GB``); None = DuckDB's own four fifths.
        log: how far its log may grow before it is written into the file; None = DuckDB's own 16 MiB.

    Raises:
        LockedError: another process has the file open.
        IntegrityError: the file is no DuckDB database.
    """
    folders = [str(folder.resolve()) for folder in allowed]
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        folders.append(str(path.parent.resolve()))
    connection = _connect(path)
    if path is not None:
        path.chmod(0o600)
    connection.execute("set allowed_directories = $folders", {"folders": sorted(set(folders))})
    if path is not None:
        _bound_spill(connection, path.parent.resolve())
    if threads is not None:
        connection.execute("set threads = $threads", {"threads": threads})
    if memory_limit is not None:
        connection.execute("set memory_limit = $memory_limit", {"memory_limit": memory_limit})
    if log is not None:
        connection.execute("set checkpoint_threshold = $log", {"log": log})
    for setting in (
        "autoinstall_known_extensions",
        "autoload_known_extensions",
        "allow_community_extensions",
        "enable_external_access",
    ):
        connection.execute(f"set {setting} = false")
    connection.execute("set lock_configuration = true")
    return connection


def _bound_spill(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Spill inside the workspace, and no more than half of what the disk has left: the warehouse grows there too."""
    connection.execute("set temp_directory = $folder", {"folder": str(folder / "spill")})
    half_mib = max(1, shutil.disk_usage(folder).free // 2**21)
    connection.execute("set max_temp_directory_size = $size", {"size": f"{half_mib}MiB"})


def _connect(path: Path | None) -> duckdb.DuckDBPyConnection:
    try:
        return duckdb.connect(":memory:" if path is None else str(path))
    except duckdb.Error as error:
        if isinstance(error, duckdb.IOException) and "lock" in str(error).lower():
            raise LockedError(
                "the warehouse is open in another process",
                allowed="one process at a time",
                where=str(path),
            ) from error
        raise IntegrityError("the warehouse file cannot be opened as a DuckDB database", where=str(path)) from error


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the 17 canonical tables, their superseded twins and the batch ledger where they do not stand yet."""
    if _stand(connection):
        return
    for schema in _SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")
    for table in TABLES.values():
        columns = ", ".join(f"{name} {type_}" for name, type_ in table.stored_columns())
        connection.execute(f"create table if not exists main.{table.name} ({columns})")
        connection.execute(
            f"create table if not exists superseded.{table.name} ({columns}, superseded_by_batch_id varchar)"
        )
    for statement in LEDGER_DDL:
        connection.execute(statement)
    connection.execute(f"comment on table ledger.batch is '{_layout()}'")


def _stand(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether this very declaration made them and they are all there: a run opens its warehouse many times."""
    rows = connection.execute("select schema_name || '.' || table_name, comment from duckdb_tables()").fetchall()
    told = dict(rows)
    wanted = (f"{schema}.{name}" for schema in ("main", "superseded") for name in TABLES)
    return told.get("ledger.batch") == _layout() and all(name in told for name in wanted)


@cache
def _layout() -> str:
    """A hash of the declared tables, which ``ledger.batch`` carries as its comment once all stand."""
    columns = {table.name: table.stored_columns() for table in TABLES.values()}
    return hashlib.sha256(json.dumps([_SCHEMAS, columns, LEDGER_DDL]).encode()).hexdigest()


class DuckDBEngine:
    """Questions over one open DuckDB connection."""

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def answer(self, sql: str, parameters: Mapping[str, Bound]) -> pa.Table:
        """Rows of a question, as Arrow."""
        return self.connection.sql(sql, params=named(sql, parameters)).to_arrow_table()

    def stream(self, sql: str, parameters: Mapping[str, Bound]) -> pa.RecordBatchReader:
        """Rows of a question piece by piece."""
        return self.connection.sql(sql, params=named(sql, parameters)).to_arrow_reader(ROWS_A_PIECE)

    def store(self, table: str, sql: str, parameters: Mapping[str, Bound]) -> int:
        """Replace ``schema.table`` by the rows of a question; returns how many rows it has."""
        self.connection.execute(f"create or replace table {table} as {sql}", named(sql, parameters))
        ((rows,),) = self.connection.execute(f"select count(*) from {table}").fetchall()
        return int(rows)

    def put(self, table: str, rows: pa.Table) -> None:
        """Replace ``schema.table`` by rows that the caller holds."""
        self.connection.register("rows_to_put", rows)
        try:
            self.connection.execute(f"create or replace table {table} as select * from rows_to_put")
        finally:
            self.connection.unregister("rows_to_put")

    def export(self, folder: Path) -> None:
        """Write each canonical table as Parquet into a folder of its name, for an engine that reads files.

        Args:
            folder: inside the warehouse's own folder or one that it was opened with.
        """
        for name in TABLES:
            (folder / name).mkdir(parents=True, exist_ok=True)
            target = str(folder / name / "rows.parquet").replace("'", "''")
            self.connection.execute(f"copy main.{name} to '{target}' (format parquet)")


def named(sql: str, parameters: Mapping[str, Bound]) -> dict[str, Bound]:
    """Those of the parameters that the statement names, comments left out."""
    code = re.sub(r"--[^\n]*", "", sql)
    return {name: parameters[name] for name in sorted(set(_PARAMETER.findall(code))) if name in parameters}
