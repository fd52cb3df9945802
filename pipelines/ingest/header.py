"""A file's header against the declaration of its table: what is there, what is missing, what is extra."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.errors import InputError
from schemas.table import Table


@dataclass(frozen=True)
class Header:
    """How the columns of a file stand to those of its table.

    Attributes:
        width: number of columns in the file.
        positions: canonical column name to its position in the file, from 0, in the order of the declaration.
        unknown: names of columns that the table does not have; they are not loaded.
    """

    width: int
    positions: dict[str, int]
    unknown: tuple[str, ...]


def match_header(table: Table, names: Sequence[str | None], file_name: str) -> Header:
    """Header names, trimmed and in any case, matched to the columns of a canonical table.

    Raises:
        InputError: there is no header, a required column is missing, or a column stands twice.
    """
    cleaned = [(name or "").strip().strip("\ufeff").lower() for name in names]
    if not any(cleaned):
        raise InputError("the file has no header", allowed=", ".join(table.column_names), where=file_name)
    for column in table.column_names:
        if cleaned.count(column) > 1:
            raise InputError(
                f"the column {column} stands twice in the header", allowed="each column once", where=file_name
            )
    unknown = tuple(
        (names[at] or "").strip() or f"(column {at + 1})"
        for at, name in enumerate(cleaned)
        if name not in table.column_names
    )
    for required in table.required_columns:
        if required not in cleaned:
            raise _missing(table, required, unknown, file_name)
    positions = {column: cleaned.index(column) for column in table.column_names if column in cleaned}
    return Header(len(cleaned), positions, unknown)


def _missing(table: Table, column: str, unknown: Sequence[str], file_name: str) -> InputError:
    # Only a near name is shown: a file without a header has a row of values where the names should be.
    near = difflib.get_close_matches(column, [name.lower() for name in unknown], n=1, cutoff=0.6)
    return InputError(
        f"the required column {column} is missing",
        got=f"a column named {near[0]}" if near else "no column of a similar name",
        allowed=f"a header with {', '.join(table.required_columns)}, and of choice other columns of {table.name}",
        where=f"{file_name}, line 1",
    )
