"""What the three shares of discharges have in common: one comparison of institutions, its parameters and evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from detectors.card_parts import bounded
from detectors.declaration import Judge, Parameter, Value
from detectors.statistics.pattern_card import comparison_columns, comparison_parameters
from detectors.statistics.pattern_judge import Pattern, judge_pattern
from detectors.statistics.told_cells import told_cells, told_patients
from schemas.card import EvidenceColumn, Text

NEVER_SAID = ("family", "positive_rate")
"""Columns of every pattern that say nothing about discharges."""

CELL = ("subject_type", "institution_id", "level", "stratum", "quarter", "last_day", "last_quarter")
"""What the comparison counts by."""


def discharge_share(measure: str) -> Judge:
    """The judge of one measure: cells of institutions by the patient who had it (``told_cells``), high shares only.

    On top of what every pattern asks (``statistics.pattern_judge``), z must reach ``z_min``: an institution has few
    peers and is called out by name. Where hospitals of other levels are among them, confidence is low.
    """
    pattern = Pattern(measure)

    def judge(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
        named = rows.with_columns(pl.lit("institution").alias("subject_type"))
        answers = judge_pattern(pattern, told_cells(named, CELL), told_patients(named, CELL[:2]), parameters)
        kept = answers.filter(pl.col("z") >= float(parameters["z_min"]))
        is_widened = pl.col("rolled_up").is_not_null()
        confidence = pl.when(is_widened).then(pl.lit("low")).otherwise("confidence")
        return kept.drop("positive_rate").with_columns(confidence.alias("confidence"))

    return judge


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
