"""Patient ids become pseudonyms between cast and load; what a file's rows are compared by is the pseudonym already.

Each distinct id is normalised, checked and hashed once in Python; the rows take their pseudonym by a join inside
DuckDB. An id without a pseudonym comes out null, never as it was.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.ingest.checksums import (
    has_resident_id_shape,
    is_mistaken_credit_code,
    lengthened_resident_id,
    mistaken_resident_ids,
)
from pipelines.ingest.identities import SEEN, Identities, make_seen, only_pseudonyms, see
from pipelines.ingest.masking import LONG_NUMBER, free_text_columns, masked_text
from pipelines.ingest.pseudonym_key import PUBLISHED_KEY, PseudonymKey, read_key
from schemas.errors import UsageError
from schemas.table import Table

ENOUGH_TO_TELL = 20
"""From so many ids of a resident id's shape on, most of a file's must have a right check digit: a hospital may build
numbers of its own from region, date and count, and those would fail ten times in eleven."""


@dataclass(frozen=True)
class Protection:
    """How the persons of an extract are protected.

    Attributes:
        key: makes the pseudonyms.
        vault: file that leads pseudonyms back to ids, encrypted; None = none is kept.
        keep_names: whether names of practitioners and mobile numbers in free text are loaded.
    """

    key: PseudonymKey
    vault: Path | None = None
    keep_names: bool = False


def normalised_id(text: str) -> str:
    """One spelling of an id: full-width to ASCII, no spaces, a resident id's x as X, its 15 digits as 18."""
    if text.isdigit() and len(text) == 18 and text.isascii():
        return text
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if len(plain) == 18 and plain[-1] == "x" and plain[:17].isdigit():
        plain = plain[:17] + "X"
    return lengthened_resident_id(plain)


def patient_pseudonym(key: PseudonymKey, patient_id: str) -> str:
    """The pseudonym of a patient id as an extract has it: 32 hexadecimal digits, no prefix."""
    return key.pseudonyms("patient", [normalised_id(patient_id)])[0]


def refuse_other_key(connection: duckdb.DuckDBPyConnection, protection: Protection | None) -> None:
    """Refuse to mix keys in one warehouse: the same patient would become two.

    Raises:
        UsageError: a batch was loaded under another key, or without one.
    """
    now = None if protection is None else protection.key.fingerprint
    rows = connection.execute("select distinct key_fingerprint from ledger.batch order by all").fetchall()
    others = [fingerprint for (fingerprint,) in rows if fingerprint != now]
    if others:
        is_demo = others[0] == read_key(PUBLISHED_KEY).fingerprint
        raise UsageError(
            "the warehouse was loaded under another pseudonym key, and its patients would fall apart",
            got=f"key {now or '(none)'}",
            allowed=f"key {others[0] or '(none)'}{' (that of the demo)' if is_demo else ''}, or a fresh workspace",
            where="--key-file, --workspace",
        )


def protect_staged(connection: duckdb.DuckDBPyConnection, table: Table, view: str, protection: Protection) -> None:
    """Put pseudonyms, dropped names, masked texts and faults of checksums in place of what a staged view shows.

    The view keeps its name and columns; what it was before stands as ``<view>_plain``.
    """
    plain = f"{view}_plain"
    make_seen(connection)
    connection.execute(f"drop view if exists {plain}")
    connection.execute(f"alter view {view} rename to {plain}")
    shown: dict[str, str] = {}
    joins: list[str] = []
    faults: list[str] = []
    if "patient_id" in table.column_names:
        is_checked = _see_patients(connection, plain, protection.key)
        shown["patient_id"] = "patient.pseudonym"
        joins.append(_join("patient", "patient_id"))
        faults += ["case when patient.is_mistaken then 'bad_checksum:patient_id' end"] if is_checked else []
    if "institution_id" in table.column_names and _has_mistaken_institutions(connection, plain):
        joins.append(_join("institution", "institution_id"))
        faults.append("case when institution.is_mistaken then 'bad_checksum:institution_id' end")
    if "practitioner_name" in table.column_names and not protection.keep_names:
        shown["practitioner_name"] = "cast(null as varchar)"
    for column in _columns_with_numbers(connection, table, plain, protection.keep_names):
        shown[column] = f"coalesce({column}_masked.pseudonym, plain.{column})"
        joins.append(_join("text", column, f"{column}_masked"))
    if faults:
        shown["faults"] = f"nullif(concat_ws(';', plain.faults, {', '.join(faults)}), '')"
    replaced = ", ".join(f"{sql} as {column}" for column, sql in shown.items())
    columns = f"plain.* replace ({replaced})" if shown else "plain.*"
    connection.execute(f"create temp view {view} as select {columns} from {plain} as plain {' '.join(joins)}")


