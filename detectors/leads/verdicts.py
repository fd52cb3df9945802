"""What a detector's word is worth: its prior, updated by verdicts; and the demotion of those that are mostly wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from detectors.declaration import Detector
from detectors.statistics.exact import wilson_interval
from detectors.statistics.telling import six_digits
from schemas.ranking import DetectorRecord

REVIEWS_BEFORE_DEMOTION = 50
"""Verdicts that a detector must have before it can be demoted. Source: DOMAIN 3."""

LEAST_PRECISION = 0.30
"""Share of substantiated findings below which a detector is demoted then. Source: DOMAIN 3."""

DEMOTED_WEIGHT = 0.25
"""Weight of a demoted detector's findings: they stay in their leads and hardly move them. Proposal."""

CONFIRMS = ("substantiated", "partly_substantiated")
COUNTS = (*CONFIRMS, "unsubstantiated")


@dataclass(frozen=True)
class TrackRecord:
    """What reviews have said of one detector.

    Attributes:
        detector_id: whose.
        reviewed: findings with a verdict that counts.
        substantiated: those of them that were substantiated, wholly or in part.
        prior: Beta parameters of the card.
    """

    detector_id: str
    reviewed: int
    substantiated: int
    prior: tuple[int, int]

    @property
    def probability(self) -> float:
        """Mean of the Beta posterior, 0 to 1: (a + substantiated) / (a + b + reviewed)."""
        a, b = self.prior
        return (a + self.substantiated) / (a + b + self.reviewed)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % Wilson interval of the precision; 0 to 1 where nothing was reviewed."""
        return wilson_interval(self.substantiated, self.reviewed)

    @property
    def is_demoted(self) -> bool:
        """Whether fewer than ``LEAST_PRECISION`` of at least ``REVIEWS_BEFORE_DEMOTION`` were substantiated."""
        return self.reviewed >= REVIEWS_BEFORE_DEMOTION and self.substantiated < LEAST_PRECISION * self.reviewed

    @property
    def weight(self) -> float:
        """``DEMOTED_WEIGHT`` for a demoted detector, else 1."""
        return DEMOTED_WEIGHT if self.is_demoted else 1.0

    def told(self) -> DetectorRecord:
        """The record as a row of precision.json, figures to six significant digits."""
        low, high = self.interval
        return DetectorRecord(
            detector_id=self.detector_id,
            reviewed=self.reviewed,
            substantiated=self.substantiated,
            precision=six_digits(self.substantiated / self.reviewed) if self.reviewed else None,
            precision_low=six_digits(low),
            precision_high=six_digits(high),
            probability=six_digits(self.probability),
            is_demoted=self.is_demoted,
        )


def track_records(verdicts: pl.DataFrame | None, detectors: Sequence[Detector]) -> dict[str, TrackRecord]:
    """The record of each detector, in the order of their ids.

    Args:
        verdicts: rows of ``schemas.verdict.VERDICT_SCHEMA`` in any order; None = there are none. Of several on one
            finding the newest counts, on one day the one last in the alphabet (which favours the subject).
        detectors: the catalogue; verdicts on others are left out.
    """
    if verdicts is None:
        return {detector.id: TrackRecord(detector.id, 0, 0, detector.prior) for detector in _by_id(detectors)}
    return records_of(counted_verdicts(verdicts, detectors), detectors)


def records_of(counted: pl.DataFrame, detectors: Sequence[Detector]) -> dict[str, TrackRecord]:
    """The record of each detector, in the order of their ids, by rows of ``counted_verdicts``."""
    grouped = counted.group_by("detector_id").agg(pl.len(), pl.col("is_substantiated").sum())
    counts = {id_: (int(reviewed), int(confirmed)) for id_, reviewed, confirmed in grouped.iter_rows()}
    return {
        detector.id: TrackRecord(detector.id, *counts.get(detector.id, (0, 0)), detector.prior)
        for detector in _by_id(detectors)
    }


def counted_verdicts(verdicts: pl.DataFrame, detectors: Sequence[Detector]) -> pl.DataFrame:
    """detector_id, finding_id, decided_on and is_substantiated of the verdicts that count, one a finding, sorted.

    Args:
        verdicts: rows of ``schemas.verdict.VERDICT_SCHEMA`` in any order.
        detectors: the catalogue; verdicts on others are left out.
    """
    told = newest_that_count(verdicts, [detector.id for detector in detectors])
    return told.select(
        "detector_id", "finding_id", "decided_on", pl.col("outcome").is_in(CONFIRMS).alias("is_substantiated")
    )


def newest_that_count(verdicts: pl.DataFrame, detector_ids: Sequence[str]) -> pl.DataFrame:
    """The newest verdict on each finding of these detectors, sorted, where it decides anything.

    Args:
        verdicts: rows of ``schemas.verdict.VERDICT_SCHEMA`` in any order.
        detector_ids: of these only.
    """
    newest = verdicts.sort("detector_id", "finding_id", "decided_on", "outcome", nulls_last=False).unique(
        ["detector_id", "finding_id"], keep="last", maintain_order=True
    )
    return newest.filter(pl.col("detector_id").is_in(list(detector_ids)), pl.col("outcome").is_in(COUNTS))


def _by_id(detectors: Sequence[Detector]) -> list[Detector]:
    return sorted(detectors, key=lambda one: one.id)
