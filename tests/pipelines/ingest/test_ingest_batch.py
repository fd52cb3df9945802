"""What an extract does to the warehouse, and what is told about it."""

import json

import pytest

from pipelines.ingest import ingest_extract, present_columns

CLAIM_HEADER = "claim_line_id,claim_id,patient_id,institution_id,item_code,charged_at,quantity,unit_price,amount\n"


def test_a_minimal_extract_is_loaded_with_its_origin(bench):
    outcome = bench.ingest(bench.extract())

    assert outcome.is_new
    assert len(outcome.batch_id) == 16
    assert bench.rows("select patient_id, sex, batch_id, source_file, source_row from main.patient order by all") == [
        ("P1", "M", outcome.batch_id, "patient.csv", 2),
        ("P2", "F", outcome.batch_id, "patient.csv", 3),
    ]
    assert bench.rows("select started_at_has_time, ended_at_has_time from main.encounter") == [(False, None)]


def test_every_file_is_announced_and_accounted_for(bench):
    told: list[str] = []

    outcome = ingest_extract(
        bench.connection, bench.extract(), "canonical", workspace=bench.workspace, on_file=told.append
    )

    assert told == ["patient.csv", "institution.csv", "encounter.csv"]
    assert {(file.table_name, file.rows_in, file.accepted) for file in outcome.files} == {
        ("patient", 2, 2),
        ("institution", 1, 1),
        ("encounter", 1, 1),
    }


def test_the_ledger_holds_batch_files_and_columns(bench):
    outcome = bench.ingest(bench.extract(patient__csv="Patient_ID , SEX,phone\nP1,M,1\nP2,X,2\n"))

    assert bench.rows("select batch_id, sequence, profile, loaded_rows from ledger.batch") == [
        (outcome.batch_id, 1, "canonical", 3)
    ]
    ((columns, unknown, reasons),) = bench.rows(
        "select columns_present, unknown_columns, quarantine_reasons from ledger.file where table_name = 'patient'"
    )
    assert (columns, unknown, json.loads(str(reasons))) == (["patient_id", "sex"], ["phone"], {"bad_choice": 1})
    assert bench.account(outcome, "patient").unknown_columns == ("phone",)


def test_present_columns_gather_over_batches_and_leave_out_tables_never_loaded(bench):
    bench.ingest(bench.extract())
    bench.ingest(bench.extract("later", patient__csv="patient_id,region_code\nP9,110000\n"))

    present = present_columns(bench.connection)

    assert sorted(present) == ["encounter", "institution", "patient"]
    assert present["patient"] == {"patient_id", "sex", "region_code"}


def test_a_header_without_rows_is_accepted(bench):
    outcome = bench.ingest(bench.extract(device__csv="device_id,institution_id,device_type\n"))

    assert bench.account(outcome, "device").rows_in == 0


def test_other_files_and_folders_are_ignored_and_named(bench):
    folder = bench.extract(**{"readme__txt": "x", "patients__csv": "x"})
    (folder / "old").mkdir()

    assert bench.ingest(folder).ignored == ("old", "patients.csv", "readme.txt")


def test_names_of_files_may_be_in_any_case(bench):
    outcome = bench.ingest(bench.extract(patient__csv=None, **{"PATIENT__CSV": "patient_id\nP1\n"}))

    assert bench.account(outcome, "patient").source_file == "PATIENT.CSV"


def test_a_bad_value_quarantines_its_row_and_keeps_the_original_text(bench):
    text = '"P3",M,"2024-13-01, or so"\n'
    outcome = bench.ingest(bench.extract(patient__csv="patient_id,sex,birth_date\nP1,M,1990-01-01\n" + text))

    account = bench.account(outcome, "patient")
    assert (account.rows_in, account.accepted, account.quarantined) == (2, 1, 1)
    assert account.quarantine_reasons == {"bad_date": 1}
    lines = bench.quarantine(outcome, "patient.csv").splitlines()
    assert lines[0] == "source_row,reasons,columns,explanation_en,explanation_zh,original_text"
    assert lines[1].startswith("3,bad_date,birth_date,")
    assert lines[1].endswith('"""P3"",M,""2024-13-01, or so"""')


def test_quarantine_is_private_and_its_cells_are_no_formulas(bench):
    outcome = bench.ingest(bench.extract(patient__csv="patient_id,sex\n=1+1,X\n"))

    folder = bench.workspace / "quarantine" / outcome.batch_id
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert oct((folder / "patient.csv.csv").stat().st_mode & 0o777) == "0o600"
    assert '"\'=1+1,X"' in bench.quarantine(outcome, "patient.csv")


def test_a_batch_without_bad_rows_has_no_quarantine(bench):
    outcome = bench.ingest(bench.extract())

    assert not (bench.workspace / "quarantine" / outcome.batch_id).exists()


def test_nothing_private_is_left_in_the_workspace(bench):
    (bench.workspace / ".ingest-left-by-a-kill").mkdir()

    bench.ingest(bench.extract(patient__csv="patient_id\n患者\n".encode("gb18030")))

    assert sorted(path.name for path in bench.workspace.iterdir() if path.name.startswith(".")) == []
    assert bench.rows("select table_name from duckdb_tables() where temporary") == []


def test_money_is_exact(bench):
    rows = (
        "L1,C1,P1,H1,I1,2024-01-05T08:00:00,1,0.10,0.100\n"
        "L2,C1,P1,H1,I1,2024-01-05T08:00:00,-1.2500,99999999999999.99,-3\n"
    )
    bench.ingest(bench.extract(claim_line__csv=CLAIM_HEADER + rows))

    found = bench.rows(
        "select cast(quantity as varchar), cast(unit_price as varchar), cast(amount as varchar) "
        "from main.claim_line order by claim_line_id"
    )
    assert found == [("1.0000", "0.10", "0.10"), ("-1.2500", "99999999999999.99", "-3.00")]


@pytest.mark.parametrize("name", ["it's", "a [1] * folder", "k=v", "问?号", "p[a-z]"])
def test_folders_of_any_name_are_read_as_they_are(bench, name):
    decoy = bench.folder / name.replace("[1]", "1").replace("[a-z]", "q")
    if decoy.name != name:
        decoy.mkdir()
        (decoy / "patient.csv").write_text("patient_id,sex\nWRONG,M\n")

    bench.ingest(bench.extract(name))

    assert bench.rows("select patient_id from main.patient order by all") == [("P1",), ("P2",)]


def test_a_workspace_of_any_name_will_do(tmp_path, make_bench):
    (tmp_path / "w1" / "workspace").mkdir(parents=True)
    bench = make_bench(tmp_path / "w[1]* 'x'")
    try:
        outcome = bench.ingest(bench.extract(patient__csv="patient_id\n\nP1\n"))
    finally:
        bench.connection.close()

    assert bench.account(outcome, "patient").accepted == 1
