"""Over which days a question is asked, and which month and quarter is the last to be compared with others."""

from __future__ import annotations

from datetime import date

import pytest

from detectors.catalogue import SHIPPED
from detectors.runner import PERIODS, Request, bound_days
from detectors.settings import resolve

DAY_ONE = date(1970, 1, 1)


@pytest.mark.parametrize(
    ("last", "month", "quarter"),
    [
        (date(2026, 1, 30), (2025, 12), (2025, 4)),
        (date(2026, 1, 31), (2026, 1), (2026, 1)),
        (date(2025, 12, 31), (2025, 12), (2025, 4)),
        (date(2024, 3, 30), (2024, 2), (2024, 1)),
        (date(1969, 5, 31), (1969, 5), (1969, 2)),
        (date.min, (1, 1), (1, 1)),
    ],
)
def test_a_month_and_a_quarter_count_once_a_day_of_theirs_is_thirty_days_old(
    last: date, month: tuple[int, int], quarter: tuple[int, int]
) -> None:
    days = bound_days(last)
    assert (days["last_month"], days["last_quarter"]) == (month[0] * 12 + month[1], quarter[0] * 4 + quarter[1])


def test_the_last_day_is_that_of_the_window_or_the_last_that_exists() -> None:
    first, last = date(2025, 3, 1), date(2025, 3, 31)
    days = bound_days(date(2025, 12, 31), first, last)
    assert (days["from_day"], days["to_day"]) == ((first - DAY_ONE).days, (last - DAY_ONE).days)
    assert days["last_quarter"] == 2025 * 4 + 1
    assert bound_days(last, first, date(2025, 12, 31))["to_day"] == (last - DAY_ONE).days


def test_what_is_asked_by_patient_gets_no_period() -> None:
    request = Request(date(2025, 12, 31), None, None, (), resolve(SHIPPED, {}), {}, {})
    assert {bool(set(PERIODS) & set(request.bound(one))) for one in SHIPPED if one.is_by_patient} == {False}
    assert {set(PERIODS) <= set(request.bound(one)) for one in SHIPPED if not one.is_by_patient} == {True}
