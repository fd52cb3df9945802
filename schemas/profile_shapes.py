"""The shapes of a source profile: what a person may write in ``schemas/profiles/<name>.toml``; see README.md there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas.card import Text
from schemas.pack_toml import StrictFrozen, Word

Normalisation = Literal["department", "halfwidth", "upper", "digits"]
"""department: a national code as ``32.02``; halfwidth: full-width signs; upper: capitals; digits: 0-9 only."""

Words = Annotated[tuple[Word, ...], Field(strict=False)]
Values = Annotated[tuple[str, ...], Field(strict=False)]


class SourceColumn(StrictFrozen):
    """One column of a source file.

    Attributes:
        aliases: names it has in headers, the likeliest first; its own name where none are given.
        required: a file without it is refused.
        may_repeat: the header may hold it twice; the first is read, the others are reported as unknown.
    """

    aliases: Words = ()
    required: bool = False
    may_repeat: bool = False


class SourceFile(StrictFrozen):
    """One kind of file.

    Attributes:
        files: globs on the name of a file without its suffix, in any case; the longest that fits decides.
        sheets: names of the sheet that is meant, where a workbook has several.
        has_preamble: instructions and data types may stand above the header.
        has_footers: totals and remarks may stand below the data.
        columns: the columns that mappings may name.
    """

    files: Words
    sheets: Words = ()
    has_preamble: bool = False
    has_footers: bool = False
    columns: dict[Word, SourceColumn]


class Condition(StrictFrozen):
    """Which rows are taken; others are set aside, counted under ``reason``.

    Attributes:
        column: a source column; the condition holds where the file does not have it.
        in_: values that are taken; ``""`` is an empty cell.
        not_in: values that are not taken.
        reason: one word for the account of the file.
    """

    column: Word
    in_: Values | None = Field(default=None, alias="in")
    not_in: Values | None = None
    reason: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "excluded"

    @model_validator(mode="after")
    def _one_list(self) -> Condition:
        if (self.in_ is None) == (self.not_in is None):
            raise ValueError("either in or not_in is needed")
        return self


class Join(StrictFrozen):
    """Another source, one row of which is laid beside each row.

    Attributes:
        source: the other source; a profile works without its file, the columns are absent then.
        on: own column (or ``other.column`` of an earlier join) to column of the other source.
        sum: columns of the other source that are summed over its rows of the same key; of all others the first
            value that is filled counts.
        where: rows of the other source that count; its columns are named without the source.
        not_after, contains, prefer: own column to column of the other source, for a source that no number leads to: at
            most one row is taken, whose day is not after the own one and whose text has the own text in it; the newest,
            then the one whose texts have most of the preferred ones; none where different rows are left.
    """

    source: Word
    on: Annotated[dict[Word, Word], Field(min_length=1)]
    sum: Words = ()
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()
    not_after: dict[Word, Word] = Field(default_factory=dict)
    contains: dict[Word, Word] = Field(default_factory=dict)
    prefer: dict[Word, Word] = Field(default_factory=dict)


ORIGINS = ("column", "first_of", "concat", "constant", "person", "number_within", "source_row")
"""Keys of which each column mapping has exactly one."""


class ColumnMapping(StrictFrozen):
    """Where the value of one canonical column comes from, and what is done to it, in the order of the attributes.

    Attributes:
        column: a source column, or ``source.column`` of a join.
        first_of: columns, of which the first filled one counts.
        concat: columns whose values are joined by ``separator``; empty where all are.
        constant: the same text in every row.
        person: columns that tell a person apart, such as institution and name; gives an id that is a keyed hash.
        number_within: 1, 2, 3 … over the rows of a file that agree in these columns, in the order of lines.
        leading: for ``number_within``, values of columns whose rows are numbered first.
        source_row: true gives the line in the file.
        separator: between the parts of ``concat``.
        numbered: rows of a file with the same value get ``separator`` and 2, 3 … at its end from the second on.
        split: the value is cut at this sign, or any of these, and every part makes a row; all split columns of a
            table go in step.
        nulls: values that mean: nothing. unless_same_as: nothing, where it equals the value of this column.
        extract: a regular expression; its first group, or else the whole match, is taken.
        normalise: see ``Normalisation``.
        map: value to value; ``otherwise`` for all others that are filled, and where it is not given they stay.
        formats: strptime formats, or ``excel`` for a spreadsheet's serial number; then ISO is tried.
        zone: a moment in UTC becomes local time of this zone, such as ``Asia/Shanghai``.
        unit_factor: the number is multiplied by it. decimals: the number is rounded to so many, half away from zero.
    """

    column: Word | None = None
    first_of: Words | None = None
    concat: Words | None = None
    constant: str | None = None
    person: Words | None = None
    number_within: Words | None = None
    leading: dict[Word, Values] = Field(default_factory=dict)
    source_row: Literal[True] | None = None
    separator: str = "|"
    numbered: bool = False
    split: Word | None = None
    nulls: Values = ()
    unless_same_as: Word | None = None
    extract: Word | None = None
    normalise: Normalisation | None = None
    map: dict[str, str] = Field(default_factory=dict)
    otherwise: str | None = None
    formats: Words = ()
    zone: Word | None = None
    unit_factor: Annotated[str, Field(pattern=r"^\d{1,9}(\.\d{1,6})?$")] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> ColumnMapping:
        if sum(getattr(self, origin) is not None for origin in ORIGINS) != 1:
            raise ValueError(f"exactly one of {', '.join(ORIGINS)} is needed")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it takes its value from."""
        single = (self.column,) if self.column is not None else ()
        return (*single, *(self.first_of or ()), *(self.concat or ()), *(self.person or ()))

    @property
    def named(self) -> tuple[str, ...]:
        """Every column that it names."""
        same = (self.unless_same_as,) if self.unless_same_as else ()
        return (*self.columns, *(self.number_within or ()), *self.leading, *same)


