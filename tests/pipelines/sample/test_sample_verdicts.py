"""Simulated verdicts follow the planted truth and rest on ids alone; a run reads the committed ones."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl

from detectors.catalogue import SHIPPED
from detectors.leads.verdicts import track_records
from pipelines.sample.verdicts import planted_in, simulated_verdicts, verdicts_by_lot
from pipelines.verdict_file import read_verdicts
from schemas.unflagged import BY_LOT

SAMPLES = Path(__file__).parents[3] / "data_samples"


def findings(planted: int, innocent: int, exempt: int) -> pl.DataFrame:
    rows = [
        {
            "finding_id": f"f{number:04d}",
            "detector_id": "repeat.same_institution",
            "subject_id": f"P{number}|H1|2025",
            "flagged_event_id": f"x{number}",
            "index_event_id": f"w{number}",
            "occurred_at": datetime(2025, 3, 1),  # noqa: DTZ001
            "exemption_id": "transfer_between" if number >= planted + innocent else None,
        }
        for number in range(planted + innocent + exempt)
    ]
    return pl.DataFrame(rows, schema_overrides={"exemption_id": pl.String})


def test_planted_findings_are_confirmed_and_others_not_but_for_the_undecided() -> None:
    truth = frozenset(("repeat.same_institution", f"x{number}", f"w{number}") for number in range(100))
    told = simulated_verdicts(findings(100, 100, 20), truth)
    confirmed = told.filter(pl.col("outcome").is_in(["substantiated", "partly_substantiated"]))
    assert told.height == 200
    assert set(confirmed["finding_id"]) <= {f"f{number:04d}" for number in range(100)}
    assert 85 <= confirmed.height <= 100
    assert set(told["outcome"]) == {"substantiated", "partly_substantiated", "unsubstantiated", "undetermined"}


def test_the_order_of_findings_does_not_matter() -> None:
    rows = findings(20, 20, 2)
    assert simulated_verdicts(rows, frozenset()).equals(simulated_verdicts(rows.reverse(), frozenset()))


def test_the_committed_verdicts_are_read_and_speak_of_shipped_detectors() -> None:
    snapshot = read_verdicts(SAMPLES / "verdicts.csv")
    assert set(snapshot.rows["detector_id"]) - {detector.id for detector in SHIPPED} == {BY_LOT}
    record = track_records(snapshot.rows, SHIPPED)["repeat.same_institution"]
    assert record.reviewed >= 50
    assert not record.is_demoted


def test_a_case_drawn_by_lot_is_confirmed_only_where_something_was_planted() -> None:
    drawn = pl.DataFrame(
        {
            "lead_id": [f"case{number:03d}" for number in range(100)],
            "subject_id": [f"P{number}|H1|2025" for number in range(100)],
            "last_occurred_at": datetime(2025, 3, 1),  # noqa: DTZ001
        }
    )
    told = verdicts_by_lot(drawn, frozenset(f"P{number}|H1|2025" for number in range(10)))
    confirmed = told.filter(pl.col("outcome").is_in(["substantiated", "partly_substantiated"]))
    assert told["detector_id"].unique().to_list() == [BY_LOT]
    assert 0 < confirmed.height <= 10
    assert set(confirmed["finding_id"]) <= {f"case{number:03d}" for number in range(10)}
    assert told.equals(verdicts_by_lot(drawn.reverse(), frozenset(f"P{number}|H1|2025" for number in range(10))))


def test_truth_holds_events_and_doctors() -> None:
    planted = planted_in(SAMPLES / "truth")
    assert {len(one) for one in planted} == {2, 3}
