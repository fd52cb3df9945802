"""What cannot be taken in: one clear error, the right exit code, nothing changed, no value of a row in the message."""

import io

import polars as pl
import pytest

from schemas.errors import ExamAuditError, InputError, UnknownProfileError

SECRET = "110101199003071234"


def refused(bench, folder, error=InputError, profile="canonical"):
    before = bench.dump()
    with pytest.raises(error) as caught:
        bench.ingest(folder, profile)
    assert bench.dump() == before
    assert not list(bench.workspace.glob("quarantine/*"))
    assert not list(bench.workspace.glob(".ingest-*"))
    assert bench.rows("select table_name from duckdb_tables() where temporary") == []
    assert SECRET not in str(caught.value)
    return caught.value


def test_an_unknown_profile_is_a_usage_error_that_lists_the_profiles(bench):
    error = refused(bench, bench.extract(), UnknownProfileError, profile="canonicle")

    assert error.exit_code == 2
    assert error.got == "canonicle"
    assert "canonical" in error.allowed


def test_a_missing_folder(bench):
    error = refused(bench, bench.folder / "nowhere")

    assert error.exit_code == 3
    assert "nowhere" in str(error)


def test_a_file_in_place_of_the_folder(bench):
    path = bench.folder / "extract.csv"
    path.write_text("x")

    assert "not a folder" in str(refused(bench, path))


def test_a_folder_without_known_files(bench):
    folder = bench.folder / "other"
    folder.mkdir()
    (folder / "fee_list_d.csv").write_text("x")

    assert "<table>.csv" in str(refused(bench, folder))


def test_two_files_for_one_table(bench):
    error = refused(bench, bench.extract(**{"Patient__CSV": "patient_id\nP1\n"}))

    assert "Patient.CSV and patient.csv" in str(error)


def test_tables_needed_to_start(bench):
    error = refused(bench, bench.extract(patient__csv=None, encounter__csv=None))

    assert "patient, encounter" in str(error)
    assert error.exit_code == 3


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_an_empty_file(bench, content):
    error = refused(bench, bench.extract(patient__csv=content))

    assert "empty" in str(error)
    assert "patient.csv" in str(error)


def test_a_header_of_blank_names(bench):
    assert "no header" in str(refused(bench, bench.extract(patient__csv=",,\n1,2,3\n")))


def test_a_missing_required_column_names_the_nearest(bench):
    error = refused(bench, bench.extract(patient__csv="patient_idd,sex\nP1,M\n"))

    assert "patient_id is missing" in error.wrong
    assert error.got == "a column named patient_idd"
    assert "patient.csv" in str(error)


def test_a_file_without_a_header_shows_no_values(bench):
    error = refused(bench, bench.extract(patient__csv=f"{SECRET},M\n{SECRET},F\n"))

    assert error.got == "no column of a similar name"


def test_a_column_that_stands_twice(bench):
    assert "twice" in str(refused(bench, bench.extract(patient__csv="patient_id,sex,SEX\nP1,M,M\n")))


def test_a_header_with_an_open_quotation_mark(bench):
    assert "line 1" in str(refused(bench, bench.extract(patient__csv='patient_id,"sex\nP1,M\n')))


def test_an_undecodable_file_names_the_offset(bench):
    content = b"patient_id,sex\n" + SECRET.encode() + b",M\nP\xff\xff,M\n"
    error = refused(bench, bench.extract(patient__csv=content))

    assert f"offset {content.index(0xFF)} " in str(error)
    assert "patient.csv" in str(error)


def test_a_marked_utf8_file_is_held_to_utf8(bench):
    content = "\ufeffpatient_id\n".encode() + "患者".encode("gb18030")

    assert "UTF-8" in str(refused(bench, bench.extract(patient__csv=content)))


@pytest.mark.parametrize("suffix", ["xlsx", "parquet"])
def test_a_file_that_is_not_what_its_name_says(bench, suffix):
    error = refused(bench, bench.extract(patient__csv=None, **{f"patient__{suffix}": SECRET}))

    assert f"patient.{suffix}" in str(error)
    assert error.__cause__ is None


def test_a_first_line_that_is_too_long(bench):
    error = refused(bench, bench.extract(patient__csv="patient_id," + SECRET * 80_000))

    assert "too long" in str(error)


def test_a_damaged_parquet_file(bench):
    stream = io.BytesIO()
    pl.DataFrame({"patient_id": [f"{SECRET}{row}" for row in range(3000)]}).write_parquet(stream)
    content = bytearray(stream.getvalue())
    content[2000:4000] = b"\x00" * 2000

    error = refused(bench, bench.extract(patient__csv=None, patient__parquet=bytes(content)))

    assert error.exit_code == 3
    assert "patient.parquet" in str(error)


def test_every_error_is_one_that_a_user_can_meet():
    assert issubclass(InputError, ExamAuditError)
