"""Verdicts move what a detector's word is worth, with intervals, and demote it only on enough of them."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from detectors.catalogue import SHIPPED
from detectors.leads.grouping import leads_of
from detectors.leads.verdicts import DEMOTED_WEIGHT, TrackRecord, track_records
from schemas.finding import FINDING_SCHEMA

DETECTOR = "repeat.same_institution"
DAY = date(2025, 6, 1)


def verdicts(*rows: tuple[str, str, date], detector: str = DETECTOR) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {"finding_id": id_, "detector_id": detector, "outcome": outcome, "decided_on": day}
            for id_, outcome, day in rows
        ]
    )


def many(substantiated: int, unsubstantiated: int) -> pl.DataFrame:
    outcomes = ["substantiated"] * substantiated + ["unsubstantiated"] * unsubstantiated
    return verdicts(*((f"f{number:03d}", outcome, DAY) for number, outcome in enumerate(outcomes)))


def record(rows: pl.DataFrame | None) -> TrackRecord:
    return track_records(rows, SHIPPED)[DETECTOR]


def test_without_verdicts_the_prior_of_the_card_stands() -> None:
    prior = next(detector.prior for detector in SHIPPED if detector.id == DETECTOR)
    assert record(None).probability == prior[0] / sum(prior)
    assert record(None).interval == (0.0, 1.0)
    assert not record(None).is_demoted


def test_each_verdict_that_counts_moves_the_prior() -> None:
    a, b = record(None).prior
    assert record(many(8, 2)).probability == (a + 8) / (a + b + 10)
    low, high = record(many(8, 2)).interval
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


def test_what_could_not_be_decided_says_nothing_and_part_of_it_counts_as_right() -> None:
    told = record(verdicts(("f1", "undetermined", DAY), ("f2", "partly_substantiated", DAY)))
    assert (told.reviewed, told.substantiated) == (1, 1)


def test_the_newest_verdict_on_a_finding_counts_whatever_the_order_of_rows() -> None:
    rows = verdicts(("f1", "substantiated", DAY), ("f1", "unsubstantiated", date(2025, 7, 1)))
    assert record(rows) == record(rows.reverse())
    assert (record(rows).reviewed, record(rows).substantiated) == (1, 0)


def test_two_verdicts_of_one_day_are_settled_in_the_subjects_favour() -> None:
    rows = verdicts(("f1", "unsubstantiated", DAY), ("f1", "substantiated", DAY))
    assert record(rows).substantiated == record(rows.reverse()).substantiated == 0


@pytest.mark.parametrize(
    ("substantiated", "reviewed", "is_demoted"), [(14, 50, True), (15, 50, False), (0, 49, False), (29, 100, True)]
)
def test_a_detector_is_demoted_below_thirty_percent_of_fifty_reviews(
    substantiated: int, reviewed: int, is_demoted: bool
) -> None:
    assert record(many(substantiated, reviewed - substantiated)).is_demoted is is_demoted


def test_verdicts_on_a_detector_that_is_gone_are_left_out() -> None:
    rows = verdicts(("f1", "substantiated", DAY), detector="old.rule")
    assert track_records(rows, SHIPPED) == track_records(None, SHIPPED)


def _findings(*detector_ids: str) -> pl.DataFrame:
    empty = pl.from_arrow(FINDING_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)
    rows = [
        {
            "finding_id": id_,
            "detector_id": id_,
            "subject_type": "patient_episode",
            "subject_id": id_,
            "severity": "medium",
            "confidence": "medium",
            "grade": "suspected",
        }
        for id_ in detector_ids
    ]
    schema = {name: kind for name, kind in empty.schema.items() if name != "run_id"}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")


def test_a_demoted_detector_falls_behind_and_stays_on_the_list() -> None:
    findings = _findings(DETECTOR, "repeat.across_institutions")
    before, after = (leads_of(findings, SHIPPED, track_records(rows, SHIPPED)) for rows in (None, many(0, 60)))
    scores = [dict(zip(one["subject_id"], one["score"], strict=True)) for one in (before, after)]
    probability = round(record(many(0, 60)).probability, 4)
    assert scores[1][DETECTOR] == round(probability * 200 * DEMOTED_WEIGHT, 2)
    assert scores[0]["repeat.across_institutions"] == scores[1]["repeat.across_institutions"]
    assert after["subject_id"].to_list()[-1] == DETECTOR
