"""The example of a regional pack shows each thing that a region writes, and changes nothing else."""

from __future__ import annotations

from schemas.pack import load_pack

NATIONAL, EXAMPLE = load_pack("cn-national"), load_pack("example-region")


def own(table: str) -> list[dict[str, object]]:
    return [row for row in EXAMPLE.tables[table].to_dicts() if row["pack_source"] == EXAMPLE.name]


def test_it_has_recognition_lists_of_a_region_with_dates() -> None:
    assert {row["region_code"] for row in own("recognition_items")} == {"990000"}
    assert all(row["valid_from"] is not None for row in own("recognition_institutions"))
    assert any(row["valid_to"] is not None for row in own("recognition_institutions"))


def test_it_adds_a_situation_beside_the_six_national_ones() -> None:
    [row] = own("exemptions")
    assert row["national_situation"] is None
    assert row["reason_code"] == "R7"
    assert EXAMPLE.tables["exemptions"].height == NATIONAL.tables["exemptions"].height + 1


def test_an_item_keeps_its_retest_interval_and_gets_a_recognition_validity() -> None:
    [row] = own("exam_items")
    [before] = [r for r in NATIONAL.tables["exam_items"].to_dicts() if r["item_code"] == row["item_code"]]
    assert before["recognition_days"] is None
    assert row["recognition_days"] == 3
    assert row["retest_hours_outpatient"] == before["retest_hours_outpatient"]


def test_it_sets_one_parameter_of_one_detector() -> None:
    assert EXAMPLE.parameters["repeat.modality_cascade"] == {"window_hours": 168}
