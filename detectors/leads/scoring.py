"""What a finding is worth looking at: P(substantiated) × net amount × evidence grade, never unusualness alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from detectors.declaration import Detector
from detectors.leads.classifier import Classifier
from detectors.leads.features import features_of, with_detector_logit
from detectors.leads.priors import CONFIDENCE_FACTOR, beta_mean, confidence_factor, prior_probability
from detectors.leads.verdicts import DEMOTED_WEIGHT, TrackRecord, track_records

GRADE_WEIGHT = {"suspected": 1.0, "clue": 0.6}
"""Weight of the evidence grade: clear on the record counts whole, a clue that needs judgement counts less."""

SEVERITY_FLOOR_YUAN = {"high": 500.0, "medium": 200.0, "low": 50.0}
"""Least value of a finding, so that grave conduct worth little money does not fall off the list."""

WEIGHTS = {
    **{f"confidence.{level}": factor for level, factor in CONFIDENCE_FACTOR.items()},
    **{f"floor_yuan.{level}": yuan for level, yuan in SEVERITY_FLOOR_YUAN.items()},
    **{f"grade.{grade}": weight for grade, weight in GRADE_WEIGHT.items()},
    "review.demoted": DEMOTED_WEIGHT,
}
"""Every constant of the score by ``kind.name``, as the report tells them."""


def score_findings(
    findings: pl.DataFrame,
    detectors: Sequence[Detector],
    records: Mapping[str, TrackRecord] | None = None,
    classifier: Classifier | None = None,
) -> pl.DataFrame:
    """Findings that may rank (no exemption held), with what their part of a score is made of.

    Adds probability, value_yuan, grade_weight, review_weight and contribution, the product of the four; basis (prior,
    reviews or classifier), detector_probability and confidence_factor, which the probability is made of without a
    classifier; and is_floor, whether the value is the severity's floor. The value is the fund's part where known, else
    the whole amount, and never below the floor of its severity.

    Args:
        findings: of every detector.
        detectors: the catalogue.
        records: what verdicts say of each detector; None = no verdict yet, so that priors stand as they are.
        classifier: says P(substantiated) in the priors' place; None = priors do.
    """
    known = records or track_records(None, detectors)
    weights = {id_: record.weight for id_, record in known.items()}
    money = pl.coalesce(pl.col("fund_amount_at_issue"), pl.col("amount_at_issue")).cast(pl.Float64).fill_null(0.0)
    floor = pl.col("severity").replace_strict(SEVERITY_FLOOR_YUAN, return_dtype=pl.Float64)
    opened = findings.filter(pl.col("exemption_id").is_null())
    return (
        opened.with_columns(*_probability(findings, known, classifier))
        .with_columns(
            pl.max_horizontal(money, floor).round(2).alias("value_yuan"),
            (money < floor).alias("is_floor"),
            pl.col("grade").replace_strict(GRADE_WEIGHT, return_dtype=pl.Float64).alias("grade_weight"),
            pl.col("detector_id").replace_strict(weights, return_dtype=pl.Float64).alias("review_weight"),
        )
        .with_columns(
            (pl.col("probability") * pl.col("value_yuan") * pl.col("grade_weight") * pl.col("review_weight"))
            .round(2)
            .alias("contribution")
        )
    )


def _probability(
    findings: pl.DataFrame, records: Mapping[str, TrackRecord], classifier: Classifier | None
) -> list[pl.Expr | pl.Series]:
    """Columns of P(substantiated) and what it is made of, for the findings that may rank, in their order."""
    if classifier is not None:
        said = classifier.probabilities(with_detector_logit(features_of(findings), records))
        return [
            pl.Series("probability", said, pl.Float64).round(4),
            pl.lit("classifier").alias("basis"),
            pl.lit(None, pl.Float64).alias("detector_probability"),
            pl.lit(None, pl.Float64).alias("confidence_factor"),
        ]
    reviewed = {id_: "reviews" if record.reviewed else "prior" for id_, record in records.items()}
    return [
        prior_probability(records).alias("probability"),
        pl.col("detector_id").replace_strict(reviewed, return_dtype=pl.String).alias("basis"),
        beta_mean(records).round(4).alias("detector_probability"),
        confidence_factor().alias("confidence_factor"),
    ]
