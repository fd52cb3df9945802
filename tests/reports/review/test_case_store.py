"""The case store itself: migrations from empty, verdicts that nobody can change, two importers at once."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DatabaseError

from reports.review.chain import GENESIS, check_chain, head_of
from reports.review.importing import confirm, preview
from reports.review.store import CaseStore, open_store
from reports.review.tables import METADATA, VERDICT
from schemas.errors import IntegrityError, LockedError, UsageError

KEY = b"the key of a workspace in tests"
NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
FINE = {"verdict": "justified", "reason_code": "medical_need_documented"}
Fill = Callable[..., Path]


def test_migrations_from_empty_make_the_tables_that_the_code_declares(store: CaseStore) -> None:
    with store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_opening_again_changes_nothing(address: Path | str) -> None:
    for _ in range(2):
        with open_store(address).reading() as connection:
            assert head_of(connection) == (0, GENESIS)
            assert check_chain(connection) == (0, GENESIS)


def test_verdicts_can_neither_be_changed_nor_removed(fill: Fill, own_run: Path, store: CaseStore) -> None:
    confirm(preview(fill(("leads", 2, FINE)), own_run, store, KEY, "R1"), store, NOW)
    for statement in (update(VERDICT).values(verdict="substantiated"), delete(VERDICT)):
        with pytest.raises(DatabaseError, match="append-only"), store.writing() as connection:
            connection.execute(statement)
    with store.reading() as connection:
        assert check_chain(connection)[0] == 1


def test_the_file_is_its_owners_alone_and_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"
    with open_store(path).reading() as connection:
        assert connection.execute(text("pragma journal_mode")).scalar() == "wal"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"
    open_store(path)
    with sqlite3.connect(path) as connection:
        connection.execute("update alembic_version set version_num = '9999'")
    connection.close()
    with pytest.raises(IntegrityError, match="newer version"):
        open_store(path)


def test_a_file_that_is_no_database_is_told_as_damaged(tmp_path: Path) -> None:
    path = tmp_path / "cases.sqlite"
    path.write_bytes(b"no database at all, and long enough to be looked at" * 20)
    with pytest.raises(IntegrityError, match="the case store is damaged"):
        open_store(path)


def test_who_waits_too_long_for_another_writer_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.review.store.PATIENCE_SECONDS", 0)
    store = open_store(tmp_path / "cases.sqlite")
    with store.writing(), pytest.raises(LockedError, match="the case store is in use"), store.writing():
        pass


@pytest.mark.parametrize("address", ["mysql://somewhere/x", "sqlite:///x", "not an address"])
def test_only_postgresql_has_an_address(address: str) -> None:
    with pytest.raises(UsageError, match="no address of a case store"):
        open_store(address)


def test_a_password_is_in_no_error() -> None:
    with pytest.raises(UsageError) as told:
        open_store("postgresql://auditor:hunter2@127.0.0.1:1/none")
    assert "hunter2" not in str(told.value)


def _tampered(path: Path, *statements: str) -> None:
    """What somebody with the file in hand could do: triggers are no obstacle to them."""
    connection = sqlite3.connect(path)
    for name in ("verdict_no_update", "verdict_no_delete", "verdict_finding_no_update", "verdict_finding_no_delete"):
        connection.execute(f"drop trigger {name}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("update verdict set verdict = 'substantiated' where sequence = 2", "got: entry 2;"),
        ("update verdict set note = 'x' where sequence = 3", "got: entry 3;"),
        ("update verdict_finding set detector_id = 'other' where sequence = 1", "got: entry 1;"),
        ("delete from verdict where sequence = 1", "got: entry 2 after 0;"),
        ("delete from verdict where sequence = 3", "the end of the audit chain was cut off"),
        ("insert into verdict_finding values (9, 'F', 'D')", "got: entry 9;"),
        ("update sheet_import set reviewer_id = 'R2'", "got: import 1;"),
        ("update sheet_import set rows_new = 9", "got: import 1;"),
        ("delete from sheet_import", "got: import 1;"),
        ("delete from lead_under_review", "got: entry 1;"),
        ("drop table verdict_finding", "the case store has lost a table"),
    ],
)
def test_the_chain_names_the_first_broken_entry(
    fill: Fill, own_run: Path, tmp_path: Path, statement: str, told: str
) -> None:
    path = tmp_path / "cases.sqlite"
    store = open_store(path)
    sheet = fill(*(("leads", row, FINE) for row in (2, 3, 4)))
    confirm(preview(sheet, own_run, store, KEY, "R1"), store, NOW)
    with store.reading() as connection:
        count, head = check_chain(connection)
        assert (count, check_chain(connection, head[:12])) == (3, (3, head))
    _tampered(path, statement)
    with pytest.raises(IntegrityError, match=told), store.reading() as connection:
        check_chain(connection)


def test_a_head_that_was_noted_before_must_be_in_the_chain(store: CaseStore) -> None:
    with store.reading() as connection, pytest.raises(IntegrityError, match="this head is not in the audit chain"):
        check_chain(connection, "0123456789ab")


IMPORTER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from reports.review.importing import confirm, preview
from reports.review.store import open_store

sheet, run, address, reviewer, *opening = sys.argv[1:]
store = open_store(address if "://" in address else Path(address))
seen = preview(Path(sheet), Path(run), store, b"the key of a workspace in tests", reviewer)
print("ready", flush=True)
sys.stdin.readline()
confirm(seen, store, datetime(2025, 7, 1, tzinfo=UTC))
"""


def test_two_importers_at_once_write_one_whole_chain(
    fill: Fill, own_run: Path, address: Path | str, tmp_path: Path
) -> None:
    sheet = fill(*(("leads", row, FINE) for row in (2, 3, 4, 5)))
    script = tmp_path / "importer.py"
    script.write_text(IMPORTER, encoding="utf-8")
    words = [sys.executable, script, sheet, own_run, address]
    both = [
        subprocess.Popen([*words, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for name in ("R1", "R2")
    ]
    for one in both:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in both:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    for one in both:
        one.communicate()
    assert [one.returncode for one in both] == [0, 0]
    with open_store(address).reading() as connection:
        assert check_chain(connection)[0] == 8
        by_reviewer = select(VERDICT.c.reviewer_id, func.count()).group_by(VERDICT.c.reviewer_id)
        assert sorted(map(tuple, connection.execute(by_reviewer))) == [("R1", 4), ("R2", 4)]
