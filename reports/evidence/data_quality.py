"""One letter for the quality of the data that a finding rests on, with the reason spelled out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from schemas.quality import QualityReport

QUARANTINED_FOR_B, QUARANTINED_FOR_C = 0.005, 0.05
VIOLATED_FOR_C = 0.05


@dataclass(frozen=True)
class DataGrade:
    """A, B or C, and the counts it is made from.

    A: every check passed and fewer than 0.5 % of rows quarantined. C: a check is broken by over 5 % of rows, a table
    is switched off, or over 5 % quarantined. B: between. ``failed`` counts broken checks.
    """

    letter: str
    failed: int
    quarantined: int
    rows_in: int


def data_grade(report: QualityReport, tables: Collection[str]) -> DataGrade:
    """The grade over canonical tables of these names; over all where none of them was checked or loaded.

    Args:
        report: quality.json of the run.
        tables: table names, with or without their schema; prepared tables are made from all canonical ones.
    """
    named = {table.removeprefix("main.") for table in tables}
    is_all = any(table.startswith("prepared.") for table in tables) or not tables
    checks = [check for check in report.checks if not check.passed and (is_all or check.table_name in named)]
    files = [file for file in report.files if is_all or file.table_name in named]
    rows_in, quarantined = sum(file.rows_in for file in files), sum(file.quarantined for file in files)
    share = quarantined / rows_in if rows_in else 0.0
    broken = any(check.violated > VIOLATED_FOR_C * max(check.examined, 1) for check in checks)
    off = any(table in report.disabled_tables for table in named)
    letter = "A"
    if checks or share >= QUARANTINED_FOR_B:
        letter = "B"
    if broken or off or share >= QUARANTINED_FOR_C:
        letter = "C"
    return DataGrade(letter, len(checks), quarantined, rows_in)
