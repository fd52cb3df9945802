"""Delimited text: a quick reading where every line is one record, else a careful one that finds lines and faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest.csv_body import Body, find_body
from pipelines.ingest.decoding import Decoded, decode_file
from pipelines.ingest.dialect import COMMA, Dialect, dialects_of
from pipelines.ingest.header import Header
from pipelines.ingest.locate import (
    FOOTER_WORDS,
    HEAD_RECORDS,
    Layout,
    SetAside,
    find_header,
    footer_kind,
    has_required,
    kind_below_header,
    known_names,
    preamble_kind,
)
from pipelines.ingest.records import MAXIMUM_CHARACTERS, HeadRecord, read_head, read_records, write_records
from pipelines.ingest.scratch import quoted, readable_path
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import Reading
from schemas.errors import InputError

_HEAD_CHARACTERS = 1 << 18
_BLANKS = " \t\u3000\ufeff'\""
"""What may stand before the first word of a total or remark."""
_BLANKS_SQL = " || ".join(f"chr({ord(blank)})" for blank in _BLANKS)


@dataclass(frozen=True)
class _Head:
    """What stands above the data: dialect, header, rows that are no data, and the last line before the data."""

    dialect: Dialect
    record: HeadRecord
    set_aside: tuple[SetAside, ...]
    lines_before: int


def read_csv(source: Source, scratch: Path) -> Iterator[Reading]:
    """Readings of a delimited text file, the quick one first.

    Args:
        source: the file.
        scratch: a private folder for copies.

    Raises:
        InputError: the file cannot be decoded, has no header, or a required column is missing.
    """
    layout = source.layout
    decoded = source.text or decode_file(source.path, scratch)
    head = _read_head(decoded.path, layout, source.name)
    header = layout.match(head.record.fields, source.name)
    return _readings(decoded, header, head, layout, scratch)


def _readings(decoded: Decoded, header: Header, head: _Head, layout: Layout, scratch: Path) -> Iterator[Reading]:
    # Lines equal to records means that no record spans lines and none is blank, so line numbers can be counted off.
    # A file of one column is left to the careful reading: there a blank line and an empty value look the same.
    if header.width > 1 and head.record.is_in_order:
        footers = _FooterSieve(head.dialect, header.width) if layout.has_footers else None
        body = find_body(decoded, head.lines_before, footers)
        yield _quick_reading(decoded, header, head, body, layout, scratch)
    sieve = _FooterSieve(head.dialect, header.width) if layout.has_footers else None
    plain = scratch / f"records_{len(list(scratch.iterdir()))}.csv"
    records = read_records(decoded.path, header.width, head.lines_before, head.dialect, sieve)
    count = write_records(records, header.width, plain, head.dialect)
    own = ["line", "line_count", "fault"]
    yield Reading(
        header,
        relation=_relation(str(plain), [*own, *(f"f{at}" for at in range(header.width))], False, head.dialect),
        original_text=lambda rows: _original_text(decoded.path, rows),
        source_row="line",
        line_count="line_count",
        structure_fault="fault",
        row_count=count,
        set_aside=(*head.set_aside, *(sieve.taken if sieve else ())),
        written_as=_written_as(decoded, head),
    )


def _quick_reading(decoded: Decoded, header: Header, head: _Head, body: Body, layout: Layout, scratch: Path) -> Reading:
    has_header = body.is_whole_file
    path = decoded.path if has_header else body.copy_to(scratch)
    columns = [f"f{at}" for at in range(header.width)]
    relation = _relation(readable_path(path, scratch), columns, has_header, head.dialect)
    if layout.has_footers:
        # A subtotal among the rows makes this reading one row short, so that the careful one is taken.
        relation = f"(select * from {relation} where not {_may_be_footer(columns)}) as body"
    return Reading(
        header,
        relation=relation,
        original_text=lambda rows: _original_text(decoded.path, rows),
        has_odd_blanks=decoded.has_odd_blanks,
        has_blanks=decoded.has_blanks or decoded.has_odd_blanks,
        first_row=head.lines_before + 1,
        row_count=body.line_count,
        set_aside=(*head.set_aside, *body.set_aside),
        written_as=_written_as(decoded, head),
    )


def _written_as(decoded: Decoded, head: _Head) -> str:
    return f"{decoded.encoding}, delimiter {head.dialect.delimiter!r}, header in line {head.record.line}"


def _may_be_footer(columns: list[str]) -> str:
    """Whether the first filled cell begins with a word of totals or remarks, as the sieve suspects it."""
    filled = ", ".join(f"nullif(trim({column}, {_BLANKS_SQL}), '')" for column in columns)
    first = f"coalesce({filled}, '1')"
    words = f"regexp_matches({first}, '^(?i:{'|'.join(FOOTER_WORDS)})')"
    # Most forms begin with a number of the row: that is told without a pattern.
    return f"case when ascii({first}) between 48 and 57 then false else {words} end"


def _relation(path: str, columns: list[str], has_header: bool, dialect: Dialect) -> str:
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv({quoted(path)}, auto_detect = false, columns = {{{types}}}, header = {str(has_header).lower()}, "
        f"{dialect.sql}, strict_mode = true, compression = 'none', hive_partitioning = false)"
    )


def _read_head(path: Path, layout: Layout, file_name: str) -> _Head:
    dialects = _dialects(path, layout)
    found = _best_header(path, dialects, dialects, layout, file_name)
    if layout.has_preamble and not has_required(found[1][found[2]].fields, layout):
        # A quotation mark that never closes among the instructions must not swallow the header.
        plain = tuple(Dialect(dialect.delimiter, "") for dialect in dialects)
        again = _best_header(path, dialects, plain, layout, file_name)
        found = again if has_required(again[1][again[2]].fields, layout) else found
    dialect, records, at = found
    record = records[at]
    if not record.is_in_order:
        raise InputError(
            "the header's quotation marks are not in order",
            allowed="column names, in quotation marks that close or in none",
            where=f"{file_name}, line {record.line}",
        )
    above = [SetAside(kind, r.line) for r in records[:at] if (kind := preamble_kind(r.fields)) is not None]
    lines_before, below = record.last_line, list[SetAside]()
    for r in records[at + 1 :] if layout.has_preamble else ():
        kind = kind_below_header(r.fields, len(record.fields))
        if kind is None:
            break
        below.append(SetAside(kind, r.line))
        lines_before = r.last_line
    return _Head(dialect, record, (*above, *below), lines_before)


def _best_header(
    path: Path, dialects: Sequence[Dialect], read_as: Sequence[Dialect], layout: Layout, file_name: str
) -> tuple[Dialect, list[HeadRecord], int]:
    """Of the dialects the one with most of the header: it, the first records, and the header's place among them."""
    heads = [(dialect, read_head(path, other, HEAD_RECORDS)) for dialect, other in zip(dialects, read_as, strict=True)]
    if not heads[0][1]:
        raise _no_header(path, file_name)
    found = [(dialect, records, find_header([r.fields for r in records], layout)) for dialect, records in heads]

    def score(one: tuple[Dialect, list[HeadRecord], int]) -> tuple[bool, int]:
        names = one[1][one[2]].fields
        return has_required(names, layout), known_names(names, layout)

    return max(found, key=score)


