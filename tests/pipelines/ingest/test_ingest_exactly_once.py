"""A line counts once, the newest version of it wins, and a batch is in the warehouse whole or not at all."""

import signal
import subprocess
import sys

import pytest

import pipelines.ingest.batch
import pipelines.ingest.loading
from detectors.engines.duckdb import open_warehouse
from pipelines.ingest import ingest_extract
from schemas.errors import IntegrityError

HEADER = "patient_id,sex,region_code\n"


def patients(bench):
    return bench.rows("select patient_id, sex, region_code, source_row from main.patient order by all")


def test_the_same_batch_again_changes_nothing(bench):
    folder = bench.extract(patient__csv=HEADER + "P1,M,1\nP2,X,2\n")
    first = bench.ingest(folder)
    before = bench.dump()

    (folder / "patient.csv").rename(folder / "PATIENT.CSV")
    again = bench.ingest(folder)

    assert not again.is_new
    assert again.batch_id == first.batch_id
    assert again.files == first.files
    assert bench.dump() == before


def test_the_batch_id_depends_on_contents_tables_and_nothing_else(bench):
    first = bench.ingest(bench.extract("one"))
    (bench.folder / "two").mkdir()

    assert bench.ingest(bench.extract("two")).batch_id == first.batch_id
    assert bench.ingest(bench.extract("three", patient__csv="patient_id\nP1\n")).batch_id != first.batch_id


def test_a_file_of_an_earlier_batch_is_all_duplicates(bench):
    bench.ingest(bench.extract(patient__csv=HEADER + "P1,M,1\nP2,X,2\n"))

    outcome = bench.ingest(
        bench.extract("later", patient__csv=HEADER + "P1,M,1\nP2,X,2\n", institution__csv=None, encounter__csv=None)
    )

    account = bench.account(outcome, "patient")
    assert outcome.is_new
    assert (account.rows_in, account.accepted, account.quarantined, account.duplicate) == (2, 0, 0, 2)
    assert len(patients(bench)) == 1


def test_an_overlapping_export_adds_only_what_is_new(bench):
    bench.ingest(bench.extract(patient__csv=HEADER + "P1,M,1\nP2,F,2\n"))

    outcome = bench.ingest(bench.extract("later", patient__csv=HEADER + "P2,F,2\nP3,F,3\n"))

    account = bench.account(outcome, "patient")
    assert (account.rows_in, account.accepted, account.duplicate) == (2, 1, 1)
    assert patients(bench) == [("P1", "M", "1", 2), ("P2", "F", "2", 3), ("P3", "F", "3", 3)]


def test_a_newer_version_of_a_line_wins_and_the_old_one_stays_traceable(bench):
    old = bench.ingest(bench.extract(patient__csv=HEADER + "P1,M,1\nP2,F,2\n"))

    new = bench.ingest(bench.extract("later", patient__csv=HEADER + "P2,M,2\n"))

    assert bench.account(new, "patient").accepted == 1
    assert patients(bench) == [("P1", "M", "1", 2), ("P2", "M", "2", 2)]
    assert bench.rows(
        "select patient_id, sex, batch_id, source_row, superseded_by_batch_id from superseded.patient"
    ) == [("P2", "F", old.batch_id, 3, new.batch_id)]


def test_a_line_twice_in_a_file_is_a_duplicate(bench):
    outcome = bench.ingest(bench.extract(patient__csv=HEADER + "P1,M,1\nP1 ,m,1\nP1,M,1\n"))

    account = bench.account(outcome, "patient")
    assert (account.accepted, account.duplicate) == (1, 2)


def test_the_same_key_with_other_content_is_a_collision_that_the_earlier_line_wins(bench):
    outcome = bench.ingest(bench.extract(patient__csv=HEADER + "P1,M,1\nP1,F,1\nP1,M,1\n"))

    account = bench.account(outcome, "patient")
    assert (account.accepted, account.quarantined, account.duplicate) == (1, 1, 1)
    assert account.quarantine_reasons == {"duplicate_key": 1}
    assert patients(bench) == [("P1", "M", "1", 2)]
    assert "\n3,duplicate_key,patient_id," in bench.quarantine(outcome, "patient.csv")


def test_an_id_that_another_institution_has_used_already_replaces_nothing(bench):
    header = "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    bench.ingest(
        bench.extract(encounter__csv=header + "E1,P1,H1,outpatient,2025-01-01\nE2,P1,H1,outpatient,2025-01-01\n")
    )

    later = bench.extract(
        "later", encounter__csv=header + "E1,P2,H2,outpatient,2025-02-01\nE2,P1,H1,emergency,2025-01-01\n"
    )
    outcome = bench.ingest(later)

    account = bench.account(outcome, "encounter")
    assert (account.accepted, account.quarantined, account.quarantine_reasons) == (1, 1, {"id_collision": 1})
    assert bench.rows("select encounter_id, institution_id, encounter_type from main.encounter order by all") == [
        ("E1", "H1", "outpatient"),
        ("E2", "H1", "emergency"),
    ]
    assert "\n2,id_collision,institution_id," in bench.quarantine(outcome, "encounter.csv")


