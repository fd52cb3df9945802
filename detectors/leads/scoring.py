"""What a finding is worth looking at: P(substantiated) × net amount × evidence grade, never unusualness alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from detectors.declaration import Detector

GRADE_WEIGHT = {"suspected": 1.0, "clue": 0.6}
"""Weight of the evidence grade: clear on the record counts whole, a clue that needs judgement counts less."""

CONFIDENCE_FACTOR = {"high": 1.2, "medium": 1.0, "low": 0.6}
"""How the finding's own confidence moves the detector's probability."""

SEVERITY_FLOOR_YUAN = {"high": 500.0, "medium": 200.0, "low": 50.0}
"""Least value of a finding, so that grave conduct worth little money does not fall off the list."""

HIGHEST_PROBABILITY = 0.95


def prior_probability(detector: Detector) -> float:
    """Mean of the detector's Beta prior, 0 to 1; verdicts will update it."""
    a, b = detector.prior
    return a / (a + b)


def score_findings(findings: pl.DataFrame, detectors: Sequence[Detector]) -> pl.DataFrame:
    """Findings that may rank (no exemption held) with probability, value_yuan, grade_weight and contribution.

    The value is the fund's part where known, else the whole amount, and never below the floor of its severity.
    """
    priors: Mapping[str, float] = {detector.id: prior_probability(detector) for detector in detectors}
    money = pl.coalesce(pl.col("fund_amount_at_issue"), pl.col("amount_at_issue")).cast(pl.Float64)
    floor = pl.col("severity").replace_strict(SEVERITY_FLOOR_YUAN, return_dtype=pl.Float64)
    return (
        findings.filter(pl.col("exemption_id").is_null())
        .with_columns(
            (
                pl.col("detector_id").replace_strict(priors, return_dtype=pl.Float64)
                * pl.col("confidence").replace_strict(CONFIDENCE_FACTOR, return_dtype=pl.Float64)
            )
            .clip(upper_bound=HIGHEST_PROBABILITY)
            .round(4)
            .alias("probability"),
            pl.max_horizontal(money.fill_null(0.0), floor).round(2).alias("value_yuan"),
            pl.col("grade").replace_strict(GRADE_WEIGHT, return_dtype=pl.Float64).alias("grade_weight"),
        )
        .with_columns(
            (pl.col("probability") * pl.col("value_yuan") * pl.col("grade_weight")).round(2).alias("contribution")
        )
    )
