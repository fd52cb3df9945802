"""A warehouse in a temporary workspace, and the smallest extract that can be taken in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from detectors.engines.duckdb import create_tables, open_warehouse
from pipelines.ingest import BatchOutcome, ingest_extract
from pipelines.ingest.casting import faults, trimmed, value
from pipelines.ingest.pseudonym import Protection
from schemas.quality import FileAccount
from schemas.table import Column

MINIMAL = {
    "patient.csv": "patient_id,sex\nP1,M\nP2,F\n",
    "institution.csv": "institution_id,institution_name\nH1,第一医院\n",
    "encounter.csv": "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    "E1,P1,H1,outpatient,2024-01-05\n",
}


class Bench:
    """One workspace: write an extract, take it in, look at what came of it."""

    def __init__(self, folder: Path, *, in_memory: bool = False, readable: Path | None = None) -> None:
        self.workspace = folder / "workspace"
        self.folder = folder
        self.connection: duckdb.DuckDBPyConnection = open_warehouse(
            None if in_memory else self.workspace / "warehouse.duckdb",
            allowed=(folder, *([readable] if readable else [])),
            threads=1,
        )
        create_tables(self.connection)

    def extract(self, name: str = "extract", **files: str | bytes | None) -> Path:
        """A folder with the minimal extract, changed by ``table_suffix=content``; None leaves a file out."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        contents: dict[str, str | bytes | None] = {**MINIMAL}
        contents.update({key.replace("__", "."): content for key, content in files.items()})
        for file_name, content in contents.items():
            if content is not None:
                data = content.encode() if isinstance(content, str) else content
                (folder / file_name).write_bytes(data)
        return folder

    def with_patients(self, content: str | bytes) -> Path:
        """An extract of a patient file alone, over a warehouse that has all else and no patients."""
        if not self.rows("select 1 from ledger.batch"):
            self.ingest(self.extract())
        for table in ("main.patient", "superseded.patient"):
            self.connection.execute(f"delete from {table}")
        self.connection.execute("delete from ledger.file where table_name = 'patient'")
        self.connection.execute("delete from ledger.batch where sequence > 1")
        return self.extract("patients", patient__csv=content, institution__csv=None, encounter__csv=None)

    def table_names(self) -> list[str]:
        names = self.rows(
            "select schema_name || '.' || table_name from duckdb_tables() where not temporary order by all"
        )
        return [str(name) for (name,) in names]

    def ingest(self, folder: Path, profile: str = "canonical", *, protection: Protection | None = None) -> BatchOutcome:
        return ingest_extract(self.connection, folder, profile, workspace=self.workspace, protection=protection)

    def account(self, outcome: BatchOutcome, table_name: str) -> FileAccount:
        return next(file for file in outcome.files if file.table_name == table_name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything the warehouse holds, table by table."""
        return {name: sorted(self.rows(f"select * from {name}"), key=repr) for name in self.table_names()}

    def quarantine(self, outcome: BatchOutcome, source_file: str) -> str:
        return (self.workspace / "quarantine" / outcome.batch_id / f"{source_file}.csv").read_text("utf-8-sig")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.connection.close()


@pytest.fixture(scope="session")
def make_bench() -> type[Bench]:
    return Bench


@pytest.fixture(scope="module")
def shared_bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One in-memory warehouse for many small examples; each starts by ``with_patients``."""
    made = Bench(tmp_path_factory.mktemp("shared"), in_memory=True)
    yield made
    made.connection.close()


@pytest.fixture(scope="session")
def bare_connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database without tables, for questions about single texts."""
    made = open_warehouse(None, threads=1)
    yield made
    made.close()


@pytest.fixture(scope="session")
def cast(bare_connection: duckdb.DuckDBPyConnection) -> Callable[[Column, str | None], tuple[object, list[str]]]:
    """Value and reason codes of one text in a column."""

    def cast_one(column: Column, text: str | None) -> tuple[object, list[str]]:
        found = list(faults(column, "t", "v"))
        flags = ", ".join(predicate for _reason, predicate in found) or "null"
        row = bare_connection.execute(
            f"with texts as (select {trimmed('raw')} as t from (select cast($1 as varchar) as raw)), "
            f"typed as (select t, {value(column, 't')} as v from texts) select v, {flags} from typed",
            [text],
        ).fetchone()
        return row[0], [reason for (reason, _), is_so in zip(found, row[1:], strict=False) if is_so]

    return cast_one
