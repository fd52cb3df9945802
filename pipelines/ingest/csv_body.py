"""The rows of a text file without what stands above and below them, so that the quick reading sees data alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

from pipelines.ingest.decoding import Decoded
from pipelines.ingest.locate import SetAside

_TAIL_BYTES = 1 << 16
_COPY_BYTES = 4 << 20
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class Footers(Protocol):
    """Tells totals and remarks from data."""

    def suspects(self, line: str) -> bool:
        """Whether a record that starts with this line may be no data."""
        ...

    def kind(self, text: str) -> str | None:
        """Kind of a whole record; None where it is data."""
        ...


@dataclass(frozen=True)
class Body:
    """Bytes ``start`` to ``stop`` of a file: its rows, one a line if all is well.

    Attributes:
        path: the file.
        start, stop: where the rows start and end.
        line_count: physical lines between.
        set_aside: rows below the data.
        is_whole_file: whether nothing but a header of one line stands round the rows, so that no copy is needed.
    """

    path: Path
    start: int
    stop: int
    line_count: int
    set_aside: tuple[SetAside, ...]
    is_whole_file: bool

    def copy_to(self, scratch: Path) -> Path:
        """A file of these rows alone."""
        copy = scratch / f"body_{len(list(scratch.iterdir()))}.csv"
        with self.path.open("rb") as stream, copy.open("wb") as target:
            stream.seek(self.start)
            left = self.stop - self.start
            while left and (chunk := stream.read(min(left, _COPY_BYTES))):
                target.write(chunk)
                left -= len(chunk)
        return copy


def find_body(decoded: Decoded, lines_before: int, footers: Footers | None) -> Body:
    """The rows below the first ``lines_before`` lines and above the totals and remarks at the end."""
    size = decoded.path.stat().st_size
    if footers is None:
        start = 0 if lines_before == 1 else _offset(decoded.path, lines_before)
        rows = decoded.line_count - lines_before
        return Body(decoded.path, start, size, rows, (), is_whole_file=lines_before == 1)
    start = _offset(decoded.path, lines_before)
    stop, last_line, set_aside = _tail(decoded, start, footers)
    is_whole = lines_before == 1 and not set_aside
    return Body(decoded.path, start, size if is_whole else stop, last_line - lines_before, set_aside, is_whole)


def _offset(path: Path, lines: int) -> int:
    with path.open("rb") as stream:
        mark = 3 if stream.read(3) == b"\xef\xbb\xbf" else 0
    with path.open(encoding="utf-8-sig", newline="") as text:
        return mark + sum(len(line.encode()) for line in islice(text, lines))


def _tail(decoded: Decoded, start: int, footers: Footers) -> tuple[int, int, tuple[SetAside, ...]]:
    """Where the rows end, the number of their last line, and what stands below them."""
    size = decoded.path.stat().st_size
    begin = max(start, size - _TAIL_BYTES)
    with decoded.path.open("rb") as stream:
        stream.seek(begin)
        tail = stream.read().rstrip(b"\r\n")
    lines = [match for match in _LINE.finditer(tail) if match.group()]
    # A first line that is cut in the middle is not looked at.
    whole = lines if begin == start else lines[1:]
    found, rows = list[SetAside](), (size, decoded.line_count)
    for number, match in zip(range(decoded.line_count, 0, -1), reversed(whole), strict=False):
        text = match.group().decode()
        kind = footers.kind(text) if footers.suspects(text) else None
        if kind is not None:
            found.append(SetAside(kind, number))
            rows = begin + match.start(), number - 1
        elif text.strip():
            break
    return (*rows, tuple(reversed(found)))
