"""The hardened connection: no file outside, no new settings, no second process."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from detectors.engines.duckdb import DuckDBEngine, create_tables, named, open_warehouse
from schemas.errors import IntegrityError, LockedError
from schemas.tables import TABLES


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path, Path]:
    """The workspace, an allowed folder and one outside, each holding a small CSV file."""
    made = tuple(tmp_path / name for name in ("workspace", "extract", "outside"))
    for folder in made:
        folder.mkdir()
        (folder / "rows.csv").write_text("a\n1\n", encoding="utf-8")
    return made


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return connection.execute(sql).fetchall()


def test_files_of_the_workspace_and_of_allowed_folders_can_be_read(folders) -> None:
    workspace, extract, _ = folders
    with open_warehouse(workspace / "w.duckdb", allowed=[extract]) as connection:
        for folder in (workspace, extract):
            assert rows(connection, f"select * from read_csv('{folder}/rows.csv')") == [(1,)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from read_csv('{outside}/rows.csv')",
        "select * from '{outside}/rows.csv'",
        "select * from read_csv('{extract}/../outside/rows.csv')",
        "select * from read_text('{outside}/*.csv')",
        "copy (select 1) to '{outside}/stolen.csv'",
        "attach '{outside}/other.duckdb'",
        "export database '{outside}/all'",
    ],
)
def test_nothing_outside_is_read_or_written(folders, statement: str) -> None:
    workspace, extract, outside = folders
    with (
        open_warehouse(workspace / "w.duckdb", allowed=[extract]) as connection,
        pytest.raises(duckdb.PermissionException),
    ):
        connection.execute(statement.format(outside=outside, extract=extract))
    assert [path.name for path in outside.iterdir()] == ["rows.csv"]


def test_a_warehouse_in_memory_reads_no_file_at_all(folders) -> None:
    with open_warehouse(None) as connection, pytest.raises(duckdb.PermissionException):
        connection.execute(f"select * from read_csv('{folders[0]}/rows.csv')")


@pytest.mark.parametrize(
    "statement",
    [
        "set enable_external_access = true",
        "set autoinstall_known_extensions = true",
        "set allowed_directories = ['/']",
        "set threads = 1",
        "set lock_configuration = false",
        "reset enable_external_access",
    ],
)
def test_settings_are_locked(statement: str) -> None:
    with open_warehouse(None) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


@pytest.mark.parametrize("statement", ["install httpfs", "load httpfs", "install h3 from community"])
def test_no_extension_is_installed_or_loaded(statement: str) -> None:
    with open_warehouse(None) as connection, pytest.raises(duckdb.Error):
        connection.execute(statement)


def test_threads_and_memory_are_as_asked() -> None:
    with open_warehouse(None, threads=1, memory_limit="100MB") as connection:
        assert rows(connection, "select current_setting('threads')") == [(1,)]
        assert rows(connection, "select current_setting('memory_limit')") == [("95.3 MiB",)]


def test_a_second_process_is_told_that_the_warehouse_is_locked(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    attempt = (
        "import sys; from pathlib import Path; from detectors.engines.duckdb import open_warehouse\n"
        "from schemas.errors import LockedError\n"
        "try: open_warehouse(Path(sys.argv[1]))\n"
        "except LockedError as error: print(error); sys.exit(error.exit_code)\n"
    )
    with open_warehouse(path):
        second = subprocess.run([sys.executable, "-c", attempt, str(path)], capture_output=True, text=True, check=False)
    assert second.returncode == LockedError.exit_code == 5, second.stderr
    assert "the warehouse is open in another process; allowed: one process at a time" in second.stdout
    open_warehouse(path).close()


def test_a_file_that_is_no_warehouse_is_an_integrity_error(tmp_path: Path) -> None:
    path = tmp_path / "w.duckdb"
    path.write_bytes(b"not a database, but long enough to be read as the header of one" * 100)
    with pytest.raises(IntegrityError, match="cannot be opened as a DuckDB database"):
        open_warehouse(path)


def test_making_tables_twice_keeps_rows_and_makes_all_of_them(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "w.duckdb") as connection:
        create_tables(connection)
        connection.execute("insert into main.complaint (complaint_id) values ('1')")
        create_tables(connection)
        assert rows(connection, "select count(*) from main.complaint") == [(1,)]
        for schema in ("main", "superseded"):
            found = rows(connection, f"select table_name from duckdb_tables() where schema_name = '{schema}'")
            assert {name for (name,) in found} == set(TABLES)


def test_a_table_that_is_missing_or_of_an_older_layout_is_made_up(tmp_path: Path) -> None:
    with open_warehouse(tmp_path / "w.duckdb") as connection:
        create_tables(connection)
        connection.execute("drop table main.complaint")
        create_tables(connection)
        assert rows(connection, "select count(*) from main.complaint") == [(0,)]
        connection.execute("alter table ledger.file drop column set_aside")
        connection.execute("comment on table ledger.batch is 'an older layout'")
        create_tables(connection)
        assert rows(connection, "select count(set_aside) from ledger.file") == [(0,)]


def test_an_engine_answers_stores_and_puts_with_the_parameters_that_a_statement_names() -> None:
    engine = DuckDBEngine(open_warehouse(None))
    create_tables(engine.connection)
    engine.put("work.numbers", pa.table({"n": [1, 2, 3]}))
    bound = {"least": 2, "as_of": date(2025, 1, 1)}
    statement = "-- not $as_of\nselect n from work.numbers where n >= $least order by n"
    assert named(statement, bound) == {"least": 2}
    assert engine.answer(statement, bound).to_pydict() == {"n": [2, 3]}
    assert engine.store("work.some", statement, bound) == 2
    assert engine.store("work.some", statement, bound | {"least": 3}) == 1
    engine.connection.close()
