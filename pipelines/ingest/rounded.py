"""Ids of sixteen digits and more that a spreadsheet has rounded: no single one can be told, but a column can.

A spreadsheet keeps 15 significant digits, and saved as plain digits a longer number ends in zeros from there on. An
honest id may end so too, one in a hundred. So a column is judged as a whole: where most of its ids of sixteen digits
and more are zeros past the 15th digit, two zeros at the least, those are quarantined; else all are kept.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from schemas.table import Kind, Table

_KEPT_DIGITS = 15
_RESIDENT_ID = r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{4}"
"""A resident id ends in a check digit, so that most of a column never end in 00, however they came to."""


def mark_rounded_ids(connection: duckdb.DuckDBPyConnection, table: Table, staged: str, present: Sequence[str]) -> None:
    """Add the fault ``mangled_id`` to rows of a staged table, in each column whose ids were rounded.

    Codes are left alone: they may end in zeros by their structure.

    Args:
        connection: the warehouse.
        table: the canonical table.
        staged: a temporary table with ``faults`` and the columns.
        present: the columns that may hold anything.
    """
    ids = [name for name in present if table.column(name).kind is Kind.ID]
    for column in _rounded_columns(connection, staged, ids):
        connection.execute(
            f"update {staged} set faults = concat_ws(';', faults, 'mangled_id:{column}') where {_is_rounded(column)} "
            f"and not contains(coalesce(faults, ''), 'mangled_id:{column}')"
        )


def _rounded_columns(connection: duckdb.DuckDBPyConnection, staged: str, columns: Sequence[str]) -> list[str]:
    if not columns:
        return []
    # The first look is cheap: a column without any such ending is not read twice.
    ends = ", ".join(
        f"count_if(ascii({column}) between 48 and 57 and suffix({column}, '00') and strlen({column}) > {_KEPT_DIGITS})"
        for column in columns
    )
    found = connection.execute(f"select {ends} from {staged}").fetchone() or ()
    suspects = [column for column, count in zip(columns, found, strict=True) if count]
    return [column for column in suspects if _is_mostly_rounded(connection, staged, column)]


def _is_mostly_rounded(connection: duckdb.DuckDBPyConnection, staged: str, column: str) -> bool:
    counted = connection.execute(
        f"select count(*) filter (where {_is_rounded(column)}), count(*) "
        f"from (select distinct {column} from {staged} where {_is_long(column)}) as long_ids"
    ).fetchone()
    return counted is not None and bool(counted[0] * 2 > counted[1])


def _is_long(column: str) -> str:
    return f"regexp_full_match({column}, '[0-9]{{{_KEPT_DIGITS + 1},}}')"


def _is_rounded(column: str) -> str:
    zeros = f"rtrim(substr({column}, {_KEPT_DIGITS + 1}), '0') = ''"
    is_person = f"regexp_full_match({column}, '{_RESIDENT_ID}')"
    return f"({_is_long(column)} and suffix({column}, '00') and ({zeros} or {is_person}))"