def _from_name(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class TableMapping(StrictFrozen):
    """How rows of one source become rows of one canonical table; a table may stand several times.

    Attributes:
        name: the canonical table. from_: the source.
        when_absent: applied only to extracts without any file of these sources.
        joins: other sources beside each row. where: which rows are taken.
        distinct: rows of a file with the same key are one, the first by line; the others count as duplicates.
        only_new: rows whose key the warehouse has already count as duplicates and change nothing.
        optional: a file without the columns that the table needs brings it nothing; so it is with ``distinct`` always.
        institution: the column that scopes ids, where the table has no ``institution_id`` of its own.
        columns: canonical column to its origin.
    """

    name: Word
    from_: Word = Field(alias="from")
    when_absent: Words = ()
    joins: Annotated[tuple[Join, ...], Field(strict=False)] = ()
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()
    distinct: bool = False
    only_new: bool = False
    optional: bool = False
    institution: Word | None = None
    columns: dict[Word, Annotated[ColumnMapping, BeforeValidator(_from_name)]]


class Refunds(StrictFrozen):
    """Whole settlements that were refunded: the lines of the refund and of what it refunds are marked void.

    Attributes:
        source: the source of settlements. claim_id: its column with the settlement's id, as in ``claim_line.claim_id``.
        original: the column that names the settlement which is refunded.
        flag, values: the column that says: refund, and its values that say so.
        amount: the total; a refund of another amount than the original's is partial, and voids nothing.
        where: which rows of the source count.
    """

    source: Word
    claim_id: Word
    original: Word
    flag: Word
    values: Words
    amount: Word
    where: Annotated[tuple[Condition, ...], Field(strict=False)] = ()


class Profile(StrictFrozen):
    """A whole profile as written.

    Attributes:
        name, version, title: what it is called; the content's hash is added on loading.
        tables_as_sources: every canonical table is a source with its own columns, and nothing is mapped.
        scope_ids_by: ``institution`` where ids are unique within an institution only; they are then written
            ``institution:id``. Ids of patients and institutions stay.
        keep_names: whether names of practitioners and mobile numbers in free text are loaded; by default they are
            dropped. Resident ids in free text are masked always.
        source: kinds of files. table: mappings, in the order of loading within a canonical table.
        refunds: how refunded settlements are told.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]
    version: Word
    title: Text
    tables_as_sources: bool = False
    scope_ids_by: Literal["", "institution"] = ""
    keep_names: bool = False
    source: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], SourceFile] = Field(default_factory=dict)
    table: Annotated[tuple[TableMapping, ...], Field(strict=False)] = ()
    refunds: Refunds | None = None
    sha256: str = ""

    @property
    def identity(self) -> str:
        """What stands for the profile in a batch: its name, and for all but the plain one its content."""
        if self.tables_as_sources:
            return f"{self.name} keep_names" if self.keep_names else self.name
        return f"{self.name} {self.version} {self.sha256[:16]}"
