"""The judge of patterns that are a plain share of a department's studies."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.declaration import Judge, Value
from detectors.statistics.pattern_judge import Pattern, judge_pattern


def department_share(measure: str) -> Judge:
    """The judge of one measure: rows of grain ``share`` and ``patients`` of departments, high shares only."""
    pattern = Pattern(measure)

    def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
        named = rows.with_columns(pl.lit("department").alias("subject_type"))
        cells = named.filter(pl.col("grain") == "share").drop("grain", "patients", "top_observed")
        patients = named.filter(pl.col("grain") == "patients")
        keys = ("subject_type", "institution_id", "department_code", "family", "patients", "top_observed")
        return judge_pattern(pattern, cells, patients.select(keys), parameters)

    return judge
