"""Nights that ask other detectors, or ask otherwise, than the nights before: counts stay those of a full run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from detectors.ascii_tables import Row
from detectors.readmission.cycle import CYCLE
from detectors.repeat.same_institution import SAME_INSTITUTION

DAY = date(2025, 3, 1)


def order(id_: str, moment: str) -> Row:
    own: Row = {"order_id": id_, "encounter_id": "E1", "patient_id": "P1", "institution_id": "H1", "item_code": "CT"}
    return own | {"body_part": "chest", "ordered_at": moment, "performed_at": moment, "status": "performed"}


@pytest.fixture
def house(new_house: Callable[..., Any], hourly: Any) -> Any:
    house = new_house((SAME_INSTITUTION, CYCLE), hourly)
    house.load({"exam_order": [order("O1", "2025-02-01T08:00:00"), order("O2", "2025-02-01T09:00:00")]})
    house.night(DAY)
    house.load({"exam_order": [order("O3", "2025-02-01T09:30:00")]})
    return house


def examined(night: Any) -> int:
    return int(night.outcomes[SAME_INSTITUTION.id].row["examined"])


def test_a_night_of_another_detector_leaves_the_first_ones_denominators_true(house: Any) -> None:
    house.detectors = (CYCLE,)
    house.night(DAY)
    house.detectors = (SAME_INSTITUTION, CYCLE)
    assert examined(house.night(DAY)) == examined(house.night(DAY, full=True)) == 3


def test_a_night_of_another_window_that_was_cut_off_leaves_denominators_true(house: Any) -> None:
    house.night(DAY, window=(date(2025, 2, 20), None), ask=False)
    assert examined(house.night(DAY)) == examined(house.night(DAY, full=True)) == 3
