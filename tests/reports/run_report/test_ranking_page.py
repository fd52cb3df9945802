"""The page "how the ranking was made": who says how likely a lead is, how well, and what may have been missed."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.charts import in_language
from reports.render import render_run
from reports.run_folder import read_run
from reports.run_report.ranking import ranking_page
from schemas.errors import IntegrityError
from schemas.ranking import CalibrationBin, DetectorRecord, Misses, Ranking, Trial
from schemas.unflagged import UNFLAGGED_SCHEMA


def bins(filled: dict[int, tuple[int, int]]) -> tuple[CalibrationBin, ...]:
    """Ten bins; of those named, how many verdicts and how many substantiated."""
    made = []
    for place in range(10):
        verdicts, substantiated = filled.get(place, (0, 0))
        predicted = place / 10 + 0.05 if verdicts else None
        made.append(
            CalibrationBin(
                low=place / 10,
                high=(place + 1) / 10,
                verdicts=verdicts,
                predicted=predicted,
                substantiated=substantiated,
                share_low=0.1,
                share_high=0.9,
            )
        )
    return tuple(made)


TRIAL = Trial(
    fitted=300,
    calibrated=120,
    held_back=180,
    held_back_from=date(2025, 9, 1),
    method="sigmoid",
    brier_priors=0.2104,
    brier_classifier=0.1507,
    margin=0.0081,
    priors=bins({5: (180, 90)}),
    classifier=bins({2: (60, 13), 8: (120, 97)}),
)
DEMOTED = DetectorRecord(
    detector_id="repeat.same_institution", reviewed=60, substantiated=12, precision=0.2,
    precision_low=0.1179, precision_high=0.3178, probability=0.22, is_demoted=True,
)  # fmt: skip
FRESH = DetectorRecord(
    detector_id="readmission.cycle", reviewed=0, substantiated=0, precision=None,
    precision_low=0, precision_high=1, probability=0.5, is_demoted=False,
)  # fmt: skip
MISSES = Misses(
    unflagged=624, drawn=34, reviewed=30, substantiated=1, share_low=0.0059, share_high=0.1667,
    missed=21, missed_low=4, missed_high=104,
)  # fmt: skip
LEARNED = Ranking(
    basis="classifier", reason="classifier_better", verdicts=640, matched=600, needed=200,
    features={"gap_share": -1, "confidence": 1, "severity": 0}, model={"scikit-learn": "1.9.1"}, trial=TRIAL,
    weights={"grade.clue": 0.6, "review.demoted": 0.25, "floor_yuan.high": 500.0, "confidence.low": 0.6},
    detectors=(FRESH, DEMOTED), misses=MISSES,
)  # fmt: skip
UNTAUGHT = LEARNED.model_copy(
    update={"basis": "priors", "reason": "no_verdicts", "verdicts": 0, "matched": 0, "trial": None, "model": {}}
)


def page_of(run: Path, ranking: Ranking) -> str:
    (run / "ranking.json").write_text(ranking.model_dump_json(), encoding="utf-8")
    render_run(run)
    return (run / "report/ranking.html").read_text(encoding="utf-8")


def drawn(run: Path, institution_id: str) -> None:
    moment = datetime(2025, 3, 1, 8)  # noqa: DTZ001
    row: dict[str, Any] = {
        "run_id": "r", "lot": 1, "lead_id": "abc", "subject_type": "patient_episode", "subject_id": "P9|H1|2025",
        "patient_id": "P9", "institution_id": institution_id, "exam_count": 7, "encounter_count": 2,
        "net_amount": Decimal("310.50"), "net_fund_amount": Decimal("200.00"),
        "first_occurred_at": moment, "last_occurred_at": moment,
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], schema=UNFLAGGED_SCHEMA), run / "unflagged.parquet")


def test_the_page_tells_both_brier_scores_and_who_won(own_run: Path) -> None:
    html = page_of(own_run, LEARNED)
    assert "0.2104" in html
    assert "0.1507" in html
    assert "0.0597" in html
    assert "taught by 600 verdicts" in html
    assert "600份审核结论" in html
    assert 'href="ranking.html"' in (own_run / "report/index.html").read_text(encoding="utf-8")
    assert "report/ranking.html" not in html
    assert "ranking.html" in (own_run / "report/MANIFEST.sha256").read_text(encoding="utf-8")


def test_without_verdicts_the_page_says_that_priors_stand_and_draws_no_plot(own_run: Path) -> None:
    html = page_of(own_run, UNTAUGHT)
    assert "every detector&#39;s prior stands" in html
    assert "未提供审核结论" in html
    assert 'class="plot"' not in html


def test_precision_stands_with_its_interval_and_demotion_is_seen(own_run: Path) -> None:
    html = page_of(own_run, LEARNED)
    assert re.search(r"11\.8\s?% – 31\.8\s?%", html)
    assert "已降级" in html
    page = ranking_page(read_run(own_run), LEARNED)
    assert [one.detector_id for one, _ in page.detectors] == ["repeat.same_institution", "readmission.cycle"]


def test_cases_by_lot_are_no_suspicion_and_their_misses_have_an_interval(own_run: Path) -> None:
    drawn(own_run, '<script>alert("x")</script>')
    html = page_of(own_run, LEARNED)
    assert "being drawn is no suspicion" in html
    assert "被抽中不构成任何怀疑" in html
    assert "(4 to 104)" in html
    assert "<script>alert" not in html
    assert "by_lot" in html


def test_the_plot_leaves_empty_bins_out_and_is_one_that_plotly_takes(own_run: Path) -> None:
    page_of(own_run, LEARNED)
    page = ranking_page(read_run(own_run), LEARNED)
    assert page.figure is not None
    assert [priors.low for priors, _ in page.bins] == [0.2, 0.5, 0.8]
    for language in ("en", "zh"):
        figure = go.Figure(in_language({key: page.figure[key] for key in ("data", "layout")}, language))
        assert len(figure.data[2].x) == 2


def test_a_ranking_of_another_shape_is_refused(own_run: Path) -> None:
    (own_run / "ranking.json").write_text(json.dumps({"basis": "dice"}), encoding="utf-8")
    with pytest.raises(IntegrityError):
        read_run(own_run)
