"""Writes worksheets: CSV that a spreadsheet opens as text, never over a file that is already there."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reports.lists.safe_text import safe_text
from schemas.errors import UsageError


def check_free(paths: Sequence[Path], overwrite: bool) -> None:
    """Refuse to write over what somebody may have edited.

    Raises:
        UsageError: a file is already there, or its folder is not.
    """
    for path in paths:
        if not path.parent.is_dir():
            raise UsageError("the folder to write into is not there", got=str(path.parent), where="--out")
        if path.is_dir() or (path.exists() and not overwrite):
            raise UsageError(
                "the file is already there",
                got=str(path),
                allowed="another --out, or --overwrite",
                where="--out",
            )


def write_sheet(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """The rows as CSV in UTF-8, each cell inert in a spreadsheet; whole or not at all."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    draft.replace(path)


def review_path(out: Path) -> Path:
    """Where what an analyst must look at goes, beside what was accepted: ``item_map_to_review.csv``."""
    return out.with_name(f"{out.stem}_to_review{out.suffix}")


def _cell(value: str | float | None) -> str:
    """Text made inert; flags as the canonical tables write them; three decimals of a confidence."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return f"{value:.3f}"
    return "" if value is None else safe_text(str(value))
