"""Both stays side by side, and the figure of lengths of stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go

from reports.charts import in_language, piling
from reports.evidence.two_stays import retest_joints, two_stays
from reports.rows import Event, Finding, Stay

FIRST = datetime(2025, 3, 1, 10)  # noqa: DTZ001 - local wall time


def stay(id_: str, day: int, days: int, diagnosis: str = "慢性胃炎") -> Stay:
    begun = FIRST + timedelta(days=day)
    money = Decimal("5000.00"), Decimal("3500.00")
    return Stay("P", id_, "H1", "K1", begun, begun + timedelta(days=days), "home", "K29.5", diagnosis, *money)


def event(id_: str, encounter: str, day: int, family: str) -> Event:
    at = FIRST + timedelta(days=day)
    told: dict[str, Any] = dict.fromkeys(Event.__dataclass_fields__)
    own = {"event_id": id_, "encounter_id": encounter, "family": family, "item_name": family, "occurred_at": at}
    return Event(**(told | own | {"patient_id": "P", "has_time": True, "institution_id": "H1"}))


def finding(detector_id: str = "readmission.retest_across_gap", index: str = "A", flagged: str = "B") -> Finding:
    told: dict[str, Any] = dict.fromkeys(Finding.__dataclass_fields__)
    own = {"detector_id": detector_id, "index_event_id": index, "flagged_event_id": flagged, "evidence": "{}"}
    return Finding(**(told | own))


STAYS = (stay("A", 0, 6), stay("B", 9, 4))
EVENTS = (
    event("1", "A", 1, "lipids"),
    event("2", "A", 3, "lipids"),
    event("3", "B", 10, "lipids"),
    event("4", "B", 11, "lipids"),
    event("5", "B", 10, "urine"),
    event("6", "C", 7, "urine"),
)


def test_both_stays_are_told_in_words_with_length_and_cost() -> None:
    made = two_stays(finding(), STAYS, EVENTS, lambda id_: f"医院 {id_}")
    assert made is not None
    told = {side.title.en: (side.index.en, side.flagged.en) for side in made.sides}
    assert told["Institution"] == ("医院 H1", "医院 H1")
    assert told["Days"] == ("6", "4")
    assert told["How it ended"] == ("home", "home")
    assert told["Main diagnosis"] == ("K29.5 慢性胃炎", "K29.5 慢性胃炎")
    assert told["Cost, net"][0].startswith("¥5")


def test_what_both_stays_examined_is_paired_across_the_gap() -> None:
    made = two_stays(finding(), STAYS, EVENTS, str)
    assert made is not None
    [pair] = made.examined_twice
    assert (pair.index.event_id, pair.flagged.event_id, pair.gap.en) == ("2", "3", "7 d")


def test_only_retests_are_joined_in_the_timeline() -> None:
    made = two_stays(finding(), STAYS, EVENTS, str)
    assert [(one.index_event_id, one.flagged_event_id) for one in retest_joints(finding(), made)] == [("2", "3")]
    assert retest_joints(finding("readmission.cycle"), made) == ()


def test_a_finding_that_joins_no_two_stays_has_no_panel() -> None:
    assert two_stays(finding(index="X"), STAYS, EVENTS, str) is None


def test_the_figure_of_lengths_is_a_valid_one_and_marks_the_heap() -> None:
    lengths = [{"days": day, "stays": 30 if day in (14, 15) else 10, "expected": 11.0} for day in range(7, 24)]
    drawn = piling({"lengths": lengths, "limit_days": 15, "under_days": 2})
    assert drawn is not None
    go.Figure(in_language(drawn, "en"))
    colours = drawn["data"][0]["marker"]["color"]
    assert [row["days"] for row, colour in zip(lengths, colours, strict=True) if colour != colours[0]] == [14, 15]
    assert piling({}) is None


def test_the_figure_of_costs_tells_hundredths_of_the_payment_standard() -> None:
    costs = [{"pct": pct, "stays": 30 if 94 < pct <= 100 else 10, "expected": 11.0} for pct in range(60, 142, 2)]
    drawn = piling({"lengths": None, "costs": costs, "limit_pct": 100, "under_pct": 6})
    assert drawn is not None
    go.Figure(in_language(drawn, "zh"))
    colours = drawn["data"][0]["marker"]["color"]
    assert [row["pct"] for row, colour in zip(costs, colours, strict=True) if colour != colours[0]] == [96, 98, 100]