def drop_protected(connection: duckdb.DuckDBPyConnection, view: str) -> None:
    """Drop what ``protect_staged`` made."""
    connection.execute(f"drop view if exists {view}")
    connection.execute(f"drop view if exists {view}_plain")


def derived_ids(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    columns: Sequence[str],
    key: PseudonymKey,
    *,
    kind: str = "practitioner",
) -> str:
    """Ids made from what an extract says of a person without a code, such as institution and name.

    Args:
        connection: the warehouse.
        relation: SQL of a relation (a name, or a query in parentheses) with the columns, as text.
        columns: names of the columns that tell one person, in a fixed order; order and number change the ids.
        key: the key of the patients' pseudonyms.
        kind: what the ids name; equal texts of two kinds give different ids.

    Returns:
        Name of a temporary table with the columns and ``derived_id`` (32 hexadecimal digits; null where one of the
        columns is null or blank), one row for each distinct combination. Join with ``is not distinct from``.
    """
    names = ", ".join(columns)
    spelled = " || chr(31) || ".join(f"nullif(trim({column}), '')" for column in columns)
    see(
        connection,
        kind,
        f"select {spelled} from {relation}",
        lambda originals: only_pseudonyms(key.pseudonyms(kind, map(_normalised_words, originals))),
    )
    table = f"derived_{kind}"
    connection.execute(
        f"create or replace temp table {table} as select {names}, seen.pseudonym as derived_id "
        f"from (select distinct {names} from {relation}) as t "
        f"left join {SEEN} as seen on seen.kind = '{kind}' and seen.original = {spelled}"
    )
    return table


def _normalised_words(original: str) -> str:
    return "\x1f".join("".join(unicodedata.normalize("NFKC", part).split()) for part in original.split("\x1f"))


def _join(kind: str, column: str, alias: str | None = None) -> str:
    alias = alias or kind
    return f"left join {SEEN} as {alias} on {alias}.kind = '{kind}' and {alias}.original = plain.{column}"


def _see_patients(connection: duckdb.DuckDBPyConnection, plain: str, key: PseudonymKey) -> bool:
    """See the patient ids of a file; returns whether any is mistaken and the file's ids are resident ids."""

    def identify(originals: list[str]) -> Identities:
        ids = [normalised_id(original) for original in originals]
        shaped = [has_resident_id_shape(id_) for id_ in ids]
        return Identities(key.pseudonyms("patient", ids), shaped, mistaken_resident_ids(ids, shaped))

    see(connection, "patient", f"select patient_id from {plain} where faults is null", identify)
    if not _rows(connection, f"select 1 from {SEEN} where kind = 'patient' and is_mistaken limit 1"):
        return False
    ((shaped, mistaken),) = _rows(
        connection,
        f"select count(*) filter (is_resident_id), count(*) filter (is_mistaken) from {SEEN} "
        f"where kind = 'patient' and original in (select patient_id from {plain} where faults is null)",
    )
    return bool(mistaken > 0 and (shaped < ENOUGH_TO_TELL or mistaken * 2 <= shaped))


def _has_mistaken_institutions(connection: duckdb.DuckDBPyConnection, plain: str) -> bool:
    see(
        connection,
        "institution",
        f"select institution_id from {plain} where faults is null",
        lambda originals: only_pseudonyms([None] * len(originals))._replace(
            are_mistaken=[is_mistaken_credit_code(original) for original in originals]
        ),
    )
    return bool(_rows(connection, f"select 1 from {SEEN} where kind = 'institution' and is_mistaken limit 1"))


def _columns_with_numbers(
    connection: duckdb.DuckDBPyConnection, table: Table, plain: str, keep_phones: bool
) -> list[str]:
    """Free-text columns of a file with long numbers in them; their masked texts are seen."""
    found = []
    for column in free_text_columns(table):
        long = f"length({column}) >= 11 and regexp_matches({column}, '{LONG_NUMBER}')"
        if _rows(connection, f"select 1 from {plain} where {long} limit 1"):
            found.append(column)
            see(
                connection,
                "text",
                f"select {column} from {plain} where {long}",
                lambda originals: only_pseudonyms(
                    [masked_text(original, keep_phones=keep_phones) for original in originals]
                ),
            )
    return found


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()
