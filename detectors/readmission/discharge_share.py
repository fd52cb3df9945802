"""What the three shares of discharges have in common: one comparison of institutions, its parameters and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from detectors.card_parts import bounded
from detectors.declaration import Judge, Parameter, Value
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.statistics.pattern_judge import Pattern, judge_pattern
from schemas.card import EvidenceColumn, Text

NEVER_SAID = ("family", "positive_rate")
"""Columns of every pattern that say nothing about discharges."""

CELL = ("subject_type", "institution_id", "level", "stratum", "quarter", "last_day", "last_quarter")
"""What the comparison counts by."""

MONEY = ("amount", "fund_amount")


def discharge_share(measure: str) -> Judge:
    """The judge of one measure: rows of cells of institutions by the patient who had it, high shares only.

    A row holds discharges of one institution, level, stratum and quarter: of one patient who had the sign
    (``told_patient_id``), or of everybody without it (null).

    On top of what every pattern asks (``statistics.pattern_judge``), z must reach ``z_min``: an institution has few
    peers and is called out by name. Where hospitals of other levels are among them, confidence is low.
    """
    pattern = Pattern(measure)

    def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
        named = rows.with_columns(pl.lit("institution").alias("subject_type"))
        answers = judge_pattern(pattern, _cells(named), _patients(named), parameters)
        kept = answers.filter(pl.col("z") >= float(parameters["z_min"]))
        is_widened = pl.col("rolled_up").is_not_null()
        confidence = pl.when(is_widened).then(pl.lit("low")).otherwise("confidence")
        return kept.drop("positive_rate").with_columns(confidence.alias("confidence"))

    return judge


def _cells(named: pl.DataFrame) -> pl.DataFrame:
    """Discharges of each cell, those with the sign, and the money of the latter."""
    is_told = pl.col("told_patient_id").is_not_null()
    counts = (pl.col("trials").sum(), pl.col("trials").filter(is_told).sum().alias("observed"))
    priced = pl.col("priced").filter(is_told).sum()
    money = (pl.when(priced > 0).then(pl.col(name).filter(is_told).sum()).alias(name) for name in MONEY)
    return named.group_by(CELL).agg(*counts, priced, *money)


def _patients(named: pl.DataFrame) -> pl.DataFrame:
    """Patients with the sign in each institution, and how often the one had it who had it most."""
    told = named.filter(pl.col("told_patient_id").is_not_null())
    times = told.group_by("subject_type", "institution_id", "told_patient_id").agg(pl.col("trials").sum())
    told_of = times.group_by("subject_type", "institution_id")
    return told_of.agg(pl.len().cast(pl.Int64).alias("patients"), pl.col("trials").max().alias("top_observed"))


def discharge_parameters(min_trials: int, min_odds_ratio: float, min_difference_pct: float) -> tuple[Parameter, ...]:
    """Parameters of the comparison, with ``z_min``.

    Args:
        min_trials: default of the fewest discharges to be compared at all.
        min_odds_ratio: default of the least odds ratio.
        min_difference_pct: default of the least difference, in percentage points.
    """
    shared = comparison_parameters(min_trials, min_difference_pct, "stays")
    return (
        *(replace(one, default=min_odds_ratio) if one.name == "min_odds_ratio" else one for one in shared),
        bounded("z_min", 3.09, (0, 20), None, "99.8 % control limit of the funnel", "漏斗图99.8%控制限"),
    )


def discharge_columns(observed: Text, trials: Text) -> tuple[EvidenceColumn, ...]:
    """Evidence columns; ``observed`` and ``trials`` say what was counted."""
    return tuple(one for one in comparison_columns(observed, trials) if one.name not in NEVER_SAID)
