"""The careful reading of a CSV: finds each record, its line and its faults, and writes them out plainly for DuckDB.

DuckDB reads well-formed files several times faster, but gives no line numbers and stops at the first malformed record.
This reading is for files with blank lines, newlines inside quotation marks, ragged rows or stray quotation marks.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

_QUOTED = r'"(?:[^"]++|"")*+"'
_FIELD = rf'(?:{_QUOTED}|[^",\r\n][^,\r\n]*+|)'
_RECORD = re.compile(rf"{_FIELD}(?:,{_FIELD})*+[\r\n]*\Z")
_STRICT_FIELD = rf'(?:{_QUOTED}|[^",\r\n]*+)'
_STRICT_RECORD = re.compile(rf"{_STRICT_FIELD}(?:,{_STRICT_FIELD})*+[\r\n]*\Z")
_QUOTED_PART = re.compile(_QUOTED)
_OPEN_RECORD = re.compile(rf'(?:{_FIELD},)*+"(?:[^"]++|"")*+\Z')
_FIELDS = re.compile(r'(?:^|,)(?:"((?:[^"]++|"")*+)"|([^",\r\n][^,\r\n]*+|))')

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
    no_fields = "," * (width - 1)
    with target.open("w", encoding="utf-8", newline="") as stream:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last count is the answer
            line, line_count, text, fault = record
            stream.write(f"{line},{line_count},{fault},{no_fields if fault else text}\n")
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
        return Record(number, 1, "", "line_too_long")
    if line.count(",") != width - 1:
        return Record(number, 1, "", "ragged_row")
    return Record(number, 1, line.rstrip("\r\n"))


def _quoted_record(number: int, first: str, lines: _Lines, width: int) -> Record:
    taken = [first]
    while _OPEN_RECORD.match("".join(taken)):
        if not _take_through_next_quote(lines, taken):
            break
    plain, found_width = _plain_text("".join(taken))
    if found_width == width:
        return Record(number, len(taken), plain)
    # Only the first line is given up: the lines after it may be records of their own.
    lines.hand_back(taken[1:])
    if len(first) > MAXIMUM_CHARACTERS:
        return Record(number, 1, "", "line_too_long")
    return Record(number, 1, "", "ragged_row" if found_width and len(taken) == 1 else "unbalanced_quotes")


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


def _plain_text(text: str) -> tuple[str, int]:
    """A record as CSV that every reader takes alike, and how many fields it has: 0 where it is out of order."""
    if len(text) > MAXIMUM_CHARACTERS:
        return "", 0
    if _STRICT_RECORD.match(text):
        return text.rstrip("\r\n"), _QUOTED_PART.sub("", text).count(",") + 1
    fields = split_fields(text) or ()
    return ",".join('"' + field.replace('"', '""') + '"' if field else "" for field in fields), len(fields)
