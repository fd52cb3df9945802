"""What the classifier sees of a finding: eleven figures that every detector has or may lack, none of them a person's.

No figure tells whose hospital or whose patient it is: what others of a house did wrong makes nobody more suspect here.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from detectors.leads.verdicts import TrackRecord

FEATURES: Mapping[str, int] = {
    "detector_logit": 1,
    "confidence": 1,
    "grade": 1,
    "severity": 0,
    "log_yuan": 0,
    "same_detector_findings": 1,
    "other_detectors": 1,
    "gap_share": -1,
    "evidence_probability": 1,
    "unanswered_exemptions": -1,
    "claimed_reason": -1,
}
"""Name → direction in which it may move P(substantiated): 1 up, -1 down, 0 either."""

LEVELS = {"low": 0.0, "medium": 1.0, "high": 2.0}
GRADES = {"clue": 0.0, "suspected": 1.0}

SUBJECT = ["subject_type", "subject_id"]


def features_of(findings: pl.DataFrame) -> pl.DataFrame:
    """finding_id, detector_id and every feature but ``detector_logit`` of the findings that may rank.

    - confidence, grade, severity: as levels from 0;
    - log_yuan: ln(1 + fund's part, else the whole amount); null where no price is known;
    - same_detector_findings, other_detectors: ln(1 + further findings of the detector on the subject), and how many
      other detectors question the subject;
    - gap_share: gap as a share of the interval that it falls short of; null for rules without one;
    - evidence_probability: what the detector itself computed, for outliers;
    - unanswered_exemptions: share of the exemptions tested that the record could not answer;
    - claimed_reason: 1 where a reason was claimed for the examination.

    Args:
        findings: rows of findings.parquet.
    """
    opened = findings.filter(pl.col("exemption_id").is_null())
    money = pl.coalesce("fund_amount_at_issue", "amount_at_issue").cast(pl.Float64)
    own = pl.len().over([*SUBJECT, "detector_id"])
    return opened.select(
        "finding_id",
        "detector_id",
        pl.col("confidence").replace_strict(LEVELS, return_dtype=pl.Float64),
        pl.col("grade").replace_strict(GRADES, return_dtype=pl.Float64),
        pl.col("severity").replace_strict(LEVELS, return_dtype=pl.Float64),
        (money.clip(lower_bound=0.0) + 1).log().round(4).alias("log_yuan"),
        own.cast(pl.Float64).log().round(4).alias("same_detector_findings"),
        (pl.col("detector_id").n_unique().over(SUBJECT) - 1).cast(pl.Float64).alias("other_detectors"),
        pl.coalesce(_told("gap_hours") / _told("interval_hours"), _told("gap_days") / _told("window_days"))
        .round(4)
        .alias("gap_share"),
        _told("probability").alias("evidence_probability"),
        _unanswered().alias("unanswered_exemptions"),
        pl.col("evidence")
        .str.json_path_match("$.claimed_reason")
        .is_not_null()
        .cast(pl.Float64)
        .alias("claimed_reason"),
    )


def with_detector_logit(features: pl.DataFrame, records: Mapping[str, TrackRecord]) -> pl.DataFrame:
    """Features with that of the detector's record: log odds of its Beta mean."""
    logits = {id_: logit(record.probability) for id_, record in records.items()}
    return features.with_columns(
        pl.col("detector_id").replace_strict(logits, return_dtype=pl.Float64).alias("detector_logit")
    )


def logit(probability: float) -> float:
    """Log odds of a probability within 0 and 1, four decimals."""
    return round(float(np.log(probability / (1 - probability))), 4)


def _told(name: str) -> pl.Expr:
    """A number of the evidence; null where the detector tells none, or 0 to divide by."""
    number = pl.col("evidence").str.json_path_match(f"$.{name}").cast(pl.Float64, strict=False)
    return pl.when(number.is_finite()).then(number)


def _unanswered() -> pl.Expr:
    """Share of exemptions tested that the record does not answer; 0 where none is tested."""
    tested = pl.col("evidence").str.json_path_match("$.exemptions_tested").fill_null("{}")
    answers = tested.str.count_matches(r'":').cast(pl.Float64)
    unknown = tested.str.count_matches(r'":\s*"no data"').cast(pl.Float64)
    return (unknown / pl.max_horizontal(answers, pl.lit(1.0))).round(4)
