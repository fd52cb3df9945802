"""Who is touched by newer batches: patients with rows that came, changed, or hang together with rows that did.

A patient is touched who has a row that a newer batch brought or superseded, a moment that a later as-of date lets in,
or a row of an institution whose own row changed. Patients whose records hang together are touched together: two that
an encounter, an order or a reversal names beside each other, be it by mistake. So the touched patients' rows can be
read alone: no row of theirs meets a row of anybody else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pipelines.incremental.lineage import BY_PATIENT
from pipelines.incremental.remembered import Connection
from schemas.table import Kind
from schemas.tables import TABLES

NAMED_BY_PATIENT = tuple(name for name in BY_PATIENT if "patient_id" in TABLES[name].column_names)
"""Tables whose rows name their patient themselves."""

REGISTERS = tuple(name for name in TABLES if name not in BY_PATIENT)
"""Tables whose rows belong to no patient."""

LINKS = {
    "encounter": (
        ("encounter", "encounter_id"),
        ("encounter", "transfer_from_encounter_id"),
        ("exam_order", "encounter_id"),
        ("claim_line", "encounter_id"),
        ("consent", "encounter_id"),
        ("diagnosis", "encounter_id"),
        ("procedure", "encounter_id"),
    ),
    "exam_order": (
        ("exam_order", "order_id"),
        ("exam_result", "order_id"),
        ("claim_line", "order_id"),
        ("consent", "order_id"),
    ),
    "claim_line": (
        ("claim_line", "claim_line_id"),
        ("claim_line", "reverses_claim_line_id"),
    ),
}
"""What is named → the columns that name it. Rows that name the same thing hang together."""

BY_INSTITUTION = {
    "encounter": ("institution_id",),
    "exam_order": ("institution_id", "performing_institution_id"),
    "claim_line": ("institution_id", "external_institution_id"),
}
"""Where rows of patients name an institution."""

OF_AN_INSTITUTION = ("institution", "department")
"""Registers whose rows matter only to patients of their own institution."""


@dataclass(frozen=True)
class Newer:
    """What is newer than a remembered state.

    Attributes:
        batches: batches loaded since.
        as_of_before, as_of: the as-of date then and now.
    """

    batches: tuple[str, ...]
    as_of_before: date
    as_of: date


def changed_registers(connection: Connection, names: Collection[str] = REGISTERS) -> frozenset[str]:
    """Those of the registers with rows that newer batches brought or superseded."""
    looks = " union all ".join(
        f"select '{name}' where exists (select 1 from main.{name} where batch_id in (from touched.batch)) "
        f"or exists (select 1 from superseded.{name} where superseded_by_batch_id in (from touched.batch))"
        for name in sorted(names)
    )
    return frozenset(name for (name,) in connection.execute(looks).fetchall())


def note_batches(connection: Connection, newer: Newer) -> None:
    """Write the newer batches down; what else is asked here reads them."""
    connection.execute("create schema if not exists touched")
    connection.execute("create or replace table touched.batch as select unnest($1::varchar[]) as id", [newer.batches])


def seed(connection: Connection, newer: Newer, *, is_register_changed: bool) -> int:
    """Find the patients of changed rows and what those rows name; returns how many patients."""
    own = " union ".join(
        [*_patients_of_changed_rows(newer), *(_patients_of_changed_institutions() if is_register_changed else ())]
    )
    connection.execute(f"create or replace table touched.patient as select patient_id from ({own})")
    for kind, columns in LINKS.items():
        named = " union ".join(_changed(table, column, newer) for table, column in columns)
        connection.execute(
            f"create or replace table touched.named_{kind} as select id from ({named}) where id is not null"
        )
    connection.execute("create or replace table touched.fresh as from touched.patient")
    return _count(connection)


def _patients_of_changed_rows(newer: Newer) -> Iterator[str]:
    for name in NAMED_BY_PATIENT:
        yield f"select id as patient_id from ({_changed(name, 'patient_id', newer)}) where id is not null"


def _patients_of_changed_institutions() -> Iterator[str]:
    registers = " union ".join(
        f"select institution_id from main.{name} where batch_id in (from touched.batch) union "
        f"select institution_id from superseded.{name} where superseded_by_batch_id in (from touched.batch)"
        for name in OF_AN_INSTITUTION
    )
    for name, columns in BY_INSTITUTION.items():
        for column in columns:
            yield f"select patient_id from main.{name} where {column} in ({registers})"


def _changed(table: str, column: str, newer: Newer) -> str:
    """SQL of a column's values in rows that newer batches brought or superseded, or that a later day lets in."""
    conditions = ["batch_id in (from touched.batch)"]
    if newer.as_of > newer.as_of_before:
        conditions += [
            f"cast({one.name} as date) between date '{newer.as_of_before + timedelta(days=1)}' and date '{newer.as_of}'"
            for one in TABLES[table].columns
            if one.kind in (Kind.MOMENT, Kind.DATE)
        ]
    return (
        f"select {column} as id from main.{table} where {' or '.join(f'({one})' for one in conditions)} union "
        f"select {column} from superseded.{table} where superseded_by_batch_id in (from touched.batch)"
    )


