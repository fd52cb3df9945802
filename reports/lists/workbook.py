"""leads.xlsx: a workbook that inspectors fill in, with typed cells and nothing a spreadsheet runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

import xlsxwriter

from reports.lists.by_lot import by_lot_sheets
from reports.lists.guide import CODE_COLUMNS, GUIDE_COLUMNS, choices, code_rows, guide_rows
from reports.lists.rows import about_rows, detector_rows, finding_rows, lead_rows, seal_of
from reports.lists.sheet import ABOUT_COLUMNS, DETECTOR_COLUMNS, Column, Sheet
from reports.lists.sheet_writer import SheetWriter
from reports.lists.working_columns import (
    FINDING_SHEET_COLUMNS,
    LEAD_SHEET_COLUMNS,
    PRINTED_FINDING_COLUMNS,
    PRINTED_LEAD_COLUMNS,
)
from reports.run_folder import Run, read_run

ROWS_OF_A_SHEET = 1_048_575
"""Rows below the header that the format can hold."""

LISTS = "lists"
"""The hidden sheet that drop-downs choose from."""

OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}

EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # a fixed stamp, so that equal runs give equal workbooks


def write_workbook(run: Path, key: bytes) -> Path:
    """Writes leads.xlsx into a run folder and returns its path.

    Args:
        run: the run folder.
        key: the workspace's signing key.

    Raises:
        UsageError: the folder lacks a file of a run.
    """
    return write_sheets(read_run(run), run / "leads.xlsx", key)


def write_sheets(run: Run, target: Path, key: bytes) -> Path:
    """Writes the workbook of a run that was read to any path; rows beyond a sheet's limit go to a next sheet.

    The links of the workbook lead from where it stands to the pages of the run.
    """
    lists = choices(run)
    with xlsxwriter.Workbook(target, OPTIONS) as book:
        book.set_properties({"title": f"exam-audit {run.manifest.run_id}", "created": EPOCH})
        way = os.path.relpath(run.folder.absolute(), target.absolute().parent)
        writer = SheetWriter(book, run.manifest.run_id, Path(way).as_posix(), _ranges(lists))
        for sheet in _sheets(run, key, lists):
            writer.write(sheet)
    return target


def _ranges(lists: dict[str, list[str]]) -> dict[str, str]:
    """Where each list stands on the hidden sheet; an empty one stands nowhere."""
    columns = zip("ABCDEFGH", lists.items(), strict=False)
    return {name: f"={LISTS}!${letter}$2:${letter}${len(own) + 1}" for letter, (name, own) in columns if own}


def _sheets(run: Run, key: bytes, lists: dict[str, list[str]]) -> Iterator[Sheet]:
    """The sheets in order; one that is too long goes on in ``name 2``, ``name 3`` and so on."""
    detectors, about, codes, seal = detector_rows(run), about_rows(run), list(code_rows(run)), seal_of(run, key)
    guide = guide_rows()
    leads, findings = lead_rows(run, seal), finding_rows(run, seal)
    filled_in: dict[str, Any] = {"frozen": 2, "is_tall": True}
    for whole in (
        Sheet("leads", LEAD_SHEET_COLUMNS, run.leads.height, leads, PRINTED_LEAD_COLUMNS, **filled_in),
        Sheet("findings", FINDING_SHEET_COLUMNS, run.findings.height, findings, PRINTED_FINDING_COLUMNS, **filled_in),
        Sheet("how to fill in", GUIDE_COLUMNS, len(guide), iter(guide), is_tall=True),
        Sheet("codes", CODE_COLUMNS, len(codes), iter(codes), is_tall=True),
        *by_lot_sheets(run, seal),
        Sheet("detectors", DETECTOR_COLUMNS, len(detectors), iter(detectors)),
        Sheet("about", ABOUT_COLUMNS, len(about), iter(about)),
        _list_sheet(lists),
    ):
        for number, start in enumerate(range(0, max(whole.height, 1), ROWS_OF_A_SHEET), start=1):
            name = whole.name if number == 1 else f"{whole.name} {number}"
            height = min(whole.height - start, ROWS_OF_A_SHEET)
            yield replace(whole, name=name, height=height, rows=islice(whole.rows, height))


def _list_sheet(lists: dict[str, list[str]]) -> Sheet:
    """The hidden sheet: one column a list."""
    columns = [Column(name, "可选值", width=30) for name in lists]
    rows = list(zip_longest(*lists.values()))
    return Sheet(LISTS, columns, len(rows), iter(rows), is_hidden=True)
