"""The list for a team: the best by rank, bounded by institution, and a few by a lot that is the same every time."""

from __future__ import annotations

import polars as pl

from detectors.leads.capacity import team_list, within_capacity

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


DRAWN = pl.DataFrame(
    {
        "run_id": "run",
        "lead_id": [f"case{number:02d}" for number in range(30)],
        "subject_type": "patient_episode",
        "subject_id": "P|H1|2025",
        "institution_id": [f"H{number % 3 + 1}" for number in range(30)],
    }
)


def test_one_in_twenty_of_a_team_s_list_is_an_unflagged_case_without_rank_or_suspicion() -> None:
    chosen = team_list(LEADS, DRAWN, 40, None, "run")
    counts = dict(chosen["chosen_by"].value_counts().iter_rows())
    assert counts == {"rank": 36, "lot": 2, "unflagged_lot": 2}
    cases = chosen.filter(pl.col("chosen_by") == "unflagged_lot")
    assert cases["rank"].null_count() == 2
    assert cases["lead_id"].to_list() == ["case00", "case01"]
    assert cases["title_en"].unique().to_list() == ["Drawn by lot, no suspicion"]


def test_unflagged_cases_keep_to_the_bound_of_their_institution() -> None:
    chosen = team_list(LEADS, DRAWN, 40, 5, "run")
    assert chosen.height <= 40
    assert chosen["institution_id"].value_counts()["count"].max() == 5
    assert "H1" not in chosen.filter(pl.col("chosen_by") == "unflagged_lot")["institution_id"]


def test_seats_that_no_unflagged_case_takes_go_to_leads() -> None:
    assert team_list(LEADS, DRAWN.clear(), 40, None, "run").height == 40
    assert team_list(LEADS.head(7), DRAWN, 40, None, "run").height == 9
