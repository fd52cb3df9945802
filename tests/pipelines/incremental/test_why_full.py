"""When a run cannot build on the last one, and what it says then; what batches withdraw."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from detectors.ascii_tables import Row
from detectors.readmission.cycle import CYCLE
from detectors.repeat.same_institution import SAME_INSTITUTION

DAY = date(2025, 3, 1)
Tables = dict[str, list[Row]]


def order(id_: str, moment: str, **more: str | None) -> Row:
    own: Row = {"order_id": id_, "encounter_id": "E1", "patient_id": "P1", "institution_id": "H1", "item_code": "CT"}
    return own | {"body_part": "chest", "ordered_at": moment, "performed_at": moment, "status": "performed"} | more


def visit(id_: str, patient: str, **more: str | None) -> Row:
    own: Row = {"encounter_id": id_, "patient_id": patient, "institution_id": "H1", "encounter_type": "outpatient"}
    return own | {"started_at": "2025-02-01T08:00:00"} | more


@pytest.fixture
def first() -> Tables:
    """Four patients; the first has two examinations within an hour."""
    return {
        "institution": [{"institution_id": "H1", "institution_name": "H1", "level": "tertiary"}],
        "encounter": [visit(f"E{n}", f"P{n}") for n in (1, 2, 3, 4)],
        "exam_order": [order("O1", "2025-02-01T08:00:00"), order("O2", "2025-02-01T09:00:00")],
    }


@pytest.fixture
def house(new_house: Callable[..., Any], first: Tables, hourly: Any) -> Any:
    """A warehouse that was judged once, by two detectors."""
    house = new_house((SAME_INSTITUTION, CYCLE), hourly)
    house.load(first)
    night = house.night(DAY)
    assert night.prepared.reason == "there is no earlier run to build on, or it was cut off"
    assert hits(night) == 1
    return house


def hits(night: Any) -> int:
    return int(night.outcomes[SAME_INSTITUTION.id].row["hits"])


def test_the_same_again_asks_nobody(house: Any) -> None:
    night = house.night(DAY)
    assert (night.prepared.reason, night.prepared.judged_again, set(night.how.values())) == ("", 0, {"stands"})
    assert hits(night) == 1


def test_only_the_patient_of_a_new_row_is_asked(house: Any) -> None:
    house.load({"exam_order": [order("O3", "2025-02-01T09:30:00")]})
    night = house.night(DAY)
    assert (night.prepared.judged_again, night.prepared.patients, set(night.how.values())) == (1, 4, {"touched"})
    assert hits(night) == 2


@pytest.mark.parametrize(
    "change", [{"status": "cancelled"}, {"performed_at": "2025-02-20T09:00:00"}, {"patient_id": "P2"}]
)
def test_a_correction_withdraws_the_finding(house: Any, change: Row) -> None:
    house.load({"exam_order": [order("O2", "2025-02-01T09:00:00") | change]})
    assert hits(house.night(DAY)) == 0


def test_a_report_that_names_no_patient_touches_the_one_of_its_order(house: Any) -> None:
    house.load({"exam_result": [{"report_id": "R1", "order_id": "O1", "reported_at": "2025-02-01T10:00:00"}]})
    assert house.night(DAY).prepared.judged_again == 1


def test_a_row_that_no_as_of_date_let_in_so_far_touches_its_patient(house: Any) -> None:
    house.load({"exam_order": [order("O3", "2025-03-05T08:00:00"), order("O4", "2025-03-05T08:30:00")]})
    assert hits(house.night(DAY)) == 1
    night = house.night(date(2025, 3, 6))
    assert (night.prepared.judged_again, hits(night)) == (1, 2)


def test_patients_whom_one_encounter_names_are_touched_together(house: Any) -> None:
    house.load({"exam_order": [order("O5", "2025-02-03T08:00:00", encounter_id="E2", patient_id="P3")]})
    assert house.night(DAY).prepared.judged_again == 2


def test_a_changed_institution_touches_its_own_patients(house: Any) -> None:
    house.load({"encounter": [visit("E5", "P5", institution_id="H2")]})
    house.night(DAY)
    house.load({"institution": [{"institution_id": "H2", "institution_name": "H2", "level": "primary"}]})
    assert house.night(DAY).prepared.judged_again == 1


def test_a_register_that_no_prepared_table_reads_touches_nobody(house: Any) -> None:
    house.load({"inspection": [{"inspection_id": "I1", "institution_id": "H1", "started_on": "2025-02-01"}]})
    night = house.night(DAY)
    assert (night.prepared.reason, night.prepared.judged_again) == ("", 0)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"full": True}, "--full was given"),
        ({"key": "2"}, "the policy pack changed"),
        ({"as_of": date(2025, 2, 15)}, "the as-of date moved back from 2025-03-01 to 2025-02-15"),
    ],
)
def test_what_else_changed_means_a_full_run(house: Any, asked: dict[str, Any], reason: str) -> None:
    night = house.night(**({"as_of": DAY} | asked))
    assert night.prepared.reason == reason
    assert all(how.startswith("whole") for how in night.how.values())


def test_other_batches_than_before_mean_a_full_run(house: Any) -> None:
    house.batches[:] = ["another"]
    assert house.night(DAY).prepared.reason == "the last run was made from other batches"


def test_too_many_touched_patients_mean_a_full_run(house: Any) -> None:
    house.load({"encounter": [visit(f"E{n}", f"P{n}", ended_at="2025-02-01T09:00:00") for n in (1, 2)]})
    night = house.night(DAY, largest_share_pct=25)
    assert night.prepared.reason == "more than 25 % of the patients are touched: 2 of 4"


def test_a_run_cut_off_while_it_prepared_is_followed_by_a_full_one(house: Any) -> None:
    house.connection.execute("delete from remembered.prepared")
    assert house.night(DAY).prepared.reason == "there is no earlier run to build on, or it was cut off"


def test_a_run_cut_off_before_it_asked_is_taken_up_by_the_next(house: Any) -> None:
    house.load({"exam_order": [order("O3", "2025-02-01T09:30:00")]})
    house.night(DAY, ask=False)
    night = house.night(DAY)
    assert (night.prepared.judged_again, set(night.how.values()), hits(night)) == (0, {"touched"}, 2)


def test_a_detector_that_missed_a_night_is_asked_about_everybody(house: Any) -> None:
    for number in (3, 4):
        house.load({"exam_order": [order(f"O{number}", f"2025-02-01T{6 + number:02}:30:00")]})
        night = house.night(DAY, ask=number == 4)
    assert night.how[SAME_INSTITUTION.id] == "whole: it was not asked in the run before"
    assert hits(night) == 3


def test_other_parameters_mean_one_detector_is_asked_about_everybody(house: Any) -> None:
    night = house.night(DAY, assignments=("readmission.cycle.window_days=7",))
    assert night.how == {
        SAME_INSTITUTION.id: "stands",
        CYCLE.id: "whole: its question, its settings or what it reads changed",
    }


def test_another_window_means_detectors_are_asked_about_everybody(house: Any) -> None:
    night = house.night(DAY, window=(date(2025, 2, 2), None))
    assert hits(night) == 0
    assert all(how.startswith("whole") for how in night.how.values())
