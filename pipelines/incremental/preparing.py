"""The prepared tables of a run: built whole, or brought up to date for the patients whom newer batches touch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

import polars as pl

from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, named
from detectors.engines.protocol import Bound
from detectors.policy import load_policy
from detectors.prepared import COUNTED_KEYS, account_statement, prepare, reversal_account, statement
from detectors.runner import Request, examined_by_month, reason_not_to_run
from pipelines.incremental.asking import asked_key
from pipelines.incremental.layers import (
    fold_where_due,
    forget_all_but,
    last_asked,
    note_judged_again,
    take_back,
)
from pipelines.incremental.lineage import Lineage, lineage_of, tables_read
from pipelines.incremental.narrowed import is_touched, owner_columns, using, views_after, views_before
from pipelines.incremental.planning import Planned, plan
from pipelines.incremental.remembered import (
    Connection,
    State,
    Touched,
    forget_prepared,
    make_memory,
    one_transaction,
    remember_prepared,
    remember_update,
    remembered_account,
)
from pipelines.incremental.touched import sweep
from schemas.pack import Pack

Told = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What a run wants of the prepared tables.

    Attributes:
        state: the state that they must be in.
        pack: the policy pack.
        is_full: build them anew whatever stands.
        largest_share_pct: where more of the patients than this are touched, a full run is done.
    """

    state: State
    pack: Pack
    is_full: bool = False
    largest_share_pct: int = 30

    @property
    def bound(self) -> dict[str, Bound]:
        """Parameters of the prepared tables."""
        return {"as_of": self.state.as_of, "default_retest_hours": self.pack.thresholds.get("default_retest_hours")}


@dataclass(frozen=True)
class Prepared:
    """How the prepared tables came to be as wanted.

    Attributes:
        reason: why they were built whole; empty where they were brought up to date, or stood already.
        patients, judged_again: patients in the warehouse, and those touched.
        account: reversals (see ``detectors.prepared.reversal_account``).
        rows: rows built, by prepared table.
    """

    reason: str
    patients: int
    judged_again: int
    account: Mapping[str, object]
    rows: Mapping[str, int]


def prepare_or_update(
    connection: Connection,
    wanted: Wanted,
    detectors: Sequence[Detector],
    request: Request,
    on_step: Told = lambda _: None,
) -> Prepared:
    """Bring the prepared tables to the wanted state by the shortest way that gives the same rows.

    Args:
        connection: the warehouse.
        wanted: the state, the pack and whether everything is to be done anew.
        detectors: those that will be asked.
        request: what they will be asked.
        on_step: told each step.
    """
    make_memory(connection)
    lineage = lineage_of(owner_columns())
    planned = plan(
        connection, wanted.state, lineage, wanted.bound, is_full=wanted.is_full, most_pct=wanted.largest_share_pct
    )
    if planned.reason:
        return _build_whole(connection, wanted, planned, on_step)
    if planned.stands:
        return Prepared("", _patients(connection), planned.touched, remembered_account(connection), {})
    return _update(connection, wanted, planned, lineage, detectors, request, on_step)


def _build_whole(connection: Connection, wanted: Wanted, planned: Planned, on_step: Told) -> Prepared:
    engine = DuckDBEngine(connection)
    forget_prepared(connection)
    load_policy(engine, wanted.pack)
    rows = prepare(engine, wanted.bound, on_step=on_step)
    account = reversal_account(engine)
    remember_prepared(connection, wanted.state, account)
    patients = _patients(connection)
    return Prepared(planned.reason, patients, patients, account, rows)


def _update(
    connection: Connection,
    wanted: Wanted,
    planned: Planned,
    lineage: Lineage,
    detectors: Sequence[Detector],
    request: Request,
    on_step: Told,
) -> Prepared:
    assert planned.before is not None  # noqa: S101 - a plan without a reason builds on a state
    connection.execute("delete from remembered.touched")
    on_step(f"{planned.touched} touched patients")
    _note_old_keys(connection)
    asked_before = replace(request, as_of=planned.before.as_of)
    counted = _examined_before(connection, lineage, planned.before, detectors, asked_before)
    fold_where_due(connection, _patients(connection))
    of_account = tables_read(account_statement())
    undone = _account(connection, views_before(connection, lineage, of_account))
    rows = _build_touched(connection, wanted, lineage, on_step)
    done = _account(connection, views_after(connection, lineage, of_account, built=True))
    account = _moved(remembered_account(connection), undone, done)
    _swap(connection, wanted, planned.before, lineage, counted, account)
    sweep(connection)
    return Prepared("", _patients(connection), planned.touched, account, rows)


