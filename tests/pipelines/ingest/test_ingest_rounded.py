"""Long ids that end in zeros: a column where most do was rounded by a spreadsheet; a single one is honest."""

import pytest

from detectors.engines.duckdb import open_warehouse
from pipelines.ingest.rounded import mark_rounded_ids
from schemas.table import Column, Kind, Table

TABLE = Table(
    *("t", "表", "one row", "一行"),
    key=("a_id",),
    columns=tuple(Column(name, Kind.ID, "An id.", "标识。") for name in ("a_id", "b_id")),
)


@pytest.fixture
def faults():
    connection = open_warehouse(None, threads=1)

    def marked(*ids):
        connection.execute("create or replace temp table staged (faults varchar, a_id varchar, b_id varchar)")
        connection.executemany("insert into staged values (null, ?, 'x')", [[one] for one in ids])
        mark_rounded_ids(connection, TABLE, "staged", ("a_id", "b_id"))
        return dict(connection.execute("select a_id, faults from staged").fetchall())

    yield marked
    connection.close()


def test_a_column_that_was_rounded(faults):
    found = faults("110101199003071000", "110101198502142000", "H-1", "11010119900307123X")

    assert found["110101199003071000"] == found["110101198502142000"] == "mangled_id:a_id"
    assert found["H-1"] is None
    assert found["11010119900307123X"] is None


def test_resident_ids_that_mostly_end_in_two_zeros(faults):
    assert set(faults("110101199003071200", "110101198502142300").values()) == {"mangled_id:a_id"}


def test_the_ids_that_were_typed_as_text_are_kept_in_such_a_column(faults):
    found = faults("110101199003071000", "110101198502142000", "110101199003071234")

    assert found["110101199003071234"] is None
    assert found["110101198502142000"] == "mangled_id:a_id"


def test_one_honest_id_among_others(faults):
    assert set(faults("110101199003071000", "110101199003071234", "110101198502142216").values()) == {None}


@pytest.mark.parametrize(
    "id_", ["100000000000000", "1101011990030710", "910101999903071200", "900", "11010119900307100Z"]
)
def test_what_no_spreadsheet_makes_of_a_long_number(faults, id_):
    assert faults(id_) == {id_: None}


@pytest.mark.parametrize(
    "id_", ["1101011990030700", "11010119900307100", "110101199003071000", "11010119900307123400000"]
)
def test_a_single_id_is_judged_by_itself(faults, id_):
    expected = "mangled_id:a_id" if set(id_[15:]) == {"0"} and id_.endswith("00") else None

    assert faults(id_) == {id_: expected}


def test_repeats_of_one_id_count_once(faults):
    assert set(faults(*["110101199003071000"] * 5, "110101199003071234").values()) == {None}


def test_a_file_of_rounded_ids(bench):
    text = "patient_id,region_code\n110101199003071000,3301000000000000\n110101198502142000,x\nP3,y\n"

    outcome = bench.ingest(bench.extract(patient__csv=text))

    assert bench.account(outcome, "patient").quarantine_reasons == {"mangled_id": 2}
    assert bench.rows("select patient_id from main.patient") == [("P3",)]
    assert "请以文本格式导出" in bench.quarantine(outcome, "patient.csv")
