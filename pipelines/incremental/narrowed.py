"""The touched patients' rows under the names that SQL knows: ``main``, ``pack``, ``prepared`` of a database of views.

The same statements that build and ask everything build and ask the touched patients alone: the connection merely uses
a database in memory whose schemas hold views over the warehouse, narrowed where rows belong to patients.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count

from detectors.prepared import STEPS, statement
from pipelines.incremental.lineage import BY_PATIENT, Lineage, columns_given
from pipelines.incremental.remembered import Connection
from pipelines.incremental.touched import rows_before
from schemas.tables import TABLES

_numbers = count(1)

OWNERS = {
    "patient_key": ("touched.old_key", "patient_key"),
    "patient_id": ("touched.patient", "patient_id"),
    "reversal_line_id": ("touched.named_claim_line", "id"),
    "claim_line_id": ("touched.named_claim_line", "id"),
    "order_id": ("touched.named_exam_order", "id"),
    "stay_id": ("touched.named_encounter", "id"),
    "encounter_id": ("touched.named_encounter", "id"),
}
"""Column of a prepared table that leads a row to its patient → where its touched values stand. The first one counts."""


@cache
def owner_columns() -> Mapping[str, str]:
    """Prepared table → the column that leads its rows to a patient; tables without one are left out."""
    owners = {step: next((name for name in OWNERS if name in columns_given(statement(step))), None) for step in STEPS}
    return {step: owner for step, owner in owners.items() if owner is not None}


def is_touched(owner: str, database: str = "") -> str:
    """SQL condition: the row of a prepared table with this owner column is a touched patient's, as it was before.

    Args:
        owner: one of ``OWNERS``.
        database: name of the warehouse with a dot, where another database is in use.
    """
    table, column = OWNERS[owner]
    return f"{owner} in (select {column} from {database}{table})"


@contextmanager
def using(connection: Connection, views: Mapping[str, str]) -> Iterator[str]:
    """Use a database in memory whose tables are these, under a name of its own; gives the warehouse's name.

    Args:
        connection: the warehouse.
        views: ``schema.table`` → SQL, evaluated in the warehouse.
    """
    ((warehouse,),) = connection.execute("select current_database()").fetchall()
    database = f"narrowed_{next(_numbers)}"
    connection.execute(f"attach ':memory:' as {database}")
    try:
        for schema in ("main", "pack", "prepared", "work"):
            connection.execute(f"create schema if not exists {database}.{schema}")
        for name, sql in views.items():
            connection.execute(f"create view {database}.{name} as {sql}")
        connection.execute(f"use {database}")
        yield str(warehouse)
    finally:
        connection.execute(f"use {warehouse}")
        connection.execute(f"detach {database}")


def views_after(connection: Connection, lineage: Lineage, read: Collection[str], *, built: bool) -> dict[str, str]:
    """Views for the touched patients as they are now.

    Args:
        connection: the warehouse.
        lineage: how its prepared tables follow their batch.
        read: ``schema.table`` of all that will be read; nothing else is laid out.
        built: whether the prepared tables by patient stand in ``touched_prepared``; they are left out where not.
    """
    here = _here(connection)
    views = _shared_views(here, lineage, read)
    views |= {f"main.{name}": f"from {here}.touched_main.{name}" for name in BY_PATIENT if f"main.{name}" in read}
    steps = lineage.steps("by_patient", "lookup") if built else ()
    return views | _prepared_views(f"{here}.touched_prepared", steps, read)


def views_before(connection: Connection, lineage: Lineage, read: Collection[str]) -> dict[str, str]:
    """Views of what is ``read`` for the touched patients as they were at the remembered state."""
    here = _here(connection)
    views = _shared_views(here, lineage, read)
    views |= {f"main.{name}": rows_before(name, f"{here}.") for name in BY_PATIENT if f"main.{name}" in read}
    views |= _prepared_views(f"{here}.prepared", lineage.steps("by_patient", "lookup"), read)
    for step in lineage.steps("by_patient"):
        if f"prepared.{step}" in read:
            views[f"prepared.{step}"] += f" where {is_touched(owner_columns()[step], f'{here}.')}"
    return views


def _shared_views(here: str, lineage: Lineage, read: Collection[str]) -> dict[str, str]:
    """Registers, the policy pack and prepared tables that no patient moves: as they stand."""
    registers = {f"main.{name}" for name in TABLES if name not in BY_PATIENT}
    shared = {one: f"from {here}.{one}" for one in read if one in registers or one.startswith("pack.")}
    return shared | _prepared_views(f"{here}.prepared", lineage.steps("constant"), read)


def _prepared_views(schema: str, steps: Sequence[str], read: Collection[str]) -> dict[str, str]:
    return {f"prepared.{step}": f"from {schema}.{step}" for step in steps if f"prepared.{step}" in read}


def _here(connection: Connection) -> str:
    ((name,),) = connection.execute("select current_database()").fetchall()
    return str(name)
