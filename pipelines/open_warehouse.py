"""The warehouse of a workspace, opened by one process at a time, for one step or for several."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from detectors.engines.duckdb import create_tables, open_warehouse
from pipelines.settings import RunSettings
from pipelines.workspace import Workspace
from schemas.errors import IntegrityError

_DAMAGE = (duckdb.FatalException, duckdb.SerializationException, duckdb.IOException)
"""Kinds of DuckDB error that a file with wrong bytes gives."""

INGEST_MEMORY_MIB = 2048
"""What DuckDB may take while an extract is taken in, where nobody says otherwise: what is beyond it is spilled, so that
the peak is the same for any size of file."""

_SHARE_OF_MACHINE = 4
_LEAST_MIB = 256


HELD_LOG = "256MiB"
"""How far DuckDB's log may grow while a warehouse is held open: writing it into the file at every 16 MiB, DuckDB's own
limit, takes longer than asking a detector about the patients of a night."""

_held: dict[Path, duckdb.DuckDBPyConnection] = {}


@contextmanager
def warehouse(settings: RunSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse of a workspace, with its tables made; extract and workspace are readable.

    Within ``held_open`` it is a cursor of its own over the one that is held, so that threads can ask at the same time.
    """
    path = Workspace(settings.workspace).warehouse
    with _damage_told(path):
        if path in _held:
            with closing(_held[path].cursor()) as cursor:
                yield cursor
        else:
            with closing(_opened(settings)) as connection:
                create_tables(connection)
                yield connection


@contextmanager
def held_open(settings: RunSettings) -> Iterator[None]:
    """Keep the warehouse of a workspace open for the steps of this block, and close it after them."""
    path = Workspace(settings.workspace).warehouse
    with _damage_told(path), closing(_opened(settings, HELD_LOG)) as connection:
        create_tables(connection)
        _held[path] = connection
        try:
            yield
        finally:
            del _held[path]


def _opened(settings: RunSettings, log: str | None = None) -> duckdb.DuckDBPyConnection:
    workspace = Workspace(settings.workspace)
    allowed = [workspace.root] + ([settings.extract] if settings.extract else [])
    return open_warehouse(
        workspace.warehouse, allowed=allowed, threads=settings.threads, memory_limit=settings.memory_limit, log=log
    )


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """Tell a damaged warehouse as what it is."""
    try:
        yield
    except duckdb.Error as error:
        if type(error) is duckdb.Error or isinstance(error, _DAMAGE):
            raise IntegrityError(
                "the warehouse is damaged and cannot be read",
                allowed="a backup, or a new workspace and the extracts again",
                where=str(path),
            ) from error
        raise


def ingest_memory_limit() -> str:
    """Default of ``--memory-limit`` for ingest: ``INGEST_MEMORY_MIB``, or a quarter of a smaller machine's memory."""
    return f"{min(INGEST_MEMORY_MIB, max(_LEAST_MIB, _memory_mib() // _SHARE_OF_MACHINE))}MiB"


def _memory_mib() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
