"""A column that has become something else: most of its values no longer convert, so the file is stopped."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from schemas.errors import InputError
from schemas.table import Kind, Table

ENOUGH_ROWS = 20
"""From so many filled values on, a column is judged as a whole; fewer are left to the quarantine."""

_TEXTS = (Kind.ID, Kind.CODE, Kind.TEXT)


def refuse_retyped(
    connection: duckdb.DuckDBPyConnection, table: Table, view: str, present: Sequence[str], file_name: str
) -> None:
    """Stop a file of which more than half of the values of a required column do not convert.

    Raises:
        InputError: with the column and the counts, never a value.
    """
    required = [name for name in present if table.column(name).required and table.column(name).kind not in _TEXTS]
    if not required:
        return
    counts = ", ".join(
        f"count(*) filter (regexp_matches(faults, 'bad_[a-z]+:{name}(;|$)')), count(*) filter ({name} is not null)"
        for name in required
    )
    (row,) = connection.execute(f"select {counts} from {view}").fetchall()
    for at, name in enumerate(required):
        faulty, converted = row[2 * at], row[2 * at + 1]
        if faulty > converted and faulty + converted >= ENOUGH_ROWS:
            raise InputError(
                f"the column {name} of {table.name} no longer holds what it should",
                got=f"{faulty} of {faulty + converted} values that are no {table.column(name).kind.value}",
                allowed="at most half; check the file's columns, or give the profile a format or a map",
                where=file_name,
            )
