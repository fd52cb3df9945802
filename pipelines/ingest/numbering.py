"""Numbers that rows of a file take: within columns they agree in, or after a text that stands several times.

A form may come as several files, and one of them as several sheets. Numbers within columns (the diagnoses of a visit)
run on over all files of a kind in one extract, in the order of their names; texts that stand several times (a visit
settled twice) are numbered over the sheets of one workbook, as two files may hold the same rows twice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipelines.ingest.profile_values import Step, literal, name
from schemas.profile_shapes import ColumnMapping, TableMapping


@dataclass(frozen=True)
class SourceView:
    """One file of a source, read into a view of text columns.

    Attributes:
        view: name of the view; it has the frame of a row (line and faults) and the columns.
        columns: the profile's source columns that the file has.
        file: tells files and sheets apart; stays where columns are added.
        book: tells workbooks apart; sheets of one have the same.
    """

    view: str
    columns: frozenset[str]
    file: str = ""
    book: str = ""


@dataclass(frozen=True)
class Rows:
    """The rows that numbers are counted over.

    Attributes:
        relation: SQL of the rows of the file, and of others beside it.
        own: number of the file among them (``file_no``); None where it stands alone.
    """

    relation: str
    own: int | None = None

    @property
    def order(self) -> str:
        """SQL that puts files in order, to stand before the line."""
        return "" if self.own is None else "file_no, "

    def only_own(self, texts: str) -> str:
        """The rows of the file itself."""
        return texts if self.own is None else f"select * from ({texts}) as numbered where file_no = {self.own}"


def is_numbered_within(mapping: TableMapping) -> bool:
    """Whether a mapping numbers rows within columns, so that what a file brings depends on the others."""
    return any(origin.number_within is not None for origin in mapping.columns.values())


def rows_to_number(mapping: TableMapping, own: SourceView, files: Sequence[SourceView]) -> Rows:
    """The rows of a file, with those of other files of its kind that its numbers have to count.

    Args:
        mapping: what is made of the file.
        own: the file, maybe with further columns.
        files: every file of the same kind in the extract, by name, the file itself among them.
    """
    within = {origin.number_within for origin in mapping.columns.values() if origin.number_within is not None}
    is_numbered = any(origin.numbered for origin in mapping.columns.values())
    at = next((number for number, file in enumerate(files) if own.file and file.file == own.file), None)
    others = [
        (number, file)
        for number, file in enumerate(files)
        if number != at and (within or (is_numbered and file.book == own.book))
    ]
    if at is None or not others:
        return Rows(own.view)
    keys = () if is_numbered or len(within) != 1 else next(iter(within))
    parts = [f"select *, {at} as file_no, true as is_same_book from {own.view}"]
    for number, file in others:
        is_same = str(file.book == own.book).lower()
        parts.append(f"select *, {number} as file_no, {is_same} as is_same_book from {_sharing(keys, own, file)}")
    return Rows(f"({' union all by name '.join(parts)})", at)


def _sharing(keys: Sequence[str], own: SourceView, file: SourceView) -> str:
    """Rows of another file that agree with a row of the own one in those columns."""
    listed = ", ".join(name(key) for key in keys if key in own.columns and key in file.columns)
    if not listed:
        return file.view
    return f"(select * from {file.view} where ({listed}) in (select ({listed}) from {own.view})) as sharing"


def number_within(origin: ColumnMapping, there: Collection[str], rows: Rows) -> str:
    """SQL of the number of a row among those it agrees with, over all files."""
    within = ", ".join(name(column) for column in origin.number_within or () if column in there)
    leading = [
        f"coalesce({name(column)}, '') not in ({', '.join(literal(value) for value in values)})"
        for column, values in origin.leading.items()
        if column in there
    ]
    order = ", ".join([*leading, f"{rows.order}source_row", "part_no"])
    return f"cast(row_number() over ({f'partition by {within} ' if within else ''}order by {order}) as varchar)"


def numbered(origin: ColumnMapping, within: str, rows: Rows) -> list[Step]:
    """The step that numbers a text from its second time on; over the sheets of the file's workbook."""
    if not origin.numbered:
        return []
    mark, book = literal(origin.separator), "" if rows.own is None else ", is_same_book"

    def step(x: str) -> str:
        number = f"row_number() over (partition by {x}{within}{book} order by {rows.order}line, part_no)"
        return f"case when {number} > 1 then {x} || {mark} || {number} else {x} end"

    return [step]
