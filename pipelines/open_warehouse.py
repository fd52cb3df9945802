"""The warehouse of a workspace, opened by one process at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

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


@contextmanager
def warehouse(settings: RunSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse of a workspace, with its tables made; extract and workspace are readable."""
    workspace = Workspace(settings.workspace)
    allowed = [workspace.root] + ([settings.extract] if settings.extract else [])
    connection = open_warehouse(
        workspace.warehouse, allowed=allowed, threads=settings.threads, memory_limit=settings.memory_limit
    )
    try:
        create_tables(connection)
        yield connection
    except duckdb.Error as error:
        if type(error) is duckdb.Error or isinstance(error, _DAMAGE):
            raise IntegrityError(
                "the warehouse is damaged and cannot be read",
                allowed="a backup, or a new workspace and the extracts again",
                where=str(workspace.warehouse),
            ) from error
        raise
    finally:
        connection.close()


def ingest_memory_limit() -> str:
    """Default of ``--memory-limit`` for ingest: ``INGEST_MEMORY_MIB``, or a quarter of a smaller machine's memory."""
    return f"{min(INGEST_MEMORY_MIB, max(_LEAST_MIB, _memory_mib() // _SHARE_OF_MACHINE))}MiB"


def _memory_mib() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
