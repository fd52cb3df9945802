"""Unflagged cases: one in twenty by lot, the same every time, and what verdicts on them say of all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import polars as pl
import pytest

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.findings import content_id
from detectors.leads.unflagged import Scope, misses_of, unflagged_by_lot
from schemas.unflagged import BY_LOT, UNFLAGGED_SCHEMA

PATIENTS = 2_000
EVERYBODY = Scope(date(2025, 12, 31), None, None, ())
COLUMNS = {
    **dict.fromkeys(("patient_id", "institution_id", "subject_type", "subject_id", "exemption_id"), pl.String),
    "occurred_at": pl.Datetime("us"),
}
EVENTS = """
create or replace table prepared.exam_event as
select
    'P' || lpad(cast(n as varchar), 4, '0') as patient_id,
    'H' || cast(n % 4 as varchar) as institution_id,
    'E' || cast(n as varchar) as encounter_id,
    timestamp '2025-03-01 10:00:00' + to_days(cast(k * 30 as integer)) as occurred_at,
    cast(10 as decimal(18, 2)) as net_amount,
    cast(6 as decimal(18, 2)) as net_fund_amount
from range(2000) as p(n), range(2) as e(k)
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[DuckDBEngine]:
    connection = open_warehouse(None, threads=1)
    create_tables(connection)
    connection.execute(EVENTS)
    yield DuckDBEngine(connection)
    connection.close()


def found(*patients: int, exemption_id: str | None = None) -> pl.DataFrame:
    rows = [
        {
            "patient_id": f"P{number:04d}",
            "institution_id": f"H{number % 4}",
            "subject_type": "patient_episode",
            "subject_id": f"P{number:04d}|H{number % 4}|2025",
            "occurred_at": datetime(2025, 3, 31, 10),  # noqa: DTZ001
            "exemption_id": exemption_id,
        }
        for number in patients
    ]
    return pl.DataFrame(rows, schema=COLUMNS)


def test_about_one_in_twenty_is_drawn_and_the_same_ones_every_time(engine: DuckDBEngine) -> None:
    episodes, drawn = unflagged_by_lot(engine, found(), EVERYBODY, "run")
    assert episodes == PATIENTS
    assert 0.03 * PATIENTS < drawn.height < 0.07 * PATIENTS
    assert set(drawn.columns) == set(UNFLAGGED_SCHEMA.names)
    first = drawn.row(0, named=True)
    assert first["lead_id"] == content_id("patient_episode", first["subject_id"])
    assert (first["exam_count"], first["encounter_count"], float(first["net_amount"])) == (2, 1, 20.0)
    assert drawn["lot"].to_list() == list(range(1, drawn.height + 1))
    assert unflagged_by_lot(engine, found(), EVERYBODY, "run")[1].equals(drawn)


def test_another_run_draws_the_same_cases_in_another_order(engine: DuckDBEngine) -> None:
    one, other = (unflagged_by_lot(engine, found(), EVERYBODY, run)[1]["lead_id"].to_list() for run in ("a", "b"))
    assert one != other
    assert sorted(one) == sorted(other)


def test_whoever_has_a_lead_is_not_drawn_and_whoever_is_exempt_may_be(engine: DuckDBEngine) -> None:
    everybody = range(PATIENTS)
    episodes, drawn = unflagged_by_lot(engine, found(*everybody), EVERYBODY, "run")
    assert (episodes, drawn.height) == (0, 0)
    assert unflagged_by_lot(engine, found(*everybody, exemption_id="transfer"), EVERYBODY, "run")[0] == PATIENTS
    assert unflagged_by_lot(engine, found(1, 2, 3), EVERYBODY, "run")[0] == PATIENTS - 3


def test_only_what_the_run_looked_at_is_drawn_from(engine: DuckDBEngine) -> None:
    one_house = Scope(date(2025, 12, 31), None, None, ("H1",))
    episodes, drawn = unflagged_by_lot(engine, found(), one_house, "run")
    assert (episodes, drawn["institution_id"].unique().to_list()) == (PATIENTS // 4, ["H1"])
    too_late = Scope(date(2025, 12, 31), date(2025, 6, 1), None, ())
    assert unflagged_by_lot(engine, found(), too_late, "run")[0] == 0
    too_early = Scope(date(2025, 1, 31), None, None, ())
    assert unflagged_by_lot(engine, found(), too_early, "run")[0] == 0


def test_verdicts_on_the_drawn_estimate_what_was_missed_among_all(engine: DuckDBEngine) -> None:
    episodes, drawn = unflagged_by_lot(engine, found(), EVERYBODY, "run")
    ids = [*drawn["lead_id"].to_list()[:50], "not drawn"]
    outcomes = ["substantiated", "undetermined", *["unsubstantiated"] * 48, "substantiated"]
    verdicts = pl.DataFrame(
        {"finding_id": ids, "detector_id": BY_LOT, "outcome": outcomes, "decided_on": date(2025, 12, 1)}
    )
    misses = misses_of(episodes, drawn, verdicts)
    assert (misses.reviewed, misses.substantiated, misses.missed) == (49, 1, round(PATIENTS / 49))
    assert misses.share_low == pytest.approx(0.0036, abs=2e-4)
    assert misses.share_high == pytest.approx(0.1069, abs=2e-4)
    assert misses.missed_low is not None
    assert misses.missed_high is not None
    assert misses.missed_low < PATIENTS / 49 < misses.missed_high


def test_without_verdicts_nothing_is_estimated(engine: DuckDBEngine) -> None:
    misses = misses_of(*unflagged_by_lot(engine, found(), EVERYBODY, "run"), None)
    assert (misses.reviewed, misses.missed, misses.missed_high) == (0, None, None)
    assert (misses.share_low, misses.share_high) == (0.0, 1.0)
