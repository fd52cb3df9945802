"""What a canonical table is: one declaration from which DDL, types, constraints and the dictionary are made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds. Ids and codes are text always: type inference ruins 18-digit ids."""

    ID = "id"
    CODE = "code"
    TEXT = "text"
    CHOICE = "choice"
    FLAG = "flag"
    INTEGER = "integer"
    MEASURE = "measure"
    QUANTITY = "quantity"
    MONEY = "money"
    DATE = "date"
    MOMENT = "moment"
    MONTH = "month"


DUCKDB_TYPE: dict[Kind, str] = {
    Kind.ID: "VARCHAR",
    Kind.CODE: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.CHOICE: "VARCHAR",
    Kind.FLAG: "BOOLEAN",
    Kind.INTEGER: "BIGINT",
    Kind.MEASURE: "DOUBLE",
    Kind.QUANTITY: "DECIMAL(18,4)",
    Kind.MONEY: "DECIMAL(18,2)",
    Kind.DATE: "DATE",
    Kind.MOMENT: "TIMESTAMP",
    Kind.MONTH: "VARCHAR",
}
"""DuckDB type of each kind. MONEY is yuan, MOMENT is local wall time to the second, MONTH is ``YYYY-MM`` text."""


class Severity(StrEnum):
    """What a failed constraint does: stop the run, switch off detectors that read the table, or be shown."""

    BLOCKING = "blocking"
    DISABLING = "disabling"
    REPORTED = "reported"


@dataclass(frozen=True)
class Column:
    """One column of a canonical table.

    Attributes:
        name: as it stands in the header of a canonical extract and in the warehouse.
        kind: what it holds; decides type and casting.
        prose, prose_zh: one sentence each, for the dictionary and the pages.
        required: a row without a value is quarantined, a file without the column is refused.
        unit: unit of a number (``yuan``, ``days`` …), else None.
        choices: the closed list of values of a CHOICE column.
        minimum: smallest value that makes sense for a number, inclusive; a row below it is quarantined.
        references: ``table.column`` that the value should be found in.
        stands_in: column of the same row whose value is taken where a pack's CSV leaves the cell or the column out.
    """

    name: str
    kind: Kind
    prose: str
    prose_zh: str
    required: bool = False
    unit: str | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    references: str | None = None
    stands_in: str | None = None

    def stored(self) -> Iterator[tuple[str, str]]:
        """Name and DuckDB type of each warehouse column: a moment also keeps whether its hour is known."""
        yield self.name, DUCKDB_TYPE[self.kind]
        if self.kind is Kind.MOMENT:
            yield has_time(self.name), "BOOLEAN"


def has_time(moment_column: str) -> str:
    """Name of the companion column that is false where a moment came as a bare date (its hour is unknown)."""
    return f"{moment_column}_has_time"


@dataclass(frozen=True)
class Constraint:
    """Something that must hold over a whole table after ingest; the quality gate checks it in the warehouse.

    Attributes:
        name: unique within the table, snake case.
        severity: what happens when it fails.
        prose, prose_zh: the rule in words.
        violation: SQL predicate over one row of the table (alias ``t``) that is true where the rule is broken.
        tolerated_share: share of rows, 0 to 1, that may break the rule before it counts as failed.
    """

    name: str
    severity: Severity
    prose: str
    prose_zh: str
    violation: str
    tolerated_share: float = 0.0


@dataclass(frozen=True)
class Table:
    """One canonical table: its grain, its columns, its key and what must hold over it."""

    name: str
    name_zh: str
    grain: str
    grain_zh: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...] = ()

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name} has no column {name}")

    @property
    def column_names(self) -> tuple[str, ...]:
        """Column names as an extract's header has them."""
        return tuple(column.name for column in self.columns)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Names of the columns without which a file is refused."""
        return tuple(column.name for column in self.columns if column.required)

    def stored_columns(self) -> tuple[tuple[str, str], ...]:
        """Name and DuckDB type of every warehouse column, origin columns last."""
        own = tuple(pair for column in self.columns for pair in column.stored())
        return own + ORIGIN


ORIGIN: tuple[tuple[str, str], ...] = (
    ("batch_id", "VARCHAR"),
    ("source_file", "VARCHAR"),
    ("source_row", "BIGINT"),
)
"""Columns that lead each warehouse row back to a line of an extract: batch, relative path, physical line."""
