"""One extract into the warehouse, whole or not at all, exactly once, with every row accounted for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipelines.ingest.feeds import Feed, StagedFeed, drop_feeds, is_independent, plan_feeds, stage_mapped, stage_tables
from pipelines.ingest.identities import forget_identities
from pipelines.ingest.identity_vault import keep_identities, make_vault
from pipelines.ingest.ledger import batch_files, earlier_file, has_batch, loaded_tables, write_batch
from pipelines.ingest.loading import load_staged
from pipelines.ingest.pseudonym import Protection, refuse_other_key
from pipelines.ingest.quarantine import pending_folder, settle_pending, write_quarantine
from pipelines.ingest.refunds import refund_account, settle_refunds
from pipelines.ingest.scratch import private_scratch
from pipelines.ingest.sources import Source, find_sources, identify_batch
from schemas.errors import InputError
from schemas.profile import load_profile
from schemas.profile_shapes import Profile
from schemas.quality import FileAccount
from schemas.tables import NEEDED_TO_START, TABLES


@dataclass(frozen=True)
class BatchOutcome:
    """What became of an extract.

    Attributes:
        batch_id: hash of the profile, the tables and the contents of the files.
        is_new: False where this very batch had been loaded before; then nothing changed.
        files: the account of each file.
        ignored: names of files and sheets in the extract that no rule of the profile knows.
        refunds: refunded settlements by outcome: whole, partial, orphan, marked, withdrawn.
    """

    batch_id: str
    is_new: bool
    files: tuple[FileAccount, ...]
    ignored: tuple[str, ...] = ()
    refunds: dict[str, int] = field(default_factory=dict)


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
        profile: name of a shipped source profile, or path of one.
        workspace: where quarantine and private temporary files go.
        protection: how patients are pseudonymised; None = ids and names stay as they are, for made-up data only.
        on_file: told the name of each file before it is read.

    Raises:
        UnknownProfileError: no such profile. ProfileError: the profile is wrong.
        UsageError: the warehouse was loaded under another pseudonym key, or the vault cannot be written.
        InputError: the extract cannot be taken in, or a table without which no run can start is still missing.
        IntegrityError: the rows of a file do not add up.
    """
    chosen = load_profile(profile)
    refuse_other_key(connection, protection)
    if protection is not None and chosen.keep_names:
        protection = replace(protection, keep_names=True)
    settle_pending(connection, workspace)
    found = find_sources(extract, chosen)
    batch_id = identify_batch(chosen.identity, found.sources)
    if has_batch(connection, batch_id):
        return _outcome(connection, batch_id, False, found.ignored)
    feeds = plan_feeds(chosen, found.sources)
    _refuse_missing_tables(connection, feeds, extract)
    if protection is not None and protection.vault is not None:
        make_vault(protection.vault, protection.key)
    with private_scratch(workspace) as scratch:
        try:
            staged = list(_stage(connection, chosen, found.sources, feeds, scratch, protection, on_file))
            if protection is not None and protection.vault is not None:
                keep_identities(connection, protection.vault, protection.key)
            _load(connection, feeds, staged, batch_id, chosen, workspace, protection)
        finally:
            forget_identities(connection)
            drop_feeds(connection, feeds, found.sources)
    settle_pending(connection, workspace)
    return _outcome(connection, batch_id, True, (*found.ignored, *_unread_sheets(staged)))


def _outcome(
    connection: duckdb.DuckDBPyConnection, batch_id: str, is_new: bool, ignored: tuple[str, ...]
) -> BatchOutcome:
    refunds = refund_account(connection, batch_id)
    return BatchOutcome(batch_id, is_new, batch_files(connection, batch_id), ignored, refunds)


def _unread_sheets(staged: Sequence[StagedFeed]) -> tuple[str, ...]:
    found = (f"{one.feed.source.name}, sheet {name}" for one in staged for name in one.reading.unread_sheets)
    return tuple(dict.fromkeys(found))


def _refuse_missing_tables(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], extract: Path) -> None:
    fed = list(dict.fromkeys(feed.table_name for feed in feeds))
    missing = [name for name in NEEDED_TO_START if name not in loaded_tables(connection) | set(fed)]
    if missing:
        raise InputError(
            f"tables without which no run can start are missing: {', '.join(missing)}",
            got=f"files for {', '.join(fed)}",
            allowed=f"{', '.join(NEEDED_TO_START)}, in this extract or in an earlier one",
            where=str(extract),
        )


