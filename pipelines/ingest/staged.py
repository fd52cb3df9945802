"""What every reader hands on: a relation of text columns, and how each row is led back to its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipelines.ingest.header import Header
from pipelines.ingest.locate import SetAside

OriginalText = Callable[[Iterator[tuple[int, int]]], Iterator[str]]
"""Original text of the rows of given (source_row, line_count), which come in ascending order."""


@dataclass(frozen=True)
class Reading:
    """One file, ready to be cast inside DuckDB.

    Attributes:
        header: how its columns stand to the table's.
        relation: SQL of a relation whose columns are ``f0`` … ``f<width-1>`` as text.
        source_row: SQL of the physical line over that relation; None where it is the row's order plus ``first_row``.
        line_count: SQL of the physical lines that the row spans.
        structure_fault: SQL of a fault that makes the row unreadable as a whole (``reason``), else null.
        cell_faults: SQL of faults seen by the reader in single cells (``reason:column;…``), else null.
        original_text: gives the original text of rows that are quarantined.
        first_row: line of the first row where ``source_row`` is None.
        has_odd_blanks: whether values may start or end in tabs, line ends or byte order marks; a plain trim is faster.
        has_blanks: whether values may start or end in spaces; else nothing is trimmed at all.
        row_count: rows the relation must have, where that is known beforehand.
        set_aside: rows above, between and below the data that are no data; they are not in the relation.
        unread_sheets: names of further sheets with content, which were not read.
        written_as: encoding or sheet, delimiter, line of the header, for people.
    """

    header: Header
    relation: str
    original_text: OriginalText
    source_row: str | None = None
    line_count: str = "1"
    structure_fault: str = "null"
    cell_faults: str = "null"
    first_row: int = 2
    has_odd_blanks: bool = True
    has_blanks: bool = True
    row_count: int | None = None
    set_aside: tuple[SetAside, ...] = ()
    unread_sheets: tuple[str, ...] = ()
    written_as: str = ""
