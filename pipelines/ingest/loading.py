"""From a staged file to the canonical table, exactly once: what each row is, then the writes that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from schemas.errors import IntegrityError
from schemas.table import ORIGIN, Table

_EVENTS = ("encounter", "exam_order", "claim_line")
"""Tables whose rows happened at one institution and stay there; a device, a doctor or a complaint may move."""


@dataclass(frozen=True)
class RowCounts:
    """What became of a file's rows."""

    rows_in: int
    accepted: int
    quarantined: int
    duplicate: int
    superseded: int
    quarantine_reasons: dict[str, int]


def load_staged(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    staged: str,
    *,
    batch_id: str,
    source_file: str,
    is_known_kept: bool = False,
) -> RowCounts:
    """Move the rows of a staged view into ``main``; must run inside the batch's transaction.

    Rows that are not simply new stand in the temporary table ``<staged>_verdict`` (row_id, verdict, reasons):
    ``quarantined`` with its faults, ``duplicate`` of a row already there word for word, or ``replaces`` an older
    version, which moves to ``superseded``. Keys are compared null-safe. Where ``is_known_kept``, a row whose key is
    there already is a duplicate whatever else it says. An event whose id is there as another institution's is
    quarantined: nobody can tell which of the two the other tables mean.

    Raises:
        IntegrityError: the counts do not add up to the rows that came in.
    """
    _judge_rows(connection, table, staged, is_known_kept)
    _supersede(connection, table, staged, batch_id)
    accepted = _insert(connection, table, staged, batch_id, source_file)
    return _count_rows(connection, staged, accepted, source_file)


def content_columns(table: Table) -> tuple[str, ...]:
    """Stored columns that come from the extract, in order."""
    origin = {name for name, _type in ORIGIN}
    return tuple(name for name, _type in table.stored_columns() if name not in origin)


def _judge_rows(connection: duckdb.DuckDBPyConnection, table: Table, staged: str, is_known_kept: bool) -> None:
    verdict = f"{staged}_verdict"
    keys = ", ".join(table.key)
    connection.execute(
        f"create or replace temp table {verdict} as "
        f"select row_id, 'quarantined' as verdict, faults as reasons from {staged} where faults is not null"
    )
    connection.execute(
        f"""
        insert into {verdict}
        with repeated as (
            select {keys} from {staged} where faults is null group by {keys} having count(*) > 1
        ),
        placed as (
            select fresh.*, row_number() over (
                partition by {", ".join(f"fresh.{key}" for key in table.key)} order by source_row, row_id
            ) as place
            from {staged} as fresh
            inner join repeated on {_same(table.key, "fresh", "repeated")}
            where fresh.faults is null
        )
        select later.row_id,
            case when {_same(content_columns(table), "later", "first")} then 'duplicate' else 'quarantined' end,
            case when {_same(content_columns(table), "later", "first")} then null
                else '{";".join(f"duplicate_key:{key}" for key in table.key)}' end
        from placed as first
        inner join placed as later on first.place = 1 and later.place > 1 and {_same(table.key, "later", "first")}"""
    )
    collides = _is_of_another_institution(table) if not is_known_kept else "false"
    connection.execute(
        f"""
        insert into {verdict}
        select fresh.row_id,
            case when {str(is_known_kept).lower()} or {_same(content_columns(table), "fresh", "known")}
                then 'duplicate' when {collides} then 'quarantined' else 'replaces' end,
            case when {collides} then 'id_collision:institution_id' end
        from {staged} as fresh
        inner join main.{table.name} as known on {_same(table.key, "fresh", "known")}
        where fresh.faults is null and fresh.row_id not in (select row_id from {verdict})"""
    )


def _is_of_another_institution(table: Table) -> str:
    """Whether an event's id is already that of an event elsewhere: no correction, for events do not move."""
    if table.name not in _EVENTS:
        return "false"
    return "fresh.institution_id <> known.institution_id"


def _supersede(connection: duckdb.DuckDBPyConnection, table: Table, staged: str, batch_id: str) -> None:
    replaced = f"""
        exists (
            select 1 from {staged} as fresh
            inner join {staged}_verdict as verdict using (row_id)
            where verdict.verdict = 'replaces' and {_same(table.key, "fresh", "known")}
        )"""
    connection.execute(
        f"insert into superseded.{table.name} by name "
        f"select known.*, $batch_id as superseded_by_batch_id from main.{table.name} as known where {replaced}",
        {"batch_id": batch_id},
    )
    connection.execute(f"delete from main.{table.name} as known where {replaced}")


def _insert(connection: duckdb.DuckDBPyConnection, table: Table, staged: str, batch_id: str, source_file: str) -> int:
    # An anti join is written by all threads at once; "not in" comes to the same and is written by one.
    columns = ", ".join(content_columns(table))
    inserted = connection.execute(
        f"""
        insert into main.{table.name} ({columns}, batch_id, source_file, source_row)
        select {columns}, $batch_id, $source_file, source_row from {staged}
        anti join (select row_id from {staged}_verdict where verdict <> 'replaces') as refused using (row_id)""",
        {"batch_id": batch_id, "source_file": source_file},
    ).fetchone()
    return int(inserted[0]) if inserted else 0


def _count_rows(connection: duckdb.DuckDBPyConnection, staged: str, accepted: int, source_file: str) -> RowCounts:
    rows_in = int((connection.execute(f"select count(*) from {staged}").fetchone() or (0,))[0])
    verdicts = dict(
        connection.execute(
            f"select verdict, count(*) from {staged}_verdict group by verdict order by verdict"
        ).fetchall()
    )
    reasons = connection.execute(
        f"""
        with reason as (
            select distinct row_id, split_part(unnest(string_split(reasons, ';')), ':', 1) as code
            from {staged}_verdict where verdict = 'quarantined'
        )
        select code, count(*) from reason group by code order by code"""
    ).fetchall()
    counts = RowCounts(
        rows_in, accepted, verdicts.get("quarantined", 0), verdicts.get("duplicate", 0), 0, dict(reasons)
    )
    total = counts.accepted + counts.quarantined + counts.duplicate + counts.superseded
    if total != rows_in:
        raise IntegrityError(
            "the rows of a file do not add up",
            got=f"{rows_in} in, {total} accounted for",
            allowed="rows in = accepted + quarantined + duplicate + superseded",
            where=source_file,
        )
    return counts


def _same(columns: tuple[str, ...], left: str, right: str) -> str:
    return " and ".join(f"{left}.{column} is not distinct from {right}.{column}" for column in columns)