def _stage(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    sources: Sequence[Source],
    feeds: Sequence[Feed],
    scratch: Path,
    protection: Protection | None,
    on_file: Callable[[str], None] | None,
) -> Iterator[StagedFeed]:
    """Stage what is not already there: a file that was loaded before brings nothing new by itself."""
    fresh = [feed for feed in feeds if not is_independent(feed) or _earlier(connection, feed, profile.identity) is None]
    tell = on_file or (lambda _name: None)
    if profile.tables_as_sources:
        return stage_tables(connection, fresh, scratch, protection, tell)
    return stage_mapped(connection, profile, sources, fresh, scratch, protection, tell)


def _earlier(
    connection: duckdb.DuckDBPyConnection, feed: Feed, profile: str
) -> tuple[FileAccount, tuple[str, ...]] | None:
    return earlier_file(connection, feed.table_name, feed.source.content_sha256, profile)


def _load(
    connection: duckdb.DuckDBPyConnection,
    feeds: Sequence[Feed],
    staged: Sequence[StagedFeed],
    batch_id: str,
    profile: Profile,
    workspace: Path,
    protection: Protection | None,
) -> None:
    pending = pending_folder(workspace, batch_id)
    connection.execute("begin transaction")
    try:
        fresh = {one.feed.view: one for one in staged}
        files = _one_account_each(
            _load_file(connection, fresh[feed.view], batch_id, pending)
            if feed.view in fresh
            else _account_again(connection, feed, profile.identity)
            for feed in feeds
        )
        if profile.refunds is not None:
            settle_refunds(connection, batch_id)
        write_batch(
            connection, batch_id, profile.identity, files, None if protection is None else protection.key.fingerprint
        )
        connection.execute("commit")
    except BaseException:
        # The ledger decides what becomes of the quarantine: an interrupt may come just after the commit.
        with suppress(duckdb.TransactionException):
            connection.execute("rollback")
        settle_pending(connection, workspace)
        raise


Account = tuple[FileAccount, tuple[str, ...]]
"""What became of a file, and the canonical columns it had."""


def _load_file(connection: duckdb.DuckDBPyConnection, staged: StagedFeed, batch_id: str, pending: Path) -> Account:
    feed, header = staged.feed, staged.reading.header
    counts = load_staged(
        connection,
        TABLES[feed.table_name],
        feed.view,
        batch_id=batch_id,
        source_file=feed.source.name,
        is_known_kept=feed.mapping is not None and feed.mapping.only_new,
    )
    if counts.quarantined:
        write_quarantine(connection, feed.view, staged.reading, pending, feed.quarantine_name)
    account = FileAccount(
        source_file=feed.source.name,
        table_name=feed.table_name,
        content_sha256=feed.source.content_sha256,
        rows_in=counts.rows_in + staged.duplicate,
        accepted=counts.accepted,
        quarantined=counts.quarantined,
        duplicate=counts.duplicate + staged.duplicate,
        superseded=counts.superseded,
        quarantine_reasons=counts.quarantine_reasons,
        unknown_columns=header.unknown,
        set_aside=staged.set_aside,
    )
    return account, staged.present


def _account_again(connection: duckdb.DuckDBPyConnection, feed: Feed, profile: str) -> Account:
    known = _earlier(connection, feed, profile)
    if known is None:
        raise InputError("the file was neither staged nor loaded before", where=feed.source.name)
    account, columns = known
    again = account.model_copy(
        update={
            "source_file": feed.source.name,
            # A file that feeds a table several times has one account: it counts once.
            "rows_in": account.rows_in if feed.part == 1 else 0,
            "accepted": 0,
            "quarantined": 0,
            "duplicate": account.rows_in if feed.part == 1 else 0,
            "superseded": 0,
            "quarantine_reasons": {},
            "set_aside": account.set_aside if feed.part == 1 else {},
        }
    )
    return again, columns


def _one_account_each(accounts: Iterable[Account]) -> list[Account]:
    """Accounts of the same file and table made one: a mapping may lead a file to a table several times."""
    made: dict[tuple[str, str], Account] = {}
    for account, columns in accounts:
        place = (account.source_file, account.table_name)
        if place in made:
            account, columns = made[place][0].plus(account), tuple(sorted({*made[place][1], *columns}))
        made[place] = (account, columns)
    return list(made.values())
