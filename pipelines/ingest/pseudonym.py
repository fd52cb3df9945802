"""Patient ids become pseudonyms between cast and load; what a file's rows are compared by is the pseudonym already.

Each distinct id is normalised, checked and hashed once in Python; the rows take their pseudonym by a join inside
DuckDB. An id without a pseudonym comes out null, never as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipelines.ingest.checksums import (
    has_resident_id_check_digit,
    has_resident_id_shape,
    lengthened_resident_id,
)
from pipelines.ingest.pseudonym_key import PseudonymKey
from schemas.errors import UsageError
from schemas.table import Table

SEEN = "identity_seen"
"""Temporary table of one ingest: kind, original (as in the extract), pseudonym, is_resident_id, is_mistaken."""

_SEEN_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("original", pa.string()),
        ("pseudonym", pa.string()),
        ("is_resident_id", pa.bool_()),
        ("is_mistaken", pa.bool_()),
    ]
)
_ROWS_A_PAGE = 65_536


@dataclass(frozen=True)
class Protection:
    """How the persons of an extract are protected.

    Attributes:
        key: makes the pseudonyms.
        vault: file that leads pseudonyms back to ids, encrypted; None = none is kept.
        keep_names: whether names of practitioners are loaded.
    """

    key: PseudonymKey
    vault: Path | None = None
    keep_names: bool = False


def normalised_id(text: str) -> str:
    """One spelling of an id: full-width to ASCII, no spaces, a resident id's x as X, its 15 digits as 18."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    if not plain.isalnum():
        plain = "".join(plain.split())
    if len(plain) == 18 and plain[-1] == "x" and plain[:17].isdigit():
        plain = plain[:17] + "X"
    return lengthened_resident_id(plain)


def patient_pseudonym(key: PseudonymKey, patient_id: str) -> str:
    """The pseudonym of a patient id as an extract has it."""
    return key.pseudonym("patient", normalised_id(patient_id))


def refuse_other_key(connection: duckdb.DuckDBPyConnection, protection: Protection | None) -> None:
    """Refuse to mix keys in one warehouse: the same patient would become two.

    Raises:
        UsageError: a batch was loaded under another key, or without one.
    """
    now = None if protection is None else protection.key.fingerprint
    rows = connection.execute("select distinct key_fingerprint from ledger.batch order by all").fetchall()
    others = [fingerprint for (fingerprint,) in rows if fingerprint != now]
    if others:
        raise UsageError(
            "the warehouse was loaded under another pseudonym key, and its patients would fall apart",
            got=f"key {now or '(none)'}",
            allowed=f"key {others[0] or '(none)'}, or a fresh workspace",
            where="--key-file",
        )


def protect_staged(connection: duckdb.DuckDBPyConnection, table: Table, view: str, protection: Protection) -> None:
    """Put pseudonyms, dropped names and the faults of checksums in place of what a staged view shows.

    The view keeps its name and columns; what it was before stands as ``<view>_plain``.
    """
    has_patient = "patient_id" in table.column_names
    connection.execute(f"drop view if exists {view}_plain")
    connection.execute(f"alter view {view} rename to {view}_plain")
    if has_patient:
        _hash_patients(connection, f"{view}_plain", protection.key)
    shown = {"practitioner_name": "cast(null as varchar)"} if not protection.keep_names else {}
    shown = {name: sql for name, sql in shown.items() if name in table.column_names}
    joined = ""
    if has_patient:
        shown["patient_id"] = "seen.pseudonym"
        joined = f"left join {SEEN} as seen on seen.kind = 'patient' and seen.original = plain.patient_id"
    replaced = ", ".join(f"{sql} as {name}" for name, sql in shown.items())
    replace = f"replace ({replaced})" if replaced else ""
    connection.execute(f"create temp view {view} as select plain.* {replace} from {view}_plain as plain {joined}")


def drop_protected(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """Drop what ``protect_staged`` made."""
    connection.execute(f"drop view if exists {view}")
    connection.execute(f"drop view if exists {view}_plain")


def forget_identities(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the identities of this ingest."""
    connection.execute(f"drop table if exists {SEEN}")


def _hash_patients(connection: duckdb.DuckDBPyConnection, relation: str, key: PseudonymKey) -> None:
    def row(original: str) -> tuple[str, bool, bool]:
        plain = normalised_id(original)
        is_resident_id = has_resident_id_shape(plain)
        is_mistaken = is_resident_id and not has_resident_id_check_digit(plain)
        return key.pseudonym("patient", plain), is_resident_id, is_mistaken

    _see(connection, "patient", f"select patient_id from {relation} where faults is null", row)


def _see(
    connection: duckdb.DuckDBPyConnection, kind: str, originals: str, row: Callable[[str], tuple[str, bool, bool]]
) -> None:
    """Add the originals that this ingest has not seen yet to ``identity_seen``, page by page."""
    connection.execute(
        f"create temp table if not exists {SEEN} "
        "(kind varchar, original varchar, pseudonym varchar, is_resident_id boolean, is_mistaken boolean)"
    )
    connection.execute(
        f"create or replace temp table {SEEN}_fresh as select distinct original from ({originals}) as t(original) "
        f"where original is not null and original not in (select original from {SEEN} where kind = $kind)",
        {"kind": kind},
    )
    for texts in _pages(connection, f"{SEEN}_fresh"):
        pseudonyms, shapes, mistakes = zip(*map(row, texts), strict=True)
        seen = pa.table([[kind] * len(texts), texts, pseudonyms, shapes, mistakes], schema=_SEEN_SCHEMA)
        connection.register("seen_rows", seen)
        connection.execute(f"insert into {SEEN} select * from seen_rows")
        connection.unregister("seen_rows")
    connection.execute(f"drop table {SEEN}_fresh")


def _pages(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[list[str]]:
    """The one column of a temporary table, page by page: a stream would end at the next statement."""
    start = 0
    while page := connection.execute(
        f"select * from {table} where rowid >= $1 and rowid < $2", [start, start + _ROWS_A_PAGE]
    ).fetchall():
        yield [text for (text,) in page]
        start += _ROWS_A_PAGE
