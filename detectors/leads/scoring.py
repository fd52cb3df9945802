"""What a finding is worth looking at: P(substantiated) × net amount × evidence grade, never unusualness alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from detectors.declaration import Detector
from detectors.leads.verdicts import TrackRecord, track_records

GRADE_WEIGHT = {"suspected": 1.0, "clue": 0.6}
"""Weight of the evidence grade: clear on the record counts whole, a clue that needs judgement counts less."""

CONFIDENCE_FACTOR = {"high": 1.2, "medium": 1.0, "low": 0.6}
"""How the finding's own confidence moves the detector's probability."""

SEVERITY_FLOOR_YUAN = {"high": 500.0, "medium": 200.0, "low": 50.0}
"""Least value of a finding, so that grave conduct worth little money does not fall off the list."""

HIGHEST_PROBABILITY = 0.95


def score_findings(
    findings: pl.DataFrame, detectors: Sequence[Detector], records: Mapping[str, TrackRecord] | None = None
) -> pl.DataFrame:
    """Findings that may rank (no exemption held), with what their part of a score is made of.

    Adds probability, value_yuan, grade_weight, review_weight and contribution, the product of the four.
    The value is the fund's part where known, else the whole amount, and never below the floor of its severity.

    Args:
        findings: of every detector.
        detectors: the catalogue.
        records: what verdicts say of each detector; None = no verdict yet, so that priors stand as they are.
    """
    known = records or track_records(None, detectors)
    priors = {id_: record.probability for id_, record in known.items()}
    weights = {id_: record.weight for id_, record in known.items()}
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
            pl.col("detector_id").replace_strict(weights, return_dtype=pl.Float64).alias("review_weight"),
        )
        .with_columns(
            (pl.col("probability") * pl.col("value_yuan") * pl.col("grade_weight") * pl.col("review_weight"))
            .round(2)
            .alias("contribution")
        )
    )
