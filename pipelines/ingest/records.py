"""The careful reading of a CSV: finds each record, its line and its faults, and writes them out plainly for DuckDB.

DuckDB reads well-formed files several times faster, but gives no line numbers and stops at the first malformed record.
This reading is for files with blank lines, newlines inside quotation marks, ragged rows or stray quotation marks.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

_QUOTED = r'"(?:[^"]++|"")*+"'
_FIELD = rf'(?:{_QUOTED}|[^",\r\n][^,\r\n]*+|)'
_RECORD = re.compile(rf"{_FIELD}(?:,{_FIELD})*+[\r\n]*\Z")
_OPEN_RECORD = re.compile(rf'(?:{_FIELD},)*+"(?:[^"]++|"")*+\Z')
_FIELDS = re.compile(r'(?:^|,)(?:"((?:[^"]++|"")*+)"|([^",\r\n][^,\r\n]*+|))')

MAXIMUM_LINES = 200
"""Lines that one record may span; a quotation mark still open then is taken for a stray one."""
MAXIMUM_CHARACTERS = 500_000
"""Longest record: DuckDB refuses lines above 2,000,000 bytes, and a character has at most four."""


@dataclass(frozen=True)
class Record:
    """One record: the physical line it starts on (from 1), the lines it spans, its fields, or the fault it has."""

    line: int
    line_count: int
    fields: tuple[str, ...]
    fault: str | None = None


def split_fields(text: str) -> tuple[str, ...] | None:
    """Fields of one whole record; None where its quotation marks are not in order."""
    if _RECORD.match(text) is None:
        return None
    return tuple(
        plain if quoted is None else quoted.replace('""', '"')
        for quoted, plain in (match.groups() for match in _FIELDS.finditer(text.rstrip("\r\n")))
    )


def read_records(path: Path, width: int, header_line: int) -> Iterator[Record]:
    """Every record below the header of a UTF-8 file; blank lines are passed over, nothing else is."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = _Lines(islice(stream, header_line, None), header_line)
        for number, line in lines:
            if not line.strip():
                continue
            yield _quoted_record(number, line, lines, width) if '"' in line else _plain_record(number, line, width)


def write_records(records: Iterable[Record], width: int, target: Path) -> int:
    """Write records as CSV that DuckDB reads without doubt: line, line_count, fault, then ``width`` fields.

    Returns:
        How many records were written.
    """
    count = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last count is the answer
            fields = record.fields if record.fault is None else ("",) * width
            stream.write(f"{record.line},{record.line_count},{record.fault or ''},{_joined(fields)}\n")
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


def _plain_record(number: int, line: str, width: int) -> Record:
    if len(line) > MAXIMUM_CHARACTERS:
        return Record(number, 1, (), "line_too_long")
    fields = tuple(line.rstrip("\r\n").split(","))
    return Record(number, 1, fields) if len(fields) == width else Record(number, 1, (), "ragged_row")


def _quoted_record(number: int, first: str, lines: _Lines, width: int) -> Record:
    taken = [first]
    while _OPEN_RECORD.match("".join(taken)):
        if not _take_through_next_quote(lines, taken):
            break
    text = "".join(taken)
    fields = split_fields(text) if len(text) <= MAXIMUM_CHARACTERS else None
    if fields is not None and len(fields) == width:
        return Record(number, len(taken), fields)
    # Only the first line is given up: the lines after it may be records of their own.
    lines.hand_back(taken[1:])
    if len(first) > MAXIMUM_CHARACTERS:
        return Record(number, 1, (), "line_too_long")
    return Record(number, 1, (), "ragged_row" if fields is not None and len(taken) == 1 else "unbalanced_quotes")


def _take_through_next_quote(lines: _Lines, taken: list[str]) -> bool:
    """Take lines up to one that may close the open field; False where there is none within the limits."""
    length = sum(map(len, taken))
    while len(taken) < MAXIMUM_LINES and length <= MAXIMUM_CHARACTERS:
        line = lines.take()
        if line is None:
            return False
        taken.append(line)
        length += len(line)
        if '"' in line:
            return True
    return False


def _joined(fields: tuple[str, ...]) -> str:
    return ",".join(f'"{field.replace(chr(34), chr(34) * 2)}"' if field else "" for field in fields)
