"""The batch ledger in the warehouse: which batches and files were loaded, and what became of their rows."""

from __future__ import annotations

import json
from collections.abc import Sequence

import duckdb

from schemas.quality import FileAccount

_FILE_COLUMNS = (
    "source_file, table_name, content_sha256, rows_in, accepted, quarantined, duplicate, superseded, "
    "quarantine_reasons, unknown_columns, set_aside"
)


def has_batch(connection: duckdb.DuckDBPyConnection, batch_id: str) -> bool:
    """Whether the batch was loaded."""
    return connection.execute("select 1 from ledger.batch where batch_id = $1", [batch_id]).fetchone() is not None


def batch_files(connection: duckdb.DuckDBPyConnection, batch_id: str) -> tuple[FileAccount, ...]:
    """The accounts of a batch's files, in the order of their names."""
    rows = connection.execute(
        f"select {_FILE_COLUMNS} from ledger.file where batch_id = $1 order by source_file, table_name", [batch_id]
    ).fetchall()
    return tuple(_account(row) for row in rows)


def earlier_file(
    connection: duckdb.DuckDBPyConnection, table_name: str, content_sha256: str, profile: str
) -> tuple[FileAccount, tuple[str, ...]] | None:
    """Account and present columns of the first file that brought this content to this table under this profile."""
    row = connection.execute(
        f"select {_FILE_COLUMNS}, columns_present from ledger.file inner join ledger.batch using (batch_id) "
        "where table_name = $1 and content_sha256 = $2 and profile = $3 order by sequence limit 1",
        [table_name, content_sha256, profile],
    ).fetchone()
    return None if row is None else (_account(row[:-1]), tuple(row[-1]))


def key_fingerprint(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Fingerprint of the one pseudonym key of the warehouse; None where it was loaded without one."""
    row = connection.execute("select max(key_fingerprint) from ledger.batch").fetchone()
    return None if row is None or row[0] is None else str(row[0])


def loaded_tables(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    """Canonical tables for which a file was ever loaded."""
    return frozenset(
        name
        for (name,) in connection.execute(
            "select distinct table_name from ledger.file where len(columns_present) > 0"
        ).fetchall()
    )


def write_batch(
    connection: duckdb.DuckDBPyConnection,
    batch_id: str,
    profile: str,
    files: Sequence[tuple[FileAccount, Sequence[str]]],
    key_fingerprint: str | None = None,
) -> None:
    """Enter a batch and its files, each with the canonical columns it had, as the newest of the ledger."""
    connection.execute(
        "insert into ledger.batch (batch_id, sequence, profile, loaded_rows, key_fingerprint) "
        "select $1, coalesce(max(sequence), 0) + 1, $2, $3, $4 from ledger.batch",
        [batch_id, profile, sum(account.accepted for account, _columns in files), key_fingerprint],
    )
    for account, columns in files:
        connection.execute(
            f"insert into ledger.file (batch_id, {_FILE_COLUMNS}, columns_present) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
            [
                batch_id,
                account.source_file,
                account.table_name,
                account.content_sha256,
                account.rows_in,
                account.accepted,
                account.quarantined,
                account.duplicate,
                account.superseded,
                json.dumps(account.quarantine_reasons, sort_keys=True),
                list(account.unknown_columns),
                json.dumps(account.set_aside, sort_keys=True),
                list(columns),
            ],
        )


def _account(row: Sequence[object]) -> FileAccount:
    fields = dict(zip(_FILE_COLUMNS.split(", "), row, strict=True))
    counted = {name: json.loads(str(fields.pop(name))) for name in ("quarantine_reasons", "set_aside")}
    return FileAccount.model_validate({**fields, **counted})
