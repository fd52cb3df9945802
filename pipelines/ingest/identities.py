"""The identities of one ingest: each distinct id that was seen, with its pseudonym, in one temporary table.

``identity_seen`` has kind, original (as in the extract), pseudonym, is_resident_id and is_mistaken. It lives as long as
one ingest, holds each id once however many files name it, and is what the vault is filled from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import pyarrow as pa

SEEN = "identity_seen"
_FRESH = "identity_fresh"
_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("original", pa.string()),
        ("pseudonym", pa.string()),
        ("is_resident_id", pa.bool_()),
        ("is_mistaken", pa.bool_()),
    ]
)
_ROWS_A_PAGE = 65_536


class Identities(NamedTuple):
    """What is known of some original ids, in their order.

    Attributes:
        pseudonyms: what stands in their place; None for ids that are only checked.
        are_resident_ids: which have the shape of a resident id.
        are_mistaken: which have a wrong check digit.
    """

    pseudonyms: Sequence[str | None]
    are_resident_ids: Sequence[bool]
    are_mistaken: Sequence[bool]


def only_pseudonyms(pseudonyms: Sequence[str | None]) -> Identities:
    """Ids whose check digits nobody looks at."""
    nothing = [False] * len(pseudonyms)
    return Identities(pseudonyms, nothing, nothing)


def see(
    connection: duckdb.DuckDBPyConnection, kind: str, originals: str, identify: Callable[[list[str]], Identities]
) -> None:
    """Add the originals that this ingest has not seen yet.

    Args:
        connection: the warehouse.
        kind: what the ids name, such as ``patient``.
        originals: SQL of a relation of one text column; nulls and repetitions are passed over.
        identify: called with each distinct original once, many at a time.
    """
    make_seen(connection)
    connection.execute(
        f"create or replace temp table {_FRESH} as select distinct original from ({originals}) as t(original) "
        f"where original is not null and original not in (select original from {SEEN} where kind = $kind)",
        {"kind": kind},
    )
    for page in _pages(connection, _FRESH):
        rows = pa.table([pa.repeat(kind, len(page)), page, *identify(page.to_pylist())], schema=_SCHEMA)
        connection.register("identity_rows", rows)
        try:
            connection.execute(f"insert into {SEEN} select * from identity_rows")
        finally:
            connection.unregister("identity_rows")
    connection.execute(f"drop table {_FRESH}")


def make_seen(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the temporary table where it does not stand yet."""
    connection.execute(
        f"create temp table if not exists {SEEN} "
        "(kind varchar, original varchar, pseudonym varchar, is_resident_id boolean, is_mistaken boolean)"
    )


def _pages(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[pa.ChunkedArray]:
    """The one column of a temporary table, page by page: a stream would end at the next statement."""
    start = 0
    while True:
        page = connection.sql(f"select * from {table} where rowid >= {start} and rowid < {start + _ROWS_A_PAGE}")
        column = page.to_arrow_table().column(0)
        if len(column) == 0:
            return
        yield column
        start += _ROWS_A_PAGE


def forget_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the identities of this ingest; they must not outlive it."""
    for table in (SEEN, _FRESH):
        connection.execute(f"drop table if exists {table}")
