"""What a night writes and leaves as it lies, and when the layers of a detector are folded into one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from detectors import runner
from detectors.repeat.same_institution import SAME_INSTITUTION
from pipelines.incremental import asking, layers

DAY = date(2025, 3, 1)
PATIENTS = 40
Tables = dict[str, list[dict[str, str | None]]]


def visits(*numbers: int) -> Tables:
    """A visit each, with two examinations of one kind an hour apart."""
    at = "2025-02-01T{:02}:00:00"
    return {
        "encounter": [
            {"encounter_id": f"E{n}", "patient_id": f"P{n}", "institution_id": "H1", "encounter_type": "outpatient"}
            | {"started_at": at.format(8)}
            for n in numbers
        ],
        "exam_order": [
            {"order_id": f"O{n}-{hour}", "encounter_id": f"E{n}", "patient_id": f"P{n}", "institution_id": "H1"}
            | {"item_code": "CT", "body_part": "chest", "ordered_at": at.format(hour), "performed_at": at.format(hour)}
            | {"status": "performed"}
            for n in numbers
            for hour in (8, 9)
        ],
    }


def withdrawn(number: int) -> Tables:
    """The second of a visit's examinations, cancelled."""
    orders = visits(number)["exam_order"]
    return {"exam_order": [orders[1] | {"status": "cancelled"}]}


@pytest.fixture
def house(new_house: Callable[..., Any], hourly: Any) -> Any:
    """A warehouse of forty patients with one finding each, judged once."""
    house = new_house((SAME_INSTITUTION,), hourly)
    house.load(visits(*range(PATIENTS)))
    assert found(house) == PATIENTS
    return house


def found(house: Any, **asked: Any) -> int:
    return int(house.night(DAY, **asked).outcomes[SAME_INSTITUTION.id].row["hits"])


def layers_of(house: Any) -> list[int]:
    """Rows in each of the detector's layers, oldest first."""
    asked = layers.last_asked(house.connection, SAME_INSTITUTION.id)
    assert asked is not None
    tables = [f'remembered_finding."{SAME_INSTITUTION.id} {layer}"' for layer in asked.layers]
    return [house.connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table in tables]


def tables_of(house: Any) -> int:
    told = "select count(*) from duckdb_tables() where schema_name = 'remembered_finding'"
    return int(house.connection.execute(told).fetchall()[0][0])


def test_a_night_leaves_what_stands_as_it_lies(house: Any) -> None:
    house.load(withdrawn(1))
    assert found(house) == PATIENTS - 1
    house.load(visits(PATIENTS, PATIENTS + 1))
    assert found(house) == PATIENTS + 1
    assert layers_of(house) == [PATIENTS, 0, 2]
    assert (found(house), layers_of(house)) == (PATIENTS + 1, [PATIENTS, 0, 2])


def test_a_patient_judged_again_night_after_night_counts_once(house: Any) -> None:
    for _ in range(3):
        house.load(withdrawn(1))
        assert found(house) == PATIENTS - 1
        house.load(visits(1))
        assert found(house) == PATIENTS
    assert layers_of(house) == [PATIENTS, 0, 1, 0, 1, 0, 1]


def test_layers_are_folded_where_many_patients_were_judged_again(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "LARGEST_SHARE_PCT", 20)
    for number in range(9):
        house.load(withdrawn(number))
        assert found(house) == PATIENTS - 1 - number
    assert layers_of(house) == [PATIENTS, *[0] * 9]
    house.load(withdrawn(9))
    assert found(house) == PATIENTS - 10
    assert layers_of(house) == [PATIENTS - 9, 0]
    assert tables_of(house) == 2


def test_layers_are_folded_where_there_are_many(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "MOST_LAYERS", 2)
    for number in range(3):
        house.load(withdrawn(number))
        assert found(house) == PATIENTS - 1 - number
    assert layers_of(house) == [PATIENTS - 2, 0]


def test_folding_leaves_one_row_a_denominator_and_counts_as_before(house: Any) -> None:
    for number in range(3):
        house.load(withdrawn(number))
        found(house)
    before = layers.kept_examined(house.connection, SAME_INSTITUTION.id)
    assert before["examined"].sum() > 0
    assert examined_rows(house) > before.height
    layers.fold(house.connection)
    assert examined_rows(house) == before.height
    assert layers.kept_examined(house.connection, SAME_INSTITUTION.id).equals(before)
    house.load(withdrawn(4))
    assert found(house) == PATIENTS - 4


def examined_rows(house: Any) -> int:
    return int(house.connection.execute("select count(*) from remembered.examined").fetchall()[0][0])


def test_a_full_run_leaves_one_layer(house: Any) -> None:
    house.load(withdrawn(1))
    found(house)
    assert found(house, full=True) == PATIENTS - 1
    assert (layers_of(house), tables_of(house)) == ([PATIENTS - 1], 1)
    house.load(withdrawn(2))
    assert found(house) == PATIENTS - 2
    assert layers_of(house) == [PATIENTS - 1, 0]
    assert house.connection.execute("select patient_id from remembered.judged_again").fetchall() == [("P2",)]


def test_a_layer_half_written_is_not_there(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    house.load(visits(PATIENTS))
    with monkeypatch.context() as cut:
        written = iter((layers.with_rows,))
        cut.setattr(layers, "with_rows", lambda *given: next(written)(*given))
        with pytest.raises(StopIteration):
            found(house)
    assert (layers_of(house), tables_of(house)) == ([PATIENTS], 1)
    assert found(house) == PATIENTS + 1


def test_findings_are_written_piece_by_piece(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "ROWS_AT_ONCE", PATIENTS // 3)
    assert found(house, full=True) == PATIENTS
    assert (found(house), layers_of(house)) == (PATIENTS, [PATIENTS])


def test_what_is_half_forgotten_is_not_forgotten(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    dropped = layers._drop_tables

    def _cut_after(*given: Any) -> None:
        dropped(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(layers, "_drop_tables", _cut_after)
        with pytest.raises(KeyboardInterrupt):
            layers.forget_detector(house.connection, SAME_INSTITUTION.id)
    assert layers_of(house) == [PATIENTS]
    assert found(house) == PATIENTS


def test_a_memory_of_another_layout_is_forgotten(house: Any) -> None:
    house.load(withdrawn(1))
    house.connection.execute("comment on table remembered.prepared is 'of an older program'")
    night = house.night(DAY)
    assert night.prepared.reason == "there is no earlier run to build on, or it was cut off"
    assert night.outcomes[SAME_INSTITUTION.id].row["hits"] == PATIENTS - 1
    assert (layers_of(house), tables_of(house)) == ([PATIENTS - 1], 1)


def test_a_finding_of_nobody_is_told_and_not_built_upon(house: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def _nameless(*given: Any) -> tuple[pl.DataFrame, str | None]:
        findings, unjudged = runner.found(*given)
        return findings.with_columns(pl.lit(None, pl.String).alias("patient_id")), unjudged

    house.load(visits(PATIENTS))
    with monkeypatch.context() as other:
        other.setattr(asking, "found", _nameless)
        assert found(house) == PATIENTS + 1
    assert layers.last_asked(house.connection, SAME_INSTITUTION.id) is None
    assert house.night(DAY).how == {SAME_INSTITUTION.id: "whole: it was not asked in the run before"}
    assert layers_of(house) == [PATIENTS + 1]
