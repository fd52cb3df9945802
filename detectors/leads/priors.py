"""P(substantiated) without a classifier: the detector's Beta mean, moved by the finding's own confidence."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from detectors.leads.verdicts import TrackRecord

CONFIDENCE_FACTOR = {"high": 1.2, "medium": 1.0, "low": 0.6}
"""How the finding's own confidence moves the detector's probability."""

HIGHEST_PROBABILITY = 0.95


def prior_probability(records: Mapping[str, TrackRecord]) -> pl.Expr:
    """Beta mean of ``detector_id`` times the factor of ``confidence``, at most ``HIGHEST_PROBABILITY``."""
    return (beta_mean(records) * confidence_factor()).clip(upper_bound=HIGHEST_PROBABILITY).round(4)


def beta_mean(records: Mapping[str, TrackRecord]) -> pl.Expr:
    """Mean of the detector's Beta, 0 to 1: its card's prior, updated by reviews."""
    known = {id_: record.probability for id_, record in records.items()}
    return pl.col("detector_id").replace_strict(known, return_dtype=pl.Float64)


def confidence_factor() -> pl.Expr:
    """Factor of the finding's confidence."""
    return pl.col("confidence").replace_strict(CONFIDENCE_FACTOR, return_dtype=pl.Float64)
