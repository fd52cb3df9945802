"""A warehouse in a temporary workspace, and the smallest extract that can be taken in."""

from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from detectors.engines.duckdb import create_tables, open_warehouse
from pipelines.ingest import BatchOutcome, ingest_extract
from schemas.quality import FileAccount

MINIMAL = {
    "patient.csv": "patient_id,sex\nP1,M\nP2,F\n",
    "institution.csv": "institution_id,institution_name\nH1,第一医院\n",
    "encounter.csv": "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    "E1,P1,H1,outpatient,2024-01-05\n",
}


class Bench:
    """One workspace: write an extract, take it in, look at what came of it."""

    def __init__(self, folder: Path, *, in_memory: bool = False) -> None:
        self.workspace = folder / "workspace"
        self.folder = folder
        self.connection: duckdb.DuckDBPyConnection = open_warehouse(
            None if in_memory else self.workspace / "warehouse.duckdb", allowed=(folder,), threads=1
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

    def ingest(self, folder: Path, profile: str = "canonical") -> BatchOutcome:
        return ingest_extract(self.connection, folder, profile, workspace=self.workspace)

    def account(self, outcome: BatchOutcome, table_name: str) -> FileAccount:
        return next(file for file in outcome.files if file.table_name == table_name)

    def rows(self, sql: str) -> list[tuple[object, ...]]:
        return self.connection.execute(sql).fetchall()

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything the warehouse holds, table by table."""
        names = self.rows(
            "select schema_name || '.' || table_name from duckdb_tables() where not temporary order by all"
        )
        return {str(name): sorted(self.rows(f"select * from {name}"), key=repr) for (name,) in names}

    def quarantine(self, outcome: BatchOutcome, source_file: str) -> str:
        return (self.workspace / "quarantine" / outcome.batch_id / f"{source_file}.csv").read_text("utf-8-sig")


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path)
    yield made
    made.connection.close()


@pytest.fixture
def make_bench() -> Callable[..., Bench]:
    return Bench
