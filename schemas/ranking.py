"""ranking.json of a run: how P(substantiated) was come by, what reviews say of each detector, and what was missed.

Reports draw the page "how the ranking was made" from it and never import a detector.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from schemas.card import Frozen

Basis = Literal["priors", "classifier"]
"""What P(substantiated) rests on: cards' priors updated by reviews, or the calibrated classifier."""

Reason = Literal["no_verdicts", "too_few_verdicts", "priors_not_beaten", "classifier_better"]
"""Why it rests on that."""


class CalibrationBin(Frozen):
    """Held-back verdicts whose predicted probability lies in [low, high); the last bin holds 1 too.

    Attributes:
        low, high: bounds, 0 to 1.
        verdicts: how many.
        predicted: mean prediction; null where there are none.
        substantiated: how many of them were substantiated.
        share_low, share_high: 95 % Wilson interval of the share substantiated.
    """

    low: float
    high: float
    verdicts: int
    predicted: float | None
    substantiated: int
    share_low: float
    share_high: float


class Trial(Frozen):
    """Both ways of predicting, measured on the newest verdicts, which neither has seen.

    Attributes:
        fitted, calibrated, held_back: verdicts of each part, oldest first.
        held_back_from: first day of the verdicts held back.
        method: how the classifier's scores were made probabilities.
        brier_priors, brier_classifier: mean squared error on the verdicts held back, 0 is perfect.
        margin: 1.645 standard errors of their difference; the classifier must be better by more than that.
        priors, classifier: calibration of each.
    """

    fitted: int
    calibrated: int
    held_back: int
    held_back_from: date
    method: Literal["isotonic", "sigmoid"]
    brier_priors: float
    brier_classifier: float
    margin: float
    priors: tuple[CalibrationBin, ...]
    classifier: tuple[CalibrationBin, ...]


class DetectorRecord(Frozen):
    """What reviews have said of one detector; a row of precision.json."""

    detector_id: str
    reviewed: int
    substantiated: int
    precision: float | None
    precision_low: float
    precision_high: float
    probability: float
    is_demoted: bool


class Misses(Frozen):
    """What reviews of unflagged cases, drawn by lot, say of all unflagged ones.

    Attributes:
        unflagged: patient episodes with examinations and without a lead.
        drawn: those of them that were drawn.
        reviewed, substantiated: those of the drawn ones with a verdict that counts, and that a review found wrong.
        share_low, share_high: 95 % Wilson interval of the share missed.
        missed, missed_low, missed_high: episodes missed among all unflagged ones by that share; null where nothing
            was reviewed.
    """

    unflagged: int
    drawn: int
    reviewed: int
    substantiated: int
    share_low: float
    share_high: float
    missed: int | None
    missed_low: int | None
    missed_high: int | None


class Ranking(Frozen):
    """How a run's leads were ranked.

    Attributes:
        basis, reason: what P(substantiated) rests on, and why.
        verdicts: verdicts that count (substantiated or not), one a finding.
        matched: those of them whose finding stands in this run, which alone can teach the classifier.
        needed: fewest matched verdicts that the classifier is tried on.
        features: name → 1 (can only raise), -1 (can only lower) or 0 (free), in the order of the model's columns.
        model: what decides the classifier beside the code; empty without verdicts.
        trial: null where there were too few verdicts.
        weights: constants of the score, by ``kind.name``.
        detectors: every detector of the catalogue.
        misses: null in a run of before cases were drawn.
    """

    basis: Basis
    reason: Reason
    verdicts: int
    matched: int
    needed: int
    features: dict[str, int]
    model: dict[str, str]
    trial: Trial | None
    weights: dict[str, float]
    detectors: tuple[DetectorRecord, ...]
    misses: Misses | None = None
