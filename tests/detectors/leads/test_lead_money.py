"""Money is counted once: in the lead of the finding's own subject; leads above patients tell of it and add nothing."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from detectors.catalogue import SHIPPED
from detectors.leads.grouping import leads_of
from schemas.finding import FINDING_SCHEMA

DETECTORS = {
    "patient_episode": "repeat.same_institution",
    "practitioner": "ordering.outlier_practitioner",
    "department": "ordering.outlier_department",
    "institution": "readmission.institution_rate",
}
EMPTY = pl.from_arrow(FINDING_SCHEMA.empty_table())

FINDING = st.fixed_dictionaries(
    {
        "subject_type": st.sampled_from(sorted(DETECTORS)),
        "patient": st.integers(1, 3),
        "doctor": st.integers(1, 2),
        "house": st.integers(1, 2),
        "event": st.one_of(st.none(), st.integers(1, 6)),
        "cents": st.one_of(st.none(), st.integers(0, 10**7)),
        "is_exempt": st.booleans(),
    }
)


def as_finding(number: int, told: dict[str, Any]) -> dict[str, Any]:
    patient, doctor, house = f"P{told['patient']}", f"D{told['house']}{told['doctor']}", f"H{told['house']}"
    subjects = {
        "patient_episode": f"{patient}|{house}|2025",
        "practitioner": doctor,
        "department": f"{house}|01",
        "institution": house,
    }
    is_patient = told["subject_type"] == "patient_episode"
    event = None if told["event"] is None or not is_patient else f"{patient}{house}-{told['event']}"
    amount = None if told["cents"] is None else Decimal(told["cents"]) / 100
    return {
        "finding_id": f"f{number}",
        "detector_id": DETECTORS[told["subject_type"]],
        "subject_type": told["subject_type"],
        "subject_id": subjects[told["subject_type"]],
        "patient_id": patient if is_patient else None,
        "practitioner_id": doctor,
        "department_code": "01",
        "institution_id": house,
        "flagged_event_id": event,
        "occurred_at": datetime(2025, 3, 1),  # noqa: DTZ001
        "amount_at_issue": amount,
        "fund_amount_at_issue": amount,
        "severity": "medium",
        "confidence": "medium",
        "grade": "suspected",
        "exemption_id": "transfer" if told["is_exempt"] else None,
    }


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    assert isinstance(EMPTY, pl.DataFrame)
    schema = {name: kind for name, kind in EMPTY.schema.items() if name != "run_id"}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")


def once(findings: list[dict[str, Any]]) -> Decimal:
    """Yuan of some findings; of those on one event the dearest."""
    dearest: dict[str, Decimal] = {}
    for one in findings:
        event = one["flagged_event_id"] or one["finding_id"]
        dearest[event] = max(dearest.get(event, Decimal(0)), one["amount_at_issue"] or Decimal(0))
    return sum(dearest.values(), Decimal(0))


@given(st.lists(FINDING, max_size=25))
def test_lowest_leads_add_up_to_the_findings_and_those_above_only_include_them(told: list[dict[str, Any]]) -> None:
    rows = [as_finding(number, one) for number, one in enumerate(told)]
    opened = [row for row in rows if row["exemption_id"] is None]
    leads = leads_of(table(rows), SHIPPED).to_dicts()
    for kind in DETECTORS:
        own = [row for row in opened if row["subject_type"] == kind]
        assert sum(
            (lead["amount_at_issue"] or 0 for lead in leads if lead["subject_type"] == kind), Decimal(0)
        ) == once(own)
    patients = [row for row in opened if row["subject_type"] == "patient_episode"]
    for lead in leads:
        if lead["subject_type"] == "patient_episode":
            assert (lead["included_count"], lead["included_amount"]) == (None, None)
            continue
        place = {"practitioner": "practitioner_id", "department": "institution_id", "institution": "institution_id"}
        wanted = lead["subject_id"].partition("|")[0]
        there = [row for row in patients if row[place[lead["subject_type"]]] == wanted]
        assert (lead["included_count"] or 0) == len(there)
        assert (lead["included_amount"] or 0) == once(there)


def test_a_patient_s_finding_counts_in_the_patient_s_lead_and_is_told_of_in_the_doctor_s() -> None:
    base = {"patient": 1, "doctor": 1, "house": 1, "event": 1, "is_exempt": False}
    rows = [
        as_finding(1, {**base, "subject_type": "patient_episode", "cents": 30_000}),
        as_finding(2, {**base, "subject_type": "practitioner", "cents": 99_900}),
    ]
    by_type = {lead["subject_type"]: lead for lead in leads_of(table(rows), SHIPPED).to_dicts()}
    assert by_type["patient_episode"]["amount_at_issue"] == Decimal("300.00")
    assert by_type["practitioner"]["amount_at_issue"] == Decimal("999.00")
    assert (by_type["practitioner"]["included_count"], by_type["practitioner"]["included_amount"]) == (
        1,
        Decimal("300.00"),
    )


def test_an_examination_within_a_questioned_stay_is_part_of_its_money() -> None:
    def patients(event: str, encounter: str, yuan: int) -> dict[str, Any]:
        told = {"subject_type": "patient_episode", "patient": 1, "doctor": 1, "house": 1, "event": None}
        row = as_finding(int(event[1:]), told | {"cents": yuan * 100, "is_exempt": False})
        return row | {"flagged_event_id": event, "encounter_id": encounter}

    stay, inside, dearer = patients("E1", "E1", 1000), patients("O2", "E1", 300), patients("O3", "E1", 900)
    elsewhere = patients("O4", "E9", 50)

    def counted(*rows: dict[str, Any]) -> Decimal:
        return leads_of(table(list(rows)), SHIPPED)["amount_at_issue"].item()  # type: ignore[no-any-return]

    assert counted(stay, inside) == 1000
    assert counted(stay, inside, elsewhere) == 1050
    assert counted(stay, inside, dearer) == 1200
    assert counted(inside, dearer, elsewhere) == 1250

    def scored(*rows: dict[str, Any]) -> float:
        return leads_of(table(list(rows)), SHIPPED)["score"].item()  # type: ignore[no-any-return]

    assert scored(stay, inside) == scored(stay)
    assert scored(stay, inside, elsewhere) == scored(stay) + scored(elsewhere)
    assert scored(stay, inside, dearer) == scored(inside, dearer) == scored(inside) + scored(dearer)


def test_one_event_that_two_detectors_question_is_worth_looking_at_once() -> None:
    told = {"subject_type": "patient_episode", "patient": 1, "doctor": 1, "house": 1, "event": 1, "is_exempt": False}
    first, second = (as_finding(number, told | {"cents": 100_000}) for number in (1, 2))
    second["detector_id"] = "readmission.cycle"
    both = leads_of(table([first, second]), SHIPPED)
    assert both["finding_count"].item() == 2
    assert both["score"].item() == max(leads_of(table([one]), SHIPPED)["score"].item() for one in (first, second))
    steps = json.loads(both["explanation"].item())["steps"]
    assert [step["count_weight"] for step in steps] == [1.0, 0.0]
    assert sum(step["contribution"] for step in steps) == both["score"].item()
