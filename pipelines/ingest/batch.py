"""One extract into the warehouse, whole or not at all, exactly once, with every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.ingest.csv_reader import read_csv
from pipelines.ingest.identities import forget_identities
from pipelines.ingest.identity_vault import keep_identities, make_vault
from pipelines.ingest.ledger import batch_files, earlier_file, has_batch, loaded_tables, write_batch
from pipelines.ingest.loading import load_staged
from pipelines.ingest.parquet_reader import read_parquet
from pipelines.ingest.profile import check_profile
from pipelines.ingest.pseudonym import (
    Protection,
    drop_protected,
    protect_staged,
    refuse_other_key,
)
from pipelines.ingest.quarantine import pending_folder, settle_pending, write_quarantine
from pipelines.ingest.scratch import private_scratch
from pipelines.ingest.sources import Source, find_sources, identify_batch
from pipelines.ingest.staged import Reading
from pipelines.ingest.staging import drop_staged, stage_file
from pipelines.ingest.xlsx_reader import read_xlsx
from schemas.errors import InputError
from schemas.quality import FileAccount
from schemas.tables import NEEDED_TO_START, TABLES


@dataclass(frozen=True)
class BatchOutcome:
    """What became of an extract.

    Attributes:
        batch_id: hash of the profile, the tables and the contents of the files.
        is_new: False where this very batch had been loaded before; then nothing changed.
        files: the account of each file.
        ignored: names in the extract that are no canonical table.
    """

    batch_id: str
    is_new: bool
    files: tuple[FileAccount, ...]
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Staged:
    source: Source
    reading: Reading
    view: str


def ingest_extract(
    connection: duckdb.DuckDBPyConnection,
    extract: Path,
    profile: str,
    *,
    workspace: Path,
    protection: Protection | None = None,
    on_file: Callable[[str], None] | None = None,
) -> BatchOutcome:
    """Load an extract and its ledger rows in one transaction; any error leaves the warehouse as it was.

    Args:
        connection: a warehouse that has its tables; extract and workspace are among its allowed folders.
        extract: the folder of files.
        profile: name of the source profile.
        workspace: where quarantine and private temporary files go.
        protection: how patients are pseudonymised; None = ids and names stay as they are, for made-up data only.
        on_file: told the name of each file before it is read.

    Raises:
        UnknownProfileError: no such profile.
        UsageError: the warehouse was loaded under another pseudonym key, or the vault cannot be written.
        InputError: the extract cannot be taken in, or a table without which no run can start is still missing.
        IntegrityError: the rows of a file do not add up.
    """
    check_profile(profile)
    refuse_other_key(connection, protection)
    settle_pending(connection, workspace)
    found = find_sources(extract)
    batch_id = identify_batch(profile, found.sources)
    if has_batch(connection, batch_id):
        return BatchOutcome(batch_id, False, batch_files(connection, batch_id), found.ignored)
    _refuse_missing_tables(connection, found.sources, extract)
    if protection is not None and protection.vault is not None:
        make_vault(protection.vault, protection.key)
    staged: list[_Staged] = []
    with private_scratch(workspace) as scratch:
        try:
            for source in found.sources:
                if on_file is not None:
                    on_file(source.name)
                if earlier_file(connection, source.table_name, source.content_sha256) is None:
                    staged.append(_stage(connection, source, scratch, protection))
            if protection is not None and protection.vault is not None:
                keep_identities(connection, protection.vault, protection.key)
            _load(connection, found.sources, staged, batch_id, profile, workspace, protection)
        finally:
            forget_identities(connection)
            for source in found.sources:
                drop_protected(connection, _view_name(source))
                drop_staged(connection, _view_name(source))
    settle_pending(connection, workspace)
    return BatchOutcome(batch_id, True, batch_files(connection, batch_id), found.ignored)


def _refuse_missing_tables(connection: duckdb.DuckDBPyConnection, sources: Sequence[Source], extract: Path) -> None:
    there = loaded_tables(connection) | {source.table_name for source in sources}
    missing = [name for name in NEEDED_TO_START if name not in there]
    if missing:
        raise InputError(
            f"tables without which no run can start are missing: {', '.join(missing)}",
            got=f"files for {', '.join(source.table_name for source in sources)}",
            allowed=f"{', '.join(NEEDED_TO_START)}, in this extract or in an earlier one",
            where=str(extract),
        )


def _view_name(source: Source) -> str:
    return f"staged_{source.table_name}"


def _stage(
    connection: duckdb.DuckDBPyConnection, source: Source, scratch: Path, protection: Protection | None
) -> _Staged:
    view = _view_name(source)
    readings = _readings(source, scratch)
    reading = stage_file(connection, TABLES[source.table_name], readings, view=view, file_name=source.name)
    if protection is not None:
        protect_staged(connection, TABLES[source.table_name], view, protection)
    return _Staged(source, reading, view)


def _readings(source: Source, scratch: Path) -> Iterator[Reading]:
    readers = {".csv": read_csv, ".parquet": read_parquet, ".xlsx": read_xlsx}
    return readers[source.suffix](source, scratch)


def _load(
    connection: duckdb.DuckDBPyConnection,
    sources: Sequence[Source],
    staged: Sequence[_Staged],
    batch_id: str,
    profile: str,
    workspace: Path,
    protection: Protection | None,
) -> None:
    pending = pending_folder(workspace, batch_id)
    connection.execute("begin transaction")
    try:
        by_name = {file.source.name: file for file in staged}
        files = [
            _load_file(connection, by_name[source.name], batch_id, pending)
            if source.name in by_name
            else _account_again(connection, source)
            for source in sources
        ]
        write_batch(connection, batch_id, profile, files, None if protection is None else protection.key.fingerprint)
        connection.execute("commit")
    except BaseException:
        # The ledger decides what becomes of the quarantine: an interrupt may come just after the commit.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        settle_pending(connection, workspace)
        raise


def _load_file(
    connection: duckdb.DuckDBPyConnection, file: _Staged, batch_id: str, pending: Path
) -> tuple[FileAccount, tuple[str, ...]]:
    source, header = file.source, file.reading.header
    counts = load_staged(connection, TABLES[source.table_name], file.view, batch_id=batch_id, source_file=source.name)
    if counts.quarantined:
        write_quarantine(connection, file.view, file.reading, pending, source.name)
    account = FileAccount(
        source_file=source.name,
        table_name=source.table_name,
        content_sha256=source.content_sha256,
        rows_in=counts.rows_in,
        accepted=counts.accepted,
        quarantined=counts.quarantined,
        duplicate=counts.duplicate,
        superseded=counts.superseded,
        quarantine_reasons=counts.quarantine_reasons,
        unknown_columns=header.unknown,
    )
    return account, tuple(header.positions)


def _account_again(connection: duckdb.DuckDBPyConnection, source: Source) -> tuple[FileAccount, tuple[str, ...]]:
    known = earlier_file(connection, source.table_name, source.content_sha256)
    if known is None:
        raise InputError("the file was neither staged nor loaded before", where=source.name)
    account, columns = known
    again = account.model_copy(
        update={
            "source_file": source.name,
            "accepted": 0,
            "quarantined": 0,
            "duplicate": account.rows_in,
            "superseded": 0,
            "quarantine_reasons": {},
        }
    )
    return again, columns
