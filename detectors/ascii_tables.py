"""Tables as people draw them in text: cells parted by ``|`` below a header.

In a cell ``-`` is null, and ``{v=1..40}`` repeats the row for every number (several ranges multiply); later mentions of
the range's name in braces are the same number.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping

Row = dict[str, str | None]

_RANGE = re.compile(r"\{([a-z]+)=(\d+)\.\.(\d+)\}")
_NULL = "-"


class AsciiTables(Mapping[str, tuple[Row, ...]]):
    """Tables by name, out of a text in which blank lines part them and a name stands above each header.

    Rows are written out whenever a table is asked for: those of all specs at once would fill a gigabyte.
    """

    def __init__(self, text: str) -> None:
        """Finds the tables; a line that does not fit its header is told when its table is asked for."""
        blocks = (block.strip().partition("\n") for block in re.split(r"\n\s*\n", text.strip()))
        self._texts = {name.strip(): lines for name, _, lines in blocks}

    def __getitem__(self, name: str) -> tuple[Row, ...]:
        """Rows of a table."""
        return tuple(ascii_rows(self._texts[name]))

    def __iter__(self) -> Iterator[str]:
        """Names in the order of the text."""
        return iter(self._texts)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self._texts)


def ascii_rows(text: str) -> list[Row]:
    """Rows of one table without a name.

    Raises:
        ValueError: a line has more or fewer cells than the header.
    """
    return header_and_rows(text)[1]


def header_and_rows(text: str) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of one table without a name.

    Raises:
        ValueError: a line has more or fewer cells than the header.
    """
    lines = text.strip().splitlines()
    header = tuple(cell.strip() for cell in lines[0].split("|"))
    rows: list[Row] = []
    for line in lines[1:]:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != len(header):
            raise ValueError(f"{len(cells)} cells under {len(header)} columns in: {line.strip()}")
        rows += _repeated(dict(zip(header, cells, strict=True)))
    return header, rows


def _repeated(row: dict[str, str]) -> Iterator[Row]:
    """The row once for every combination of the ranges that its cells name.

    A range, and later mentions of its name in braces, are replaced by the number.
    """
    found = {
        m[1]: [f"{number:02d}" for number in range(int(m[2]), int(m[3]) + 1)]
        for cell in row.values()
        for m in _RANGE.finditer(cell)
    }
    place = {f"{{{name}}}": f"{{{number}}}" for number, name in enumerate(found)}
    moving = {column: _template(cell, place) for column, cell in row.items() if "{" in cell}
    same: Row = {column: None if cell in ("", _NULL) else cell for column, cell in row.items()}
    for numbers in itertools.product(*found.values()):
        yield same | {column: template.format(*numbers) for column, template in moving.items()}


def _template(cell: str, place: Mapping[str, str]) -> str:
    """A cell for ``str.format``: ranges and mentions of their names are places; other braces stand for themselves."""
    parts = re.split(r"(\{[a-z]+\})", _RANGE.sub(r"{\1}", cell))
    return "".join(place.get(part) or part.replace("{", "{{").replace("}", "}}") for part in parts)
