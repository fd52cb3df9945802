"""The careful reading of a CSV: finds each record, its line and its faults, and writes them out plainly for DuckDB.

DuckDB reads well-formed files several times faster, but gives no line numbers and stops at the first malformed record.
This reading is for files with blank lines, newlines inside quotation marks, ragged rows or stray quotation marks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple, Protocol

from pipelines.ingest.dialect import COMMA, Dialect

MAXIMUM_LINES = 200
"""Lines that one record may span; a quotation mark still open then is taken for a stray one."""
MAXIMUM_CHARACTERS = 500_000
"""Longest record: DuckDB refuses lines above 2,000,000 bytes, and a character has at most four."""


class Record(NamedTuple):
    """One record: the line it starts on (from 1), the lines it spans, its fields as plain CSV, or the fault it has."""

    line: int
    line_count: int
    text: str
    fault: str = ""


class HeadRecord(NamedTuple):
    """One of the first records of a file: its first and last line (from 1), its fields, whether its quotes close."""

    line: int
    last_line: int
    fields: tuple[str, ...]
    is_in_order: bool


class Sieve(Protocol):
    """What keeps rows that are no data out of the records."""

    def suspects(self, line: str) -> bool:
        """Whether a record that starts with this line may be no data; must be quick."""
        ...

    def takes(self, number: int, text: str) -> bool:
        """Whether the whole record that starts on line ``number`` is no data; it is then left out and remembered."""
        ...


def read_records(
    path: Path, width: int, lines_before: int, dialect: Dialect = COMMA, sieve: Sieve | None = None
) -> Iterator[Record]:
    """Every record of a UTF-8 file below its first ``lines_before`` lines.

    Blank lines are passed over, and what the sieve takes; nothing else is.

    Args:
        path: the file.
        width: fields that a record must have.
        lines_before: physical lines up to and with the header.
        dialect: how the file separates its columns.
        sieve: what takes out totals and remarks; None where every row is data.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = _Lines(islice(stream, lines_before, None), lines_before)
        mark = dialect.quote
        for number, line in lines:
            if _is_blank(line, dialect):
                continue
            if sieve is not None and sieve.suspects(line) and _is_taken(number, line, lines, dialect, sieve):
                continue
            if mark and mark in line:
                yield _quoted_record(number, line, lines, width, dialect)
            else:
                yield _plain_record(number, line, width, dialect)


def read_head(path: Path, dialect: Dialect, limit: int) -> list[HeadRecord]:
    """The first records of a file that are not blank, at most ``limit`` of them."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = _Lines(_readable(stream), 0)
        found: list[HeadRecord] = []
        for number, line in lines:
            if _is_blank(line, dialect):
                continue
            taken = _whole_record(line, lines, dialect)
            fields = dialect.split("".join(taken))
            is_in_order = fields is not None
            if fields is None:
                lines.hand_back(taken[1:])
                fields, taken = tuple(line.rstrip("\r\n").split(dialect.delimiter)), taken[:1]
            found.append(HeadRecord(number, number + len(taken) - 1, fields, is_in_order))
            if len(found) == limit:
                break
        return found


def _is_blank(line: str, dialect: Dialect) -> bool:
    # Where columns are separated by tabs, a line of tabs is a row of empty values.
    return not line.strip() and dialect.delimiter not in line


def _is_taken(number: int, line: str, lines: _Lines, dialect: Dialect, sieve: Sieve) -> bool:
    taken = _whole_record(line, lines, dialect)
    if sieve.takes(number, "".join(taken)):
        return True
    lines.hand_back(taken[1:])
    return False


def _readable(stream: Iterator[str]) -> Iterator[str]:
    for line in stream:
        if len(line) > MAXIMUM_CHARACTERS:
            return
        yield line


def write_records(records: Iterable[Record], width: int, target: Path, dialect: Dialect = COMMA) -> int:
    """Write records as text that DuckDB reads without doubt: line, line_count, fault, then ``width`` fields.

    Returns:
        How many records were written.
    """
    count = 0
    mark = dialect.delimiter
    no_fields = mark * (width - 1)
    with target.open("w", encoding="utf-8", newline="") as stream:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last count is the answer
            line, line_count, text, fault = record
            stream.write(f"{line}{mark}{line_count}{mark}{fault}{mark}{no_fields if fault else text}\n")
    return count


class _Lines:
    """Numbered lines that can be handed back, to look ahead and to start again after a stray quotation mark."""

    def __init__(self, stream: Iterator[str], lines_before: int) -> None:
        self._stream, self._handed_back, self._number = stream, deque[str](), lines_before

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while True:
            line = self.take()
            if line is None:
                return
            yield self._number, line

    def take(self) -> str | None:
        line = self._handed_back.popleft() if self._handed_back else next(self._stream, None)
        self._number += line is not None
        return line

    def hand_back(self, lines: list[str]) -> None:
        self._handed_back.extendleft(reversed(lines))
        self._number -= len(lines)


def _plain_record(number: int, line: str, width: int, dialect: Dialect) -> Record:
    if len(line) > MAXIMUM_CHARACTERS:
        return Record(number, 1, "", "line_too_long")
    if line.count(dialect.delimiter) != width - 1:
        return Record(number, 1, "", "ragged_row")
    return Record(number, 1, line.rstrip("\r\n"))


def _quoted_record(number: int, first: str, lines: _Lines, width: int, dialect: Dialect) -> Record:
    taken = _whole_record(first, lines, dialect)
    plain, found_width = _plain_text("".join(taken), dialect)
    if found_width == width:
        return Record(number, len(taken), plain)
    # Only the first line is given up: the lines after it may be records of their own.
    lines.hand_back(taken[1:])
    if len(first) > MAXIMUM_CHARACTERS:
        return Record(number, 1, "", "line_too_long")
    return Record(number, 1, "", "ragged_row" if found_width and len(taken) == 1 else "unbalanced_quotes")


def _whole_record(first: str, lines: _Lines, dialect: Dialect) -> list[str]:
    taken = [first]
    while dialect.quote and dialect.open_record.match("".join(taken)):
        if not _take_through_next_quote(lines, taken, dialect.quote):
            break
    return taken


def _take_through_next_quote(lines: _Lines, taken: list[str], quote: str) -> bool:
    """Take lines up to one that may close the open field; False where there is none within the limits."""
    length = sum(map(len, taken))
    while len(taken) < MAXIMUM_LINES and length <= MAXIMUM_CHARACTERS:
        line = lines.take()
        if line is None:
            return False
        taken.append(line)
        length += len(line)
        if quote in line:
            return True
    return False


def _plain_text(text: str, dialect: Dialect) -> tuple[str, int]:
    """A record that every reader takes alike, and how many fields it has: 0 where it is out of order."""
    if len(text) > MAXIMUM_CHARACTERS:
        return "", 0
    if dialect.strict_record.match(text):
        return text.rstrip("\r\n"), dialect.quoted_part.sub("", text).count(dialect.delimiter) + 1
    fields = dialect.split(text) or ()
    return dialect.join(fields), len(fields)
