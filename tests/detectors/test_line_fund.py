"""The fund's part of a settlement is shared among its lines to the fen: nothing is lost, nothing is made up."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.prepared import statement

FEN = st.integers(0, 10_000_000).map(lambda fen: Decimal(fen) / 100)


class Settlements:
    """One encounter with a fund part, and its lines."""

    def __init__(self) -> None:
        self.connection = open_warehouse(None)
        create_tables(self.connection)

    def share(self, fund: Decimal | None, lines: list[tuple[Decimal, Decimal, Decimal, bool]]) -> list[Decimal]:
        """Shares of lines of (amount, in scope, reversed amount, void), in order."""
        self.connection.execute("delete from main.claim_line; delete from main.encounter")
        self.connection.execute(
            "create or replace table prepared.line_reversal (claim_line_id varchar, reversed_quantity decimal(18, 4), "
            "reversed_amount decimal(18, 2), reversed_fund_amount decimal(18, 2))"
        )
        self.connection.execute(
            "insert into main.encounter by name select 'E' as encounter_id, timestamp '2025-01-01' as started_at, "
            "cast($1 as decimal(18, 2)) as fund_amount",
            [fund],
        )
        for at, (amount, in_scope, undone, voided) in enumerate(lines):
            self.connection.execute(
                "insert into main.claim_line by name select $1 as claim_line_id, 'E' as encounter_id, "
                "timestamp '2025-01-01' as charged_at, 1 as quantity, $2 as amount, $3 as in_scope_amount, "
                "$4 as voided",
                [f"L{at:03}", amount, in_scope, voided],
            )
            if undone:
                self.connection.execute(
                    "insert into prepared.line_reversal values ($1, $2, $3, null)",
                    [f"L{at:03}", 1 if undone >= amount else 0, undone],
                )
        engine = DuckDBEngine(self.connection)
        rows = engine.answer(statement("line_fund"), {"as_of": date(2025, 12, 31)}).to_pylist()
        return [row["fund_amount"] for row in sorted(rows, key=lambda row: str(row["claim_line_id"]))]


@pytest.fixture(scope="module")
def settlements() -> Iterator[Settlements]:
    made = Settlements()
    yield made
    made.connection.close()


def line(amount: str, undone: str = "0", voided: bool = False) -> tuple[Decimal, Decimal, Decimal, bool]:
    return Decimal(amount), Decimal(amount), Decimal(undone), voided


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fund=FEN, scopes=st.lists(FEN, min_size=1, max_size=12).filter(any))
def test_shares_add_up_to_the_fund_and_none_is_off_by_more_than_a_fen(settlements, fund, scopes):
    shares = settlements.share(fund, [(scope, scope, Decimal(0), False) for scope in scopes])

    assert sum(shares) == fund
    for scope, share in zip(scopes, shares, strict=True):
        assert abs(share - fund * scope / sum(scopes)) <= Decimal("0.01")
        assert share >= 0


def test_thirds_of_a_yuan_are_whole_fen(settlements):
    assert settlements.share(Decimal("1.00"), [line("50"), line("50"), line("50")]) == [
        Decimal("0.33"),
        Decimal("0.34"),
        Decimal("0.33"),
    ]


def test_lines_that_were_reversed_or_void_leave_their_part_to_the_others(settlements):
    shares = settlements.share(Decimal("10.01"), [line("300", undone="300"), line("300", voided=True), line("300")])

    assert shares == [Decimal(0), Decimal(0), Decimal("10.01")]


def test_a_line_that_was_reversed_in_part_takes_part_with_what_is_left(settlements):
    assert settlements.share(Decimal("30.00"), [line("200", undone="100"), line("200")]) == [
        Decimal("10.00"),
        Decimal("20.00"),
    ]


def test_nothing_in_scope_or_no_known_fund_gives_no_estimate(settlements):
    nothing = (Decimal(5), Decimal(0), Decimal(0), False)

    assert settlements.share(Decimal("10.00"), [nothing]) == []
    assert settlements.share(None, [line("5")]) == []
