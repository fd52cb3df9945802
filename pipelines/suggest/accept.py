"""Turns worksheets that an analyst has edited into an item_map.csv that a pack takes."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines.suggest.files import check_free, write_sheet
from pipelines.suggest.item_rows import ITEM_MAP_COLUMNS, is_odd
from schemas.errors import UsageError
from schemas.pack import Pack
from schemas.pack_csv import decode, read_table
from schemas.policy_examinations import ITEM_MAP

YES = ("1", "x", "y", "yes", "true", "是", "√", "✓")
"""What an analyst may write into the column ``accept``."""


def accept_sheets(sheets: Sequence[Path], pack: Pack, out: Path, overwrite: bool) -> int:
    """Write the accepted rows of all sheets, each once, by local code; returns how many.

    A sheet with a column ``accept`` gives the rows that say yes there, one without it (an item_map.csv) gives all.

    Raises:
        UsageError: a sheet is no worksheet, a row names no item of the pack, or ``out`` is already there.
        PackError: two rows map one local code at the same time.
    """
    check_free([out], overwrite)
    items = frozenset(pack.tables["exam_items"]["item_code"])
    rows = {row for sheet in sheets for row in _accepted(sheet, items)}
    draft = out.with_name(f".{out.name}.draft")
    try:
        write_sheet(draft, ITEM_MAP_COLUMNS, [dict(zip(ITEM_MAP_COLUMNS, row, strict=True)) for row in sorted(rows)])
        read_table(draft, ITEM_MAP)
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return len(rows)


def _accepted(sheet: Path, items: frozenset[str]) -> Iterator[tuple[str, ...]]:
    if not sheet.is_file():
        raise UsageError("there is no such worksheet", got=str(sheet), where="SHEET")
    reader = csv.DictReader(io.StringIO(decode(sheet), newline=""))
    names = reader.fieldnames or ()
    if not {"local_item_code", "item_code"} <= set(names):
        raise UsageError(
            "a file is no worksheet",
            got=", ".join(names) or "no header",
            allowed="a file of `catalogue suggest`, with local_item_code and item_code",
            where=str(sheet),
        )
    for row in reader:
        cells = {name: (row.get(name) or "").strip() for name in (*ITEM_MAP_COLUMNS, "accept")}
        if "accept" in names and cells["accept"].lower() not in YES:
            continue
        _check(cells, items, f"{sheet} line {reader.line_num}")
        yield tuple(cells[name] for name in ITEM_MAP_COLUMNS)


def _check(cells: dict[str, str], items: frozenset[str], where: str) -> None:
    code = cells["local_item_code"]
    if not code or is_odd(code.removeprefix("'")):
        raise UsageError(
            "a local code cannot stand in a mapping as it is",
            got="an empty code, or one that a spreadsheet changes",
            allowed="a code that is plain text; open the sheet with its columns as text",
            where=f"{where}, column local_item_code",
        )
    if cells["item_code"] not in items:
        raise UsageError(
            "an accepted row names no item of the pack",
            got="a code that exam_items.csv does not have",
            allowed="an item_code of the pack, leading zeros included; open the sheet with its columns as text",
            where=f"{where}, column item_code",
        )
