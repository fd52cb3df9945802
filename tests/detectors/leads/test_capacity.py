"""The list for a team: the best by rank, bounded by institution, and a few by a lot that is the same every time."""

from __future__ import annotations

import polars as pl

from detectors.leads.capacity import within_capacity

LEADS = pl.DataFrame(
    {
        "rank": list(range(1, 201)),
        "lead_id": [f"lead{number:03d}" for number in range(200)],
        "institution_id": ["H1" if number < 50 else f"H{number % 20 + 2}" for number in range(200)],
    }
)


def test_nineteen_in_twenty_come_by_rank_and_one_by_lot() -> None:
    chosen = within_capacity(LEADS, 40, None, "run")
    assert chosen["chosen_by"].value_counts().sort("chosen_by").rows() == [("lot", 2), ("rank", 38)]
    assert chosen.filter(pl.col("chosen_by") == "rank")["rank"].to_list() == list(range(1, 39))
    assert chosen["rank"].is_sorted()


def test_no_institution_takes_more_than_its_part() -> None:
    chosen = within_capacity(LEADS, 40, 5, "run")
    assert chosen.height == 40
    assert chosen["institution_id"].value_counts()["count"].max() == 5
    assert chosen.head(5)["institution_id"].to_list() == ["H1"] * 5


def test_the_same_run_draws_the_same_lot_and_another_run_another() -> None:
    first, again, other = (within_capacity(LEADS, 40, 5, run)["lead_id"].to_list() for run in ("a", "a", "b"))
    assert first == again
    assert first != other


def test_where_there_are_fewer_leads_than_hands_all_are_listed_once() -> None:
    chosen = within_capacity(LEADS.head(7), 40, None, "run")
    assert chosen["lead_id"].to_list() == LEADS.head(7)["lead_id"].to_list()


def test_without_a_lot_the_list_is_the_top() -> None:
    assert within_capacity(LEADS, 20, None, "run", 0.0)["rank"].to_list() == list(range(1, 21))