def test_keys_with_empty_parts_are_compared_like_others(bench):
    header = "institution_id,licence_no,licence_kind,department_code,valid_from,valid_to\n"
    bench.ingest(bench.extract(licence__csv=header + "H1,,,,2024-01-01,2025-01-01\nH1,,,,2024-01-01,2025-01-01\n"))

    outcome = bench.ingest(bench.extract("later", licence__csv=header + "H1,,,,2024-01-01,2026-01-01\n"))

    assert bench.account(outcome, "licence").accepted == 1
    assert bench.rows("select valid_to::varchar from main.licence") == [("2026-01-01",)]
    assert bench.rows("select valid_to::varchar from superseded.licence") == [("2025-01-01",)]


@pytest.mark.parametrize("step", ["load_staged", "write_quarantine", "write_batch"])
@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt])
def test_a_fault_at_any_step_leaves_all_as_it_was(bench, monkeypatch, step, fault):
    bench.ingest(bench.extract())
    before = bench.dump()
    later = bench.extract("later", patient__csv=HEADER + "P1,F,1\nP3,X,1\n")

    def fail(*_arguments, **_named):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(pipelines.ingest.batch, step, fail)
        with pytest.raises(fault):
            bench.ingest(later)

    assert bench.dump() == before
    assert list((bench.workspace / "quarantine").glob("*")) == []
    assert list(bench.workspace.glob(".ingest-*")) == []
    assert bench.ingest(later).is_new


def test_rows_that_do_not_add_up_are_an_integrity_error_and_nothing_is_kept(bench, monkeypatch):
    folder = bench.extract()
    before = bench.dump()
    monkeypatch.setattr(pipelines.ingest.loading, "_insert", lambda *_: 0)

    with pytest.raises(IntegrityError, match="do not add up") as caught:
        bench.ingest(folder)

    assert caught.value.exit_code == 4
    assert bench.dump() == before


def test_a_kill_between_commit_and_move_is_mended_by_the_next_ingest(bench, monkeypatch):
    folder = bench.extract(patient__csv=HEADER + "P1,M,1\nP2,X,2\n")
    with monkeypatch.context() as patch:
        patch.setattr(pipelines.ingest.batch, "settle_pending", lambda *_: None)
        outcome = bench.ingest(folder)
    assert not (bench.workspace / "quarantine" / outcome.batch_id).exists()

    assert not bench.ingest(folder).is_new

    assert "3,bad_choice,sex" in bench.quarantine(outcome, "patient.csv")


KILLED = """
import os, signal, sys
from pathlib import Path
import pipelines.ingest.batch as batch
from detectors.engines.duckdb import create_tables, open_warehouse
folder, step = Path(sys.argv[1]), sys.argv[2]
connection = open_warehouse(folder / "workspace" / "warehouse.duckdb", allowed=(folder,), threads=1)
create_tables(connection)
setattr(batch, step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
batch.ingest_extract(connection, folder / "later", "canonical", workspace=folder / "workspace")
"""


@pytest.mark.parametrize("step", ["load_staged", "write_batch"])
def test_a_process_killed_before_the_commit_leaves_the_batch_absent(bench, step):
    bench.ingest(bench.extract())
    before = bench.dump()
    later = bench.extract("later", patient__csv="patient_id\nP1\n患者\n".encode("gb18030"))
    bench.connection.close()

    killed = subprocess.run([sys.executable, "-c", KILLED, str(bench.folder), step], check=False)

    bench.connection = open_warehouse(bench.workspace / "warehouse.duckdb", allowed=(bench.folder,), threads=1)
    assert killed.returncode == -signal.SIGKILL
    assert bench.dump() == before
    assert bench.ingest(later).is_new
    assert list(bench.workspace.glob(".ingest-*")) == []


def test_an_extract_in_parts_may_bring_the_tables_one_after_the_other(bench):
    bench.ingest(bench.extract())

    outcome = ingest_extract(
        bench.connection,
        bench.extract(
            "part",
            patient__csv=None,
            institution__csv=None,
            encounter__csv=None,
            complaint__csv=("complaint_id,received_at\nC1,2024-01-05\n"),
        ),
        "canonical",
        workspace=bench.workspace,
    )

    assert [file.table_name for file in outcome.files] == ["complaint"]
