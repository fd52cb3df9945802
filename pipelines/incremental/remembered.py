"""What the warehouse remembers of the last run: the state of its prepared tables and what each detector found.

A state is all that decides the prepared tables: the key (pack, SQL, program), the as-of date and the batches. Each
detector remembers the state at which it was last asked; touched patients lead from one state to the next.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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

_DDL = (
    "create schema if not exists remembered",
    "create table if not exists remembered.prepared (state_id varchar, key varchar, as_of date, batches varchar[], "
    "account varchar)",
    "create table if not exists remembered.touched (from_state varchar, to_state varchar, from_as_of date)",
    "create table if not exists remembered.detector (detector_id varchar, key varchar, state_id varchar)",
    "create table if not exists remembered.examined (detector_id varchar, institution_id varchar, month varchar, "
    "examined bigint, not_judged bigint)",
    "create table if not exists remembered.examined_before (detector_id varchar, institution_id varchar, "
    "month varchar, examined bigint, not_judged bigint)",
    "create schema if not exists remembered_finding",
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
    """Make the tables of the memory where they do not stand; findings get theirs, one a detector, when it is asked."""
    for statement in _DDL:
        connection.execute(statement)


def _findings_table(detector_id: str) -> str:
    """The table of a detector's findings: each has its own, so that none is read or written through the others'."""
    return f'remembered_finding."{detector_id}"'


def remembered_state(connection: Connection) -> State | None:
    """The state of the prepared tables; None where they were never finished."""
    row = _row(connection, "select key, as_of, batches from remembered.prepared")
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
    row = _row(connection, "select from_state, to_state, from_as_of from remembered.touched")
    return None if row is None else Touched(*row)


def remember_update(connection: Connection, touched: Touched) -> None:
    """Keep what the tables of touched patients lead from and to."""
    connection.execute("delete from remembered.touched")
    connection.execute(
        "insert into remembered.touched values ($1, $2, $3)",
        [touched.from_state, touched.to_state, touched.from_as_of],
    )


def asked_at(connection: Connection, detector_id: str) -> tuple[str, str] | None:
    """Key and state id under which a detector was last asked; None where it is not remembered."""
    row = _row(connection, "select key, state_id from remembered.detector where detector_id = $1", detector_id)
    return None if row is None else (str(row[0]), str(row[1]))


def kept_findings(connection: Connection, detector_id: str) -> pl.DataFrame:
    """Remembered findings of a detector, in no order."""
    return _frame(connection, f"select {', '.join(KEPT_SCHEMA.names)} from {_findings_table(detector_id)}", KEPT_SCHEMA)


def kept_examined(connection: Connection, detector_id: str, table: str = "examined") -> pl.DataFrame:
    """Remembered denominators of a detector; ``examined_before`` gives those of touched patients before the update."""
    columns = ", ".join(EXAMINED_SCHEMA.names)
    of_detector = f"select {columns} from remembered.{table} where detector_id = $1"
    return _frame(connection, of_detector, EXAMINED_SCHEMA, detector_id)


def remember_detector(
    connection: Connection,
    detector_id: str,
    asked: tuple[str, str],
    findings: pl.DataFrame,
    examined: pl.DataFrame,
    *,
    replaced: str | None = None,
) -> None:
    """Keep what a detector found, in one transaction.

    Args:
        connection: the warehouse.
        detector_id: whose findings these are.
        asked: key and state id under which it was asked.
        findings: rows that are new.
        examined: all its denominators.
        replaced: SQL condition on the remembered findings that make way; None = they all do.
    """
    table = _findings_table(detector_id)
    connection.execute("begin transaction")
    try:
        for name in ("detector", "examined"):
            connection.execute(f"delete from remembered.{name} where detector_id = $1", [detector_id])
        rows = findings.to_arrow().select(KEPT_SCHEMA.names).cast(KEPT_SCHEMA)
        if replaced is None:
            _with_rows(connection, rows, f"create or replace table {table} as from fresh")
        else:
            connection.execute(f"delete from {table} where {replaced}")
            _with_rows(connection, rows, f"insert into {table} by name from fresh")
        counted = examined.select(EXAMINED_SCHEMA.names).with_columns(pl.lit(detector_id).alias("detector_id"))
        _with_rows(connection, counted.to_arrow(), "insert into remembered.examined by name from fresh")
        connection.execute("insert into remembered.detector values ($1, $2, $3)", [detector_id, *asked])
        connection.execute("commit")
    except BaseException:
        connection.execute("rollback")
        raise


def forget_detector(connection: Connection, detector_id: str) -> None:
    """Forget what a detector found: it is asked about everybody the next time."""
    for name in ("detector", "examined", "examined_before"):
        connection.execute(f"delete from remembered.{name} where detector_id = $1", [detector_id])
    connection.execute(f"drop table if exists {_findings_table(detector_id)}")


def forget_all_but(connection: Connection, detector_ids: Sequence[str]) -> None:
    """Forget what all other detectors found."""
    others = "select detector_id from remembered.detector where not list_contains($1::varchar[], detector_id)"
    for (detector_id,) in connection.execute(others, [list(detector_ids)]).fetchall():
        forget_detector(connection, detector_id)


def keep_before(connection: Connection, rows: pl.DataFrame) -> None:
    """Keep the denominators of touched patients as they were: detector_id beside the columns of EXAMINED_SCHEMA."""
    connection.execute("delete from remembered.examined_before")
    _with_rows(connection, rows.to_arrow(), "insert into remembered.examined_before by name from fresh")


def _with_rows(connection: Connection, rows: pa.Table, statement: str) -> None:
    connection.register("fresh", rows)
    try:
        connection.execute(statement)
    finally:
        connection.unregister("fresh")


def _row(connection: Connection, statement: str, *bound: str) -> tuple[Any, ...] | None:
    """The one row of a statement, or None; the result is read to its end, so that the connection is free again."""
    rows = connection.execute(statement, bound).fetchall()
    return rows[0] if rows else None


def _frame(connection: Connection, statement: str, schema: pa.Schema, *bound: str) -> pl.DataFrame:
    rows = connection.sql(statement, params=bound).to_arrow_table()
    frame = pl.from_arrow(rows.cast(schema))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return frame
