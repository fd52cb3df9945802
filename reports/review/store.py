"""Opens the case store: SQLite in WAL mode by default, PostgreSQL by URL; brought to the newest migration first."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from schemas.errors import ExamAuditError, IntegrityError, LockedError, UsageError

MIGRATIONS = Path(__file__).with_name("migrations")
DRIVER = "postgresql+psycopg"
PATIENCE_SECONDS = 30
"""How long one writer waits for another."""

_OF_ANOTHER_SHAPE = ("no such table", "no such column", "already exists")
_STATES_OF_IT = ("42P01", "42703", "42P07")
"""What SQLite says, and the states that PostgreSQL gives, where tables are not those of the migration."""

_WRITES = "exam_audit_writes"
_LOCK_OF_WRITERS = 0x65786175
"""Number of PostgreSQL's advisory lock; any will do that nobody else takes."""


@dataclass(frozen=True)
class CaseStore:
    """An open case store; ``where`` names it without a password."""

    engine: Engine
    where: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection in a transaction that sees one state of the store.

        Raises:
            LockedError: another process holds the store. UsageError: it cannot be reached. IntegrityError: it is
                damaged.
        """
        with self._connected(is_writing=False) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A connection in a transaction of which there is one at a time; all of it is kept, or nothing.

        Raises:
            LockedError: another writer held the store for longer than ``PATIENCE_SECONDS``.
        """
        with self._connected(is_writing=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"set local lock_timeout = '{PATIENCE_SECONDS}s'"))
                connection.execute(text(f"select pg_advisory_xact_lock({_LOCK_OF_WRITERS})"))
            yield connection

    @contextmanager
    def _connected(self, is_writing: bool) -> Iterator[Connection]:
        try:
            with self.engine.connect().execution_options(**{_WRITES: is_writing}) as connection, connection.begin():
                yield connection
        except DatabaseError as error:
            told = _told(error, self.where)
            if told is None:
                raise
            raise told from None


def open_store(address: Path | str) -> CaseStore:
    """The case store at an address, made where there is none and brought to the newest migration.

    Args:
        address: a file of SQLite, or ``postgresql://USER@HOST/NAME``.

    Raises:
        UsageError: not such a URL, or nothing answers there.
        IntegrityError: a newer version of the program has changed the store.
    """
    store = _engine_of(address)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    newest = ScriptDirectory.from_config(config).get_current_head()
    with store.reading() as connection:
        is_current = _revision(connection) == newest
    if not is_current:
        with store.writing() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:
                raise IntegrityError(
                    "the case store was made by a newer version of this program",
                    allowed="that version or a newer one",
                    where=store.where,
                ) from None
    return store


def _revision(connection: Connection) -> str | None:
    """The migration that the store stands at."""
    if not connection.dialect.has_table(connection, "alembic_version"):
        return None
    return connection.execute(text("select version_num from alembic_version")).scalar()


def _engine_of(address: Path | str) -> CaseStore:
    parsed = URL.create("sqlite", database=str(address)) if isinstance(address, Path) else _address(address)
    # Parameters are notes and ids: they must not stand in an error.
    engine = create_engine(parsed, poolclass=NullPool, hide_parameters=True)
    if isinstance(address, Path):
        _keep_to_owner(address)
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return CaseStore(engine, parsed.render_as_string(hide_password=True))


def _address(text_: str) -> URL:
    """An address of PostgreSQL, with the driver that we have."""
    try:
        parsed = make_url(text_)
    except ArgumentError:
        parsed = URL.create("none")
    if parsed.drivername not in ("postgresql", "postgres", DRIVER):
        raise UsageError(
            "this is no address of a case store",
            got=parsed.drivername,
            allowed="postgresql://USER@HOST/NAME; without one, cases.sqlite in the workspace",
            where="EXAM_AUDIT_CASES",
        )
    return parsed.set(drivername=DRIVER)


def _keep_to_owner(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner only: notes of reviews stand in it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise UsageError(
            "the case store cannot be written",
            got=error.strerror or "an operating-system error",
            allowed="a file that you may write, in a folder that is there",
            where=str(path),
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
    connection.isolation_level = None
    for pragma in (f"busy_timeout = {PATIENCE_SECONDS * 1000}", "journal_mode = wal", "foreign_keys = on"):
        connection.execute(f"pragma {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    """Writers queue from the start, so that none finds its reading outdated when it writes."""
    writes = connection.get_execution_options().get(_WRITES, True)
    connection.exec_driver_sql("begin immediate" if writes else "begin")


def _told(error: DatabaseError, where: str) -> ExamAuditError | None:
    """What a person can do about an error of the database; None where it is a fault of ours."""
    said, kind = str(error.orig).lower(), type(error.orig)
    if kind is sqlite3.DatabaseError:
        return IntegrityError(
            "the case store is damaged", got="no readable database", allowed="a backup of it", where=where
        )
    if any(word in said for word in _OF_ANOTHER_SHAPE) or getattr(error.orig, "sqlstate", None) in _STATES_OF_IT:
        return IntegrityError(
            "the case store has lost a table or holds another one",
            got=kind.__name__,
            allowed="the tables of its migration, or a backup of it",
            where=where,
        )
    if not isinstance(error, OperationalError):
        return None
    if "locked" in said or "lock timeout" in said:
        waited = f"one writer at a time; waited {PATIENCE_SECONDS} s"
        return LockedError("the case store is in use", allowed=waited, where=where)
    return UsageError(
        "the case store cannot be used",
        got=kind.__name__,
        allowed="a database that answers and that you may write",
        where=where,
    )
