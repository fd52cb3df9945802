"""What an analyst vouches for: that tables of an extract are complete, written as rows of ``extract_scope``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress

import duckdb

from pipelines.ingest.ledger import has_batch, key_fingerprint, write_batch
from schemas.errors import UsageError
from schemas.quality import FileAccount
from schemas.tables import TABLES

SOURCE = "--complete"
"""Stands as the source file of rows that were declared on the command line."""

_SEEN = {"encounter": "started_at", "exam_order": "ordered_at", "claim_line": "charged_at"}
"""Tables that show which institutions and days an extract covers, and the moment that shows it."""


def declare_complete(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], batch_id: str) -> int:
    """Declare tables complete for every institution of a batch, from its first day there to its last.

    Institutions and days are those of the batch's encounters, orders and charges that stand in the warehouse. The
    declaration is a batch of its own, so that runs know of it; declared again it changes nothing.

    Args:
        connection: the warehouse.
        tables: names of canonical tables.
        batch_id: the batch whose extract is vouched for.

    Returns:
        Rows of ``extract_scope`` that the declaration stands for.

    Raises:
        UsageError: no such table, or no such batch.
    """
    wanted = _checked(connection, tables, batch_id)
    if not wanted:
        return 0
    declared = hashlib.sha256(json.dumps([SOURCE, batch_id, wanted]).encode()).hexdigest()
    own_id = declared[:16]
    if not has_batch(connection, own_id):
        connection.execute("begin transaction")
        try:
            rows = _write_scope(connection, wanted, batch_id, own_id)
            columns = TABLES["extract_scope"].column_names
            write_batch(connection, own_id, SOURCE, [(_account(declared, rows), columns)], key_fingerprint(connection))
            connection.execute("commit")
        except BaseException:
            with suppress(duckdb.TransactionException):
                connection.execute("rollback")
            raise
    ((count,),) = connection.execute("select rows_in from ledger.file where batch_id = $1", [own_id]).fetchall()
    return int(count)


def check_tables(tables: Sequence[str]) -> None:
    """Refuse names that are no canonical table.

    Raises:
        UsageError: there is one.
    """
    unknown = sorted(set(tables) - set(TABLES))
    if unknown:
        raise UsageError(
            "no such canonical table", got=", ".join(unknown), allowed=", ".join(TABLES), where="--complete"
        )


def _checked(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], batch_id: str) -> list[str]:
    check_tables(tables)
    if not has_batch(connection, batch_id):
        raise UsageError("no such batch", got=batch_id, allowed="a batch of the ledger", where="--complete")
    return sorted(set(tables))


def _write_scope(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], batch_id: str, own_id: str) -> int:
    seen = " union all ".join(
        f"select institution_id, cast({moment} as date) as on_day from main.{table} where batch_id = $batch_id"
        for table, moment in _SEEN.items()
    )
    connection.execute(
        f"""
        create or replace temp table declared_scope as
        with covered as (
            select institution_id, min(on_day) as period_from, max(on_day) as period_to
            from ({seen}) as seen group by institution_id
        )
        select table_name, institution_id, period_from, period_to
        from covered cross join (select unnest($tables) as table_name) as declared""",
        {"batch_id": batch_id, "tables": list(tables)},
    )
    try:
        ((rows,),) = connection.execute("select count(*) from declared_scope").fetchall()
        connection.execute(
            "delete from main.extract_scope as known using declared_scope as fresh where "
            + " and ".join(f"known.{key} = fresh.{key}" for key in TABLES["extract_scope"].key)
        )
        connection.execute(
            "insert into main.extract_scope by name select *, true as is_complete, $own_id as batch_id, "
            "$source as source_file, cast(null as bigint) as source_row from declared_scope order by all",
            {"own_id": own_id, "source": SOURCE},
        )
    finally:
        connection.execute("drop table declared_scope")
    return int(rows)


def _account(declared: str, rows: int) -> FileAccount:
    return FileAccount(
        source_file=SOURCE,
        table_name="extract_scope",
        content_sha256=declared,
        rows_in=rows,
        accepted=rows,
        quarantined=0,
        duplicate=0,
        superseded=0,
        quarantine_reasons={},
    )
