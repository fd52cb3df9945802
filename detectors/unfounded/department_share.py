"""The judge of patterns that are a plain share of a department's studies."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.declaration import Judge, Value
from detectors.statistics.pattern_judge import Pattern, judge_pattern, unjudged_units
from detectors.statistics.told_cells import told_cells, told_patients

WHO = ("subject_type", "institution_id", "department_code", "family")
CELL = (*WHO, "department_key", "level", "stratum", "quarter", "last_day", "last_quarter")


def department_share(measure: str) -> Judge:
    """The judge of one measure: cells of departments by the patient who had it (``told_cells``), high shares only."""
    pattern = Pattern(measure)

    def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
        return judge_pattern(pattern, *_compared(rows), parameters)

    return judge


def unjudged_departments(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> Mapping[str, int]:
    """Departments that could not be judged, by reason."""
    return unjudged_units(*_compared(rows), parameters)


def _compared(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Cells and patients of departments."""
    named = rows.with_columns(pl.lit("department").alias("subject_type"))
    return told_cells(named, CELL), told_patients(named, WHO)
