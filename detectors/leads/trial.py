"""Who says how likely a lead is: the priors, or the classifier once it has beaten them on verdicts it has not seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from detectors.declaration import Detector
from detectors.leads.classifier import Classifier, Floats, fitted
from detectors.leads.features import features_of, logit, with_detector_logit
from detectors.leads.priors import prior_probability
from detectors.leads.verdicts import TrackRecord, counted_verdicts, records_of
from detectors.statistics.exact import wilson_interval
from detectors.statistics.telling import six_digits
from schemas.ranking import CalibrationBin, Reason, Trial

VERDICTS_NEEDED = 200
"""Fewest verdicts on findings of the run before the classifier is tried. Proposal: about eighteen a feature."""

OF_EACH_OUTCOME = 10
"""Fewest substantiated and fewest unsubstantiated verdicts in each part that verdicts are split into. Proposal."""

FITTED_UNTIL, CALIBRATED_UNTIL = 0.5, 0.7
"""Shares of the verdicts, oldest first, that end the parts for fitting and for calibrating; the rest is held back."""

MARGIN_STANDARD_ERRORS = 1.645
"""Standard errors by which the classifier's Brier score must be lower: one-sided 5 %, so that luck hardly decides."""

BINS = 10


@dataclass(frozen=True)
class Choice:
    """What P(substantiated) rests on. ``classifier`` is None where the priors stand."""

    reason: Reason
    verdicts: int
    matched: int
    trial: Trial | None
    classifier: Classifier | None


def choose(findings: pl.DataFrame, verdicts: pl.DataFrame | None, detectors: Sequence[Detector]) -> Choice:
    """Try the classifier on the newest verdicts; it is chosen only where its Brier score is lower beyond chance.

    Args:
        findings: of every detector.
        verdicts: rows of ``schemas.verdict.VERDICT_SCHEMA`` in any order; None = there are none.
        detectors: the catalogue.
    """
    if verdicts is None or verdicts.is_empty():
        return Choice("no_verdicts", 0, 0, None, None)
    known = counted_verdicts(verdicts, detectors)
    taught = _taught(findings, known, detectors)
    parts = _parts(taught, (FITTED_UNTIL, CALIBRATED_UNTIL))
    if taught.height < VERDICTS_NEEDED or not all(_has_both(part) for part in parts):
        return Choice("too_few_verdicts", known.height, taught.height, None, None)
    trial = _tried(parts, known, detectors)
    older, newer = _parts(taught, (CALIBRATED_UNTIL,))
    classifier = fitted(older, newer)
    if trial.brier_classifier + trial.margin >= trial.brier_priors or not classifier.is_rising:
        return Choice("priors_not_beaten", known.height, taught.height, trial, None)
    return Choice("classifier_better", known.height, taught.height, trial, classifier)


def _taught(findings: pl.DataFrame, known: pl.DataFrame, detectors: Sequence[Detector]) -> pl.DataFrame:
    """Verdicts on findings of the run with their features, oldest first.

    ``detector_logit`` is what reviews had said of the detector before that day: no verdict tells of itself.
    """
    levels = findings.select("detector_id", "finding_id", pl.col("confidence").alias("level"))
    # features look at a finding's neighbours too, so they are made before the findings are narrowed to those reviewed
    features = features_of(findings).join(levels, on=["detector_id", "finding_id"])
    rows = features.join(known, on=["detector_id", "finding_id"]).sort("decided_on", "detector_id", "finding_id")
    priors = {detector.id: detector.prior for detector in detectors}
    days = known.group_by("detector_id", "decided_on").agg(
        pl.len().alias("n"), pl.col("is_substantiated").sum().alias("k")
    )
    before = days.sort("detector_id", "decided_on").select(
        "detector_id",
        "decided_on",
        (pl.col("n").cum_sum().over("detector_id") - pl.col("n")).alias("n"),
        (pl.col("k").cum_sum().over("detector_id") - pl.col("k")).alias("k"),
    )
    told = rows.join(before, on=["detector_id", "decided_on"], how="left", maintain_order="left")
    logits = [
        logit(TrackRecord(id_, int(n), int(k), priors[id_]).probability)
        for id_, n, k in told.select("detector_id", "n", "k").iter_rows()
    ]
    return told.with_columns(pl.Series("detector_logit", logits, pl.Float64))


def _parts(rows: pl.DataFrame, shares: Sequence[float]) -> list[pl.DataFrame]:
    """Rows, oldest first, cut at these shares of them; a day is never divided and goes to the earlier part."""
    days = rows["decided_on"].to_list()
    cuts = [0]
    for share in shares:
        cut = max(cuts[-1], int(len(days) * share))
        while 0 < cut < len(days) and days[cut] == days[cut - 1]:
            cut += 1
        cuts.append(cut)
    return [rows[start:end] for start, end in zip(cuts, [*cuts[1:], rows.height], strict=True)]


def _has_both(part: pl.DataFrame) -> bool:
    confirmed = int(part["is_substantiated"].sum() or 0)
    return min(confirmed, part.height - confirmed) >= OF_EACH_OUTCOME


def _tried(parts: Sequence[pl.DataFrame], known: pl.DataFrame, detectors: Sequence[Detector]) -> Trial:
    """Both predictions of the verdicts held back, made from the older ones alone."""
    older, newer, held_back = parts
    first_day = held_back["decided_on"][0]
    before = known.filter(pl.col("decided_on") < first_day)
    records = records_of(before, detectors)
    classifier = fitted(older, newer)
    asked = with_detector_logit(held_back.drop("detector_logit"), records)
    told = asked.drop("confidence").rename({"level": "confidence"})
    by_priors = told.select(prior_probability(records).alias("said"))["said"].to_numpy()
    by_classifier = classifier.probabilities(asked)
    truth = held_back["is_substantiated"].to_numpy().astype(np.float64)
    errors = (by_priors - truth) ** 2, (by_classifier - truth) ** 2
    return Trial(
        fitted=older.height,
        calibrated=newer.height,
        held_back=held_back.height,
        held_back_from=first_day,
        method=classifier.method,
        brier_priors=six_digits(float(errors[0].mean())),
        brier_classifier=six_digits(float(errors[1].mean())),
        margin=six_digits(_margin(errors[0] - errors[1])),
        priors=_bins(by_priors, truth),
        classifier=_bins(by_classifier, truth),
    )


def _margin(differences: Floats) -> float:
    return float(MARGIN_STANDARD_ERRORS * differences.std(ddof=1) / np.sqrt(differences.size))


def _bins(predicted: Floats, truth: Floats) -> tuple[CalibrationBin, ...]:
    """Ten bins of equal width."""
    place = np.minimum((predicted * BINS).astype(np.int64), BINS - 1)
    return tuple(_bin(number, predicted[place == number], truth[place == number]) for number in range(BINS))


def _bin(number: int, predicted: Floats, truth: Floats) -> CalibrationBin:
    confirmed = int(truth.sum())
    low, high = wilson_interval(confirmed, truth.size)
    return CalibrationBin(
        low=number / BINS,
        high=(number + 1) / BINS,
        verdicts=truth.size,
        predicted=six_digits(float(predicted.mean())) if truth.size else None,
        substantiated=confirmed,
        share_low=six_digits(low),
        share_high=six_digits(high),
    )
