"""The page "how the ranking was made" as one value."""

from __future__ import annotations

from dataclasses import dataclass

from reports.charts import Figure, calibration
from reports.rows import Drawn
from reports.run_folder import Run
from reports.run_report.view import detector_title
from schemas.card import Text
from schemas.ranking import CalibrationBin, DetectorRecord, Ranking

DRAWN_SHOWN = 20

ABOUT = {"confidence": "level_of", "floor_yuan": "level_of", "grade": "grade"}
"""Kind of weight → vocabulary of ``reports.terms`` that its names stand in."""


@dataclass(frozen=True)
class Weight:
    """One constant of the score; ``vocabulary`` is None for the demoted detector's."""

    kind: str
    name: str
    vocabulary: str | None
    value: float


@dataclass(frozen=True)
class RankingPage:
    """What stands on the page.

    ``bins`` pairs both predictions' bins of equal bounds; those without verdicts on either side are left out.
    """

    ranking: Ranking
    weights: tuple[Weight, ...]
    detectors: tuple[tuple[DetectorRecord, Text], ...]
    has_reviews: bool
    figure: Figure | None
    bins: tuple[tuple[CalibrationBin, CalibrationBin], ...]
    drawn: tuple[Drawn, ...]


def ranking_page(run: Run, ranking: Ranking) -> RankingPage:
    """The page of a run.

    Args:
        run: the run.
        ranking: its ranking.json.
    """
    trial = ranking.trial
    pairs = () if trial is None else zip(trial.priors, trial.classifier, strict=True)
    by_reviews = sorted(ranking.detectors, key=lambda one: (-one.reviewed, one.detector_id))
    return RankingPage(
        ranking=ranking,
        weights=tuple(_weight(key, value) for key, value in sorted(ranking.weights.items(), key=_kind_then_value)),
        detectors=tuple((one, detector_title(run, one.detector_id)) for one in by_reviews),
        has_reviews=any(one.reviewed for one in ranking.detectors),
        figure=None if trial is None else calibration(trial),
        bins=tuple(pair for pair in pairs if any(one.verdicts for one in pair)),
        drawn=run.drawn[:DRAWN_SHOWN],
    )


def _kind_then_value(item: tuple[str, float]) -> tuple[str, float]:
    return item[0].partition(".")[0], -item[1]


def _weight(key: str, value: float) -> Weight:
    kind, _, name = key.partition(".")
    return Weight(kind, name, ABOUT.get(kind), value)
