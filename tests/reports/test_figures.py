from datetime import date, datetime
from decimal import Decimal

import pytest

from reports import figures


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Decimal("600"), "¥600.00"),
        (Decimal("1234567.5"), "¥1\u202f234\u202f567.50"),
        (Decimal("-3.2"), "−¥3.20"),
        (None, "–"),
    ],
)
def test_money_has_thin_separators_and_two_decimals(amount: Decimal | None, text: str) -> None:
    assert figures.yuan(amount) == text


def test_a_share_of_nothing_is_a_dash_and_a_tiny_one_is_not_zero() -> None:
    assert figures.share(0, 0) == "–"
    assert figures.share(0, 10) == "0.0\u202f%"
    assert figures.share(1, 5000) == "<0.1\u202f%"
    assert figures.share(1, 214) == "0.5\u202f%"


def test_an_unknown_hour_is_not_shown_as_midnight() -> None:
    at = datetime.fromisoformat("2025-03-04")
    assert figures.moment(at, has_time=False) == "2025-03-04"
    assert figures.moment(at) == "2025-03-04 00:00"


def test_days_are_told_once_where_they_are_the_same_and_may_be_open() -> None:
    first, last = date(2025, 3, 4), datetime.fromisoformat("2025-03-06T09:00")
    assert figures.days(first, last) == "2025-03-04 – 2025-03-06"
    assert figures.days(first, first) == "2025-03-04"
    assert [figures.days(first, None), figures.days(None, last)] == ["2025-03-04 –", "– 2025-03-06"]
    assert figures.days(None, None) == figures.NOTHING


def test_numbers_drop_trailing_zeros_but_columns_keep_them() -> None:
    assert figures.number(31.0, 1) == "31"
    assert figures.fixed(31.0, 1) == "31.0"
    assert figures.number(100.0) == "100"


def test_tiny_numbers_are_written_with_a_power_of_ten() -> None:
    assert figures.scientific(0.00031) == f"3.1{figures.THIN}×{figures.THIN}10⁻⁴"


def test_a_pseudonym_is_cut_with_the_whole_of_it_on_hover():
    who = "0123456789abcdef" * 2

    assert figures.person(who) == f'<abbr class="id" title="{who}">0123456789ab…</abbr>'
    assert figures.short_episode(f"{who}|H1|2025") == f"{figures.person(who)} · 2025"
    assert figures.person("D001") == "D001"
    assert figures.person(None) == figures.NOTHING
    assert "<b>" not in figures.person("<b>")
    assert "<b>" not in figures.person("<b>" * 20)


def test_only_a_pseudonym_has_a_command_that_looks_it_up():
    who = "0123456789abcdef" * 2

    assert figures.lookup_command(f"{who}|H1|2025") == "exam-audit identity lookup 0123456789ab --reason …"
    assert figures.lookup_command("P1|H1|2025") is None
