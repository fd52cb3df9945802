"""What ``profile check`` tells of one file: columns, conversions and suggestions, without a single value of a row."""

from __future__ import annotations

from pydantic import Field

from schemas.card import Frozen


class ColumnUse(Frozen):
    """One column that a profile knows.

    Attributes:
        column: its name in the profile.
        header: the name it has in the file; None where it is missing.
        required: whether the file is refused without it.
        suggestion: an unknown column of the file with a similar name, where it is missing.
        feeds: ``table.column`` that it goes into.
    """

    column: str
    header: str | None
    required: bool
    suggestion: str | None = None
    feeds: tuple[str, ...] = ()


class Conversion(Frozen):
    """How the values of one canonical column convert, among the rows that were looked at.

    Attributes:
        column: ``table.column``.
        filled: rows that have something there. converted, faulty: those that convert, and that do not.
        reasons: faults by reason code.
        patterns: shapes of values that do not convert, with their number: 9 a digit, A a letter, 字 another sign.
    """

    column: str
    filled: int
    converted: int
    faulty: int
    reasons: dict[str, int] = Field(default_factory=dict)
    patterns: dict[str, int] = Field(default_factory=dict)


class ProfileReport(Frozen):
    """One file against a profile.

    Attributes:
        source_file, kind: the file, and what the profile takes it for.
        written_as: encoding or sheet, delimiter, line of the header.
        rows: rows of data. set_aside: rows that are no data, by kind.
        columns: every column of the profile. unused: columns of the file that it does not know.
        tables: rows that go into each canonical table. excluded: rows that a table's conditions leave out, by reason.
        conversions: every canonical column that the file fills.
        problems: why the file would be refused; empty where it would be taken in.
    """

    source_file: str
    kind: str
    written_as: str
    rows: int
    set_aside: dict[str, int]
    columns: tuple[ColumnUse, ...]
    unused: tuple[str, ...]
    tables: dict[str, int]
    excluded: dict[str, dict[str, int]]
    conversions: tuple[Conversion, ...]
    problems: tuple[str, ...]