def _no_header(path: Path, file_name: str) -> InputError:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = next((line for line in iter(lambda: stream.readline(MAXIMUM_CHARACTERS + 1), "") if line.strip()), "")
    if first:
        return InputError(
            "the file's first line is too long to be a header",
            got=f"more than {MAXIMUM_CHARACTERS} characters",
            allowed="column names on lines that end in LF or CR",
            where=file_name,
        )
    return InputError(
        "the file is empty", got="blank lines only", allowed="a header and rows, or a header alone", where=file_name
    )


def _dialects(path: Path, layout: Layout) -> tuple[Dialect, ...]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read(_HEAD_CHARACTERS)
    if not layout.has_preamble:
        text = text.lstrip().partition("\n")[0].partition("\r")[0]
    return tuple(dict.fromkeys((*dialects_of(text), COMMA)))


class _FooterSieve:
    """Takes totals and remarks out of the records, and remembers their lines."""

    def __init__(self, dialect: Dialect, width: int) -> None:
        self._dialect, self._width = dialect, width
        self._blanks = f"{_BLANKS}{dialect.delimiter}"
        self.taken: list[SetAside] = []

    def suspects(self, line: str) -> bool:
        """Whether the first filled cell begins with a word of totals or remarks."""
        return line.lstrip(self._blanks)[:16].lower().startswith(FOOTER_WORDS)

    def kind(self, text: str) -> str | None:
        """Kind of a whole record; None where it is data."""
        fields = self._dialect.split(text)
        return None if fields is None else footer_kind(fields, self._width)

    def takes(self, number: int, text: str) -> bool:
        """Whether the record is a total or a remark."""
        kind = self.kind(text)
        if kind is not None:
            self.taken.append(SetAside(kind, number))
        return kind is not None


def _original_text(path: Path, rows: Iterator[tuple[int, int]]) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = enumerate(stream, start=1)
        for first, count in rows:
            wanted = (line for number, line in lines if number >= first)
            # The count comes first in zip, else it would take one line too many from the stream.
            yield "".join(line for _, line in zip(range(count), wanted, strict=False)).rstrip("\r\n")
