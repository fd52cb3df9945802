"""The list that a team can work through: the best leads it has hands for, not all from one house, and a few by lot."""

from __future__ import annotations

import hashlib

import polars as pl

from schemas.unflagged import BY_LOT

EXPLORED_SHARE = 0.05
"""Share of the list drawn by lot from what the rank would leave out: only so is learned what the rank misses."""

UNFLAGGED_SHARE = 0.05
"""Share of the list that unflagged cases get: only so is learned what the detectors miss. Source: DOMAIN 3."""

UNFLAGGED_TITLE = ("Drawn by lot, no suspicion", "随机抽查，无疑点")


def within_capacity(
    leads: pl.DataFrame,
    capacity: int,
    max_per_institution: int | None,
    run_id: str,
    explored_share: float = EXPLORED_SHARE,
) -> pl.DataFrame:
    """At most ``capacity`` leads: the best by rank, the rest by lot; column ``chosen_by`` says which (rank, lot).

    The lot is the SHA-256 of run and lead: the same run gives the same list, on every machine.

    Args:
        leads: ranked leads, best first.
        capacity: how many can be looked at.
        max_per_institution: at most as many of one institution, drawn ones included; None = no bound.
        run_id: of the leads' run.
        explored_share: share of ``capacity`` that is drawn, rounded half up, 0 to 1.
    """
    drawn = int(capacity * explored_share + 0.5)
    ids, places = leads["lead_id"].to_list(), leads["institution_id"].to_list()
    taken: dict[int, str] = {}
    of_place: dict[object, int] = {}

    def take(order: list[int], most: int, chosen_by: str) -> None:
        for row in order:
            if len(taken) >= most:
                return
            used = of_place.get(places[row], 0)
            if row not in taken and (max_per_institution is None or used < max_per_institution):
                taken[row], of_place[places[row]] = chosen_by, used + 1

    by_rank = list(range(leads.height))
    take(by_rank, capacity - drawn, "rank")
    take(sorted(by_rank, key=lambda row: (lot(run_id, ids[row]), ids[row])), capacity, "lot")
    rows = sorted(taken)
    return leads[rows].with_columns(pl.Series("chosen_by", [taken[row] for row in rows], pl.String))


def team_list(
    leads: pl.DataFrame, drawn: pl.DataFrame, capacity: int, max_per_institution: int | None, run_id: str
) -> pl.DataFrame:
    """At most ``capacity`` cases: leads as ``within_capacity`` chooses them, below them unflagged cases by lot.

    Unflagged cases get ``UNFLAGGED_SHARE`` of the list, rounded half up; they have no rank, and ``chosen_by`` is
    unflagged_lot. Seats that they leave go to leads.

    Args:
        leads: ranked leads, best first.
        drawn: rows of ``schemas.unflagged.UNFLAGGED_SCHEMA`` in the order of the lot.
        capacity: how many can be looked at.
        max_per_institution: at most as many of one institution, of both together; None = no bound.
        run_id: of the run.
    """
    seats = min(int(capacity * UNFLAGGED_SHARE + 0.5), drawn.height)
    listed = within_capacity(leads, capacity - seats, max_per_institution, run_id)
    used = dict(listed.group_by("institution_id").len().iter_rows())
    rows: list[int] = []
    for row, place in enumerate(drawn["institution_id"]):
        if len(rows) < seats and (max_per_institution is None or used.get(place, 0) < max_per_institution):
            rows.append(row)
            used[place] = used.get(place, 0) + 1
    told = drawn[rows].select(
        pl.col("run_id", "lead_id", "subject_type", "subject_id", "institution_id"),
        pl.lit(UNFLAGGED_TITLE[0]).alias("title_en"),
        pl.lit(UNFLAGGED_TITLE[1]).alias("title_zh"),
        pl.lit([BY_LOT]).alias("detector_ids"),
        pl.lit(0, pl.Int64).alias("finding_count"),
        pl.lit("unflagged_lot").alias("chosen_by"),
    )
    return pl.concat([listed, told], how="diagonal")


def lot(run_id: str, lead_id: str) -> str:
    """Where a case stands in a run's lot: hexadecimal text, the least comes first."""
    return hashlib.sha256(f"{run_id}|{lead_id}".encode()).hexdigest()