def _note_old_keys(connection: Connection) -> None:
    connection.execute(
        "create or replace table touched.old_key as select k.patient_key from prepared.patient_key as k "
        "where k.patient_id in (from touched.patient)"
    )


def _examined_before(
    connection: Connection, lineage: Lineage, before: State, detectors: Sequence[Detector], request: Request
) -> pl.DataFrame:
    """Denominators of the touched patients as they were, for every detector that was asked the same at that state.

    What the others found is forgotten: without the denominators before, nothing can be built on those of then.
    """
    remembered = [
        one
        for one in detectors
        if _was_asked(connection, one, request, before)
        and lineage.is_by_patient(one)
        and not reason_not_to_run(one, request)
    ]
    forget_all_but(connection, [one.id for one in remembered])
    read = frozenset[str]().union(*(tables_read(one.question) for one in remembered))
    frames = [pl.DataFrame(schema=_BEFORE)]
    with using(connection, views_before(connection, lineage, read)):
        engine = DuckDBEngine(connection)
        for detector in remembered:
            counted = examined_by_month(engine, detector, request)
            frames.append(counted.select(pl.lit(detector.id).alias("detector_id"), pl.all()).cast(_BEFORE))
    return pl.concat(frames)


def _was_asked(connection: Connection, detector: Detector, request: Request, state: State) -> bool:
    asked = last_asked(connection, detector.id)
    return asked is not None and (asked.key, asked.state_id) == (asked_key(detector, request), state.id)


_BEFORE = pl.Schema(
    {
        "detector_id": pl.String,
        "institution_id": pl.String,
        "month": pl.String,
        "examined": pl.Int64,
        "not_judged": pl.Int64,
    }
)


def _account(connection: Connection, views: Mapping[str, str]) -> dict[str, object]:
    with using(connection, views):
        return reversal_account(DuckDBEngine(connection))


def _moved(whole: Mapping[str, object], undone: Mapping[str, object], done: Mapping[str, object]) -> dict[str, object]:
    """Sums over everybody, with those of touched patients before taken out and those of now put in."""
    return {name: Decimal(str(whole[name])) - Decimal(str(undone[name])) + Decimal(str(done[name])) for name in whole}


def _build_touched(connection: Connection, wanted: Wanted, lineage: Lineage, on_step: Told) -> dict[str, int]:
    """Run the steps by patient over the touched patients' rows into ``touched_prepared``; returns rows by table."""
    connection.execute("create schema if not exists touched_prepared")
    highest = {step: _highest(connection, step) for step in COUNTED_KEYS}
    rows: dict[str, int] = {}
    steps = lineage.steps("by_patient", "lookup")
    read = frozenset[str]().union(*(tables_read(statement(step)) for step in steps))
    with using(connection, views_after(connection, lineage, read, built=False)) as warehouse:
        for step in steps:
            on_step(step)
            sql = statement(step)
            target = f"{warehouse}.touched_prepared.{step}"
            connection.execute(
                f"create or replace table {target} as {_above(step, sql, highest)}", named(sql, wanted.bound)
            )
            connection.execute(f"create view prepared.{step} as from {target}")
            ((rows[step],),) = connection.execute(f"select count(*) from {target}").fetchall()
    return rows


def _highest(connection: Connection, step: str) -> int:
    ((key,),) = connection.execute(f"select coalesce(max({COUNTED_KEYS[step]}), 0) from prepared.{step}").fetchall()
    return int(key)


def _above(step: str, sql: str, highest: Mapping[str, int]) -> str:
    """The statement with its counted key moved above every key that stands, so that no two patients share one."""
    if step not in COUNTED_KEYS:
        return sql
    key = COUNTED_KEYS[step]
    return f"select * replace ({key} + {highest[step]} as {key}) from (\n{sql}\n)"


def _swap(
    connection: Connection,
    wanted: Wanted,
    before: State,
    lineage: Lineage,
    counted: pl.DataFrame,
    account: Mapping[str, object],
) -> None:
    """Put the touched patients' new rows in place of their old ones, and remember the new state, in one transaction."""
    with one_transaction(connection):
        for step in lineage.steps("by_patient"):
            connection.execute(f"delete from prepared.{step} where {is_touched(owner_columns()[step])}")
            connection.execute(f"insert into prepared.{step} by name from touched_prepared.{step}")
        engine = DuckDBEngine(connection)
        for step in lineage.steps("lookup", "whole"):
            engine.store(f"prepared.{step}", statement(step), wanted.bound)
        take_back(connection, counted)
        note_judged_again(connection)
        remember_prepared(connection, wanted.state, account)
        remember_update(connection, Touched(before.id, wanted.state.id, before.as_of))


def _patients(connection: Connection) -> int:
    ((count,),) = connection.execute("select count(*) from prepared.patient_key").fetchall()
    return int(count)
