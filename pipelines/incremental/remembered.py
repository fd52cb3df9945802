"""What the warehouse remembers of the last run: the state of its prepared tables and what each detector found.

A state is all that decides the prepared tables: the key (pack, SQL, program), the as-of date and the batches. Each
detector remembers the state at which it was last asked; touched patients lead from one state to the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa

from schemas.finding import FINDING_SCHEMA

Connection = duckdb.DuckDBPyConnection

EXAMINED_SCHEMA = pa.schema(
    [
        ("institution_id", pa.string()),
        ("month", pa.string()),
        ("examined", pa.int64()),
        ("not_judged", pa.int64()),
    ]
)
"""Denominators of one detector: rows that it could and could not judge, by institution and month."""

KEPT_SCHEMA = FINDING_SCHEMA.remove(FINDING_SCHEMA.get_field_index("run_id"))
"""A finding as it is remembered: without the run that found it."""

_SCHEMAS = ("remembered", "remembered_finding")
"""Schemas of the memory: what is known of the last run, and the findings."""

_DDL = (
    "create table remembered.prepared (state_id varchar, key varchar, as_of date, batches varchar[], account varchar)",
    "create table remembered.touched (from_state varchar, to_state varchar, from_as_of date)",
    "create table remembered.detector (detector_id varchar, key varchar, state_id varchar, layers bigint[])",
    "create table remembered.latest (update_no bigint)",
    "insert into remembered.latest values (0)",
    "create table remembered.judged_again (update_no bigint, patient_id varchar)",
    "create table remembered.examined (detector_id varchar, institution_id varchar, month varchar, "
    "examined bigint, not_judged bigint)",
)


@dataclass(frozen=True)
class State:
    """All that decides the prepared tables.

    Attributes:
        key: what was the same for all runs that may build on each other, by name.
        as_of: the last day that exists.
        batches: batch ids, oldest first.
    """

    key: Mapping[str, str]
    as_of: date
    batches: tuple[str, ...]

    @property
    def id(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of the state's JSON."""
        told = [dict(self.key), self.as_of.isoformat(), self.batches]
        return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Touched:
    """The last update of the prepared tables: from which state to which, and the as-of date before it."""

    from_state: str
    to_state: str
    from_as_of: date


def make_memory(connection: Connection) -> None:
    """Make the tables of the memory where they do not stand; a memory laid out otherwise is forgotten first."""
    layout = hashlib.sha256(json.dumps(_DDL).encode()).hexdigest()
    told = "select comment from duckdb_tables() where schema_name = 'remembered' and table_name = 'prepared'"
    if one_row(connection, told) == (layout,):
        return
    for schema in _SCHEMAS:
        connection.execute(f"drop schema if exists {schema} cascade")
        connection.execute(f"create schema {schema}")
    for statement in _DDL:
        connection.execute(statement)
    connection.execute(f"comment on table remembered.prepared is '{layout}'")


def remembered_state(connection: Connection) -> State | None:
    """The state of the prepared tables; None where they were never finished."""
    row = one_row(connection, "select key, as_of, batches from remembered.prepared")
    return None if row is None else State(json.loads(row[0]), row[1], tuple(row[2]))


def remembered_account(connection: Connection) -> dict[str, object]:
    """The account of reversals of the prepared tables (see ``detectors.prepared.reversal_account``), sums as text."""
    ((account,),) = connection.execute("select account from remembered.prepared").fetchall()
    return dict(json.loads(account))


def forget_prepared(connection: Connection) -> None:
    """Mark the prepared tables as under way: a run that is cut off now is followed by a full one."""
    connection.execute("delete from remembered.touched")
    connection.execute("delete from remembered.prepared")


def remember_prepared(connection: Connection, state: State, account: Mapping[str, object]) -> None:
    """Mark the prepared tables as those of a state."""
    connection.execute("delete from remembered.prepared")
    connection.execute(
        "insert into remembered.prepared values ($1, $2, $3, $4, $5)",
        [state.id, json.dumps(dict(state.key), sort_keys=True), state.as_of, list(state.batches), _as_json(account)],
    )


def _as_json(account: Mapping[str, object]) -> str:
    return json.dumps({name: str(value) for name, value in account.items()}, sort_keys=True)


def last_update(connection: Connection) -> Touched | None:
    """The last update of the prepared tables, where the tables of its touched patients still stand."""
    row = one_row(connection, "select from_state, to_state, from_as_of from remembered.touched")
    return None if row is None else Touched(*row)


def remember_update(connection: Connection, touched: Touched) -> None:
    """Keep what the tables of touched patients lead from and to."""
    connection.execute("delete from remembered.touched")
    connection.execute(
        "insert into remembered.touched values ($1, $2, $3)",
        [touched.from_state, touched.to_state, touched.from_as_of],
    )


_writing = Lock()


@contextmanager
def one_transaction(connection: Connection) -> Iterator[None]:
    """Do all of this block or nothing of it, also where the process ends in the middle; one thread at a time."""
    with _writing:
        connection.execute("begin transaction")
        try:
            yield
            connection.execute("commit")
        except BaseException:
            connection.execute("rollback")
            raise


def with_rows(connection: Connection, rows: pa.Table, statement: str) -> None:
    """Execute a statement that reads these rows as ``fresh``."""
    connection.register("fresh", rows)
    try:
        connection.execute(statement)
    finally:
        connection.unregister("fresh")


def one_row(connection: Connection, statement: str, *bound: str) -> tuple[Any, ...] | None:
    """The one row of a statement, or None; the result is read to its end, so that the connection is free again."""
    rows = connection.execute(statement, bound).fetchall()
    return rows[0] if rows else None


def frame_of(connection: Connection, statement: str, schema: pa.Schema, *bound: str) -> pl.DataFrame:
    """Rows of a statement as a frame of the schema."""
    rows = connection.sql(statement, params=bound).to_arrow_table()
    frame = pl.from_arrow(rows.cast(schema))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return frame
