"""The touched patients' rows under the names that SQL knows: ``main``, ``pack``, ``prepared`` of a database of views.

The same statements that build and ask everything build and ask the touched patients alone: the connection merely uses
a database in memory whose schemas hold views over the warehouse, narrowed where rows belong to patients.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from detectors.prepared import STEPS
from pipelines.incremental.lineage import BY_PATIENT, Lineage
from pipelines.incremental.remembered import Connection
from pipelines.incremental.touched import rows_before
from schemas.tables import TABLES

DATABASE = "narrowed"

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


def owner_columns(connection: Connection) -> dict[str, str]:
    """Prepared table → the column that leads its rows to a patient; tables without one are left out."""
    rows = connection.execute(
        "select table_name, list(column_name) from duckdb_columns() "
        "where database_name = current_database() and schema_name = 'prepared' group by table_name order by table_name"
    ).fetchall()
    owners = {table: next((name for name in OWNERS if name in columns), None) for table, columns in rows}
    return {table: owner for table, owner in owners.items() if owner is not None and table in STEPS}


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
    """Use a database in memory whose tables are these; gives the warehouse's own name.

    Args:
        connection: the warehouse.
        views: ``schema.table`` → SQL, evaluated in the warehouse.
    """
    ((warehouse,),) = connection.execute("select current_database()").fetchall()
    connection.execute(f"attach ':memory:' as {DATABASE}")
    try:
        for schema in ("main", "pack", "prepared", "work"):
            connection.execute(f"create schema if not exists {DATABASE}.{schema}")
        for name, sql in views.items():
            connection.execute(f"create view {DATABASE}.{name} as {sql}")
        connection.execute(f"use {DATABASE}")
        yield str(warehouse)
    finally:
        connection.execute(f"use {warehouse}")
        connection.execute(f"detach {DATABASE}")


def views_after(connection: Connection, lineage: Lineage, *, built: bool) -> dict[str, str]:
    """Views for the touched patients as they are now; prepared tables by patient only where they are ``built``."""
    views, here = _shared_views(connection, lineage), _here(connection)
    views |= {f"main.{name}": f"from {here}.touched_main.{name}" for name in BY_PATIENT}
    if built:
        for step in lineage.steps("by_patient", "lookup"):
            views[f"prepared.{step}"] = f"from {here}.touched_prepared.{step}"
    return views


def views_before(connection: Connection, lineage: Lineage, owners: Mapping[str, str]) -> dict[str, str]:
    """Views for the touched patients as they were at the remembered state."""
    here = f"{_here(connection)}."
    views = _shared_views(connection, lineage)
    views |= {f"main.{name}": rows_before(name, here) for name in BY_PATIENT}
    for step in lineage.steps("by_patient"):
        views[f"prepared.{step}"] = f"from {here}prepared.{step} where {is_touched(owners[step], here)}"
    views |= {f"prepared.{step}": f"from {here}prepared.{step}" for step in lineage.steps("lookup")}
    return views


def _shared_views(connection: Connection, lineage: Lineage) -> dict[str, str]:
    """Registers, the policy pack and prepared tables that no patient moves: as they stand."""
    here = _here(connection)
    packs = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and schema_name = 'pack'"
    ).fetchall()
    views = {f"pack.{name}": f"from {here}.pack.{name}" for (name,) in packs}
    views |= {f"main.{name}": f"from {here}.main.{name}" for name in TABLES if name not in BY_PATIENT}
    return views | {f"prepared.{step}": f"from {here}.prepared.{step}" for step in lineage.steps("constant")}


def _here(connection: Connection) -> str:
    ((name,),) = connection.execute("select current_database()").fetchall()
    return str(name)
