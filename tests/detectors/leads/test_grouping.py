"""From findings to leads: money once an event, a waterfall that adds up to the score, ties to the smaller id."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from detectors.catalogue import SHIPPED
from detectors.findings import content_id
from detectors.leads.grouping import MOST_STEPS, leads_of
from detectors.leads.priors import HIGHEST_PROBABILITY
from detectors.leads.scoring import score_findings
from schemas.finding import FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA


def finding(number: int, **columns: Any) -> dict[str, Any]:
    """One finding of a repeated examination worth 300 yuan, 200 of them the fund's."""
    return {
        "finding_id": f"f{number:02d}",
        "detector_id": "repeat.same_institution",
        "detector_version": "1",
        "subject_type": "patient_episode",
        "subject_id": "P1|H1|2025",
        "institution_id": "H1",
        "flagged_event_id": f"event{number}",
        "occurred_at": datetime(2025, 3, number + 1),  # noqa: DTZ001
        "amount_at_issue": Decimal("300.00"),
        "fund_amount_at_issue": Decimal("200.00"),
        "severity": "medium",
        "confidence": "medium",
        "grade": "suspected",
    } | columns


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    empty = pl.from_arrow(FINDING_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)
    schema = {name: kind for name, kind in empty.schema.items() if name != "run_id"}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")


def leads(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return leads_of(frame(*rows), SHIPPED).to_dicts()


def test_findings_of_one_subject_are_one_lead_with_all_that_is_known_of_it() -> None:
    (lead,) = leads(finding(0), finding(1), finding(2, exemption_id="transfer_between"))
    assert lead["rank"] == 1
    assert lead["lead_id"] == content_id("patient_episode", "P1|H1|2025")
    assert (lead["finding_count"], lead["exempt_count"]) == (2, 1)
    assert (lead["amount_at_issue"], lead["fund_amount_at_issue"]) == (Decimal("600.00"), Decimal("400.00"))
    assert (lead["first_occurred_at"].day, lead["last_occurred_at"].day) == (1, 2)
    assert lead["detector_ids"] == ["repeat.same_institution"]
    assert lead["referral_authorities"] == ["health", "insurance"]
    assert lead["evidence_path"] is None


def test_the_columns_are_those_of_the_contract() -> None:
    for answer in (leads_of(frame(finding(0)), SHIPPED), leads_of(frame(), SHIPPED)):
        assert answer.columns == [name for name in LEAD_SCHEMA.names if name != "run_id"]


def test_an_event_that_two_detectors_question_costs_once() -> None:
    (lead,) = leads(finding(0), finding(1, flagged_event_id="event0", detector_id="readmission.cycle"))
    assert lead["amount_at_issue"] == Decimal("300.00")
    assert lead["finding_count"] == 2
    assert lead["title_zh"] == "疑似分解住院（出院后短期再入院）、疑似同一机构重复检查"


def test_findings_without_events_cost_each_their_own() -> None:
    (lead,) = leads(finding(0, flagged_event_id=None), finding(1, flagged_event_id=None))
    assert lead["amount_at_issue"] == Decimal("600.00")


def test_unknown_money_stays_unknown_and_is_left_out_beside_known_money() -> None:
    unknown = {"amount_at_issue": None, "fund_amount_at_issue": None}
    (lead,) = leads(finding(0, **unknown))
    assert (lead["amount_at_issue"], lead["fund_amount_at_issue"]) == (None, None)
    (lead,) = leads(finding(0, **unknown), finding(1))
    assert lead["amount_at_issue"] == Decimal("300.00")


def test_a_subject_whose_every_finding_is_exempt_gives_no_lead() -> None:
    assert leads(finding(0, exemption_id="icu_fast_changing")) == []


def test_the_waterfall_tells_the_largest_steps_and_adds_up_to_the_score() -> None:
    rows = [finding(n, fund_amount_at_issue=Decimal(f"{200 + n}.37")) for n in range(MOST_STEPS + 5)]
    (lead,) = leads(*rows)
    told = json.loads(lead["explanation"])
    steps = [step["contribution"] for step in told["steps"]]
    assert (len(steps), told["more_steps"]) == (MOST_STEPS, 5)
    assert steps == sorted(steps, reverse=True)
    assert round(sum(steps) + told["more_contribution"], 2) == lead["score"]
    assert list(told) == sorted(told)


def test_a_step_is_probability_times_value_times_grade() -> None:
    (lead,) = leads(finding(0, grade="clue"))
    (step,) = json.loads(lead["explanation"])["steps"]
    assert step["probability"] == 0.6
    assert step["value_yuan"] == 200.0
    assert step["grade_weight"] == 0.6
    assert step["contribution"] == lead["score"] == 72.0


def test_equal_scores_stand_in_the_order_of_their_ids_whatever_the_order_of_rows() -> None:
    rows = [finding(n, subject_id=f"P{n}|H1|2025") for n in range(9)]
    ranked = leads(*rows)
    assert [lead["lead_id"] for lead in ranked] == sorted(lead["lead_id"] for lead in ranked)
    assert ranked == leads(*reversed(rows))


def test_a_lead_is_suspected_where_one_finding_is() -> None:
    assert leads(finding(0, grade="clue"), finding(1))[0]["grade"] == "suspected"
    assert leads(finding(0, grade="clue"), finding(1, grade="clue"))[0]["grade"] == "clue"


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ({}, 200.0),
        ({"fund_amount_at_issue": None}, 300.0),
        ({"fund_amount_at_issue": Decimal("1.00")}, 200.0),
        ({"fund_amount_at_issue": Decimal("1.00"), "severity": "high"}, 500.0),
        ({"fund_amount_at_issue": Decimal("1.00"), "severity": "low"}, 50.0),
        ({"amount_at_issue": None, "fund_amount_at_issue": None}, 200.0),
    ],
)
def test_the_value_is_the_fund_s_part_else_the_whole_and_never_below_the_floor(columns, value) -> None:
    assert score_findings(frame(finding(0, **columns)), SHIPPED)["value_yuan"].to_list() == [value]


def test_confidence_moves_the_probability_and_never_above_the_highest() -> None:
    levels = [finding(n, confidence=level) for n, level in enumerate(("low", "medium", "high"))]
    assert score_findings(frame(*levels), SHIPPED)["probability"].to_list() == [0.36, 0.6, 0.72]
    assert HIGHEST_PROBABILITY < 1