def gather(connection: Connection, most: int) -> int:
    """Gather the touched patients' rows in schema ``touched_main``, and everybody whose rows hang together with them.

    Args:
        connection: the warehouse, seeded.
        most: stop where there are more patients than this; the rows are not whole then.

    Returns:
        How many patients are touched.
    """
    connection.execute("create schema if not exists touched_main")
    for name in BY_PATIENT:
        connection.execute(f"create or replace table touched_main.{name} as from main.{name} limit 0")
    are_more = True
    while are_more and _count(connection) <= most:
        _take_rows_of_fresh(connection)
        _find_linked(connection)
        are_more = _count(connection, "fresh") > 0
    _take_rows_below(connection)
    return _count(connection)


def _take_rows_of_fresh(connection: Connection) -> None:
    for name in NAMED_BY_PATIENT:
        rows = f"from main.{name} where patient_id in (from touched.fresh)"
        connection.execute(f"create or replace table touched.fresh_{name} as {rows}")
        connection.execute(f"insert into touched_main.{name} from touched.fresh_{name}")
    for kind, columns in LINKS.items():
        named = " union ".join(
            f"select {column} as id from touched.fresh_{table}"
            for table, column in columns
            if table in NAMED_BY_PATIENT
        )
        connection.execute(
            f"insert into touched.named_{kind} select id from ({named}) "
            f"where id is not null and id not in (from touched.named_{kind})"
        )


def _find_linked(connection: Connection) -> None:
    """Make ``touched.fresh`` the patients whose rows name what touched rows name, and who are not touched yet."""
    linked = " union ".join(
        f"select patient_id from main.{table} where {column} in (from touched.named_{kind})"
        for kind, columns in LINKS.items()
        for table, column in columns
        if table in NAMED_BY_PATIENT
    )
    connection.execute(
        f"create or replace table touched.fresh as select patient_id from ({linked}) "
        "where patient_id is not null and patient_id not in (from touched.patient)"
    )
    connection.execute("insert into touched.patient from touched.fresh")


def _take_rows_below(connection: Connection) -> None:
    """Rows that name no patient of their own, through the encounter or the order that they name."""
    for name in BY_PATIENT:
        if name not in NAMED_BY_PATIENT:
            connection.execute(
                f"insert into touched_main.{name} from main.{name} where encounter_id in (from touched.named_encounter)"
            )
    connection.execute(
        "insert into touched_main.exam_result from main.exam_result "
        "where patient_id is null and order_id in (from touched.named_exam_order)"
    )


def _count(connection: Connection, table: str = "patient") -> int:
    ((count,),) = connection.execute(f"select count(*) from touched.{table}").fetchall()
    return int(count)


def rows_before(table: str, database: str = "") -> str:
    """SQL of the touched patients' rows of a canonical table as they were before the newer batches.

    Args:
        table: a table of ``BY_PATIENT``.
        database: name of the warehouse with a dot, where another database is in use.
    """
    columns = ", ".join(f"t.{name}" for name, _type in TABLES[table].stored_columns())
    keys = ", ".join(f"t.{key}" for key in TABLES[table].key)
    same = " and ".join(f"t.{key} is not distinct from s.{key}" for key in TABLES[table].key)
    newer = f"(select id from {database}touched.batch)"
    return f"""
        select {columns} from {database}touched_main.{table} as t
        where t.batch_id not in {newer} and not exists (
            select 1 from {database}superseded.{table} as s where s.superseded_by_batch_id in {newer} and {same}
        )
        union all
        select {columns} from {database}superseded.{table} as t
        inner join {database}ledger.batch as b on t.superseded_by_batch_id = b.batch_id
        where t.superseded_by_batch_id in {newer} and t.batch_id not in {newer}
        qualify row_number() over (partition by {keys} order by b.sequence) = 1"""


def sweep(connection: Connection, names: Sequence[str] = ("fresh",)) -> None:
    """Drop what was only needed while the touched patients were looked for."""
    for name in (*names, *(f"fresh_{table}" for table in NAMED_BY_PATIENT)):
        connection.execute(f"drop table if exists touched.{name}")
