"""Both engines over one set of large cases: the committed sample and the rows of every detector's spec, together."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from detectors.ascii_tables import Row
from detectors.catalogue import load_catalogue
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.engines.protocol import Engine
from detectors.engines.spark import SparkEngine, open_session
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.runner import Outcome, Request, run_detector
from detectors.settings import resolve
from detectors.specs import Spec, fill, pack_rows, read_spec, rows_of
from schemas.pack import Pack, load_pack
from schemas.tables import TABLES

ROOT = Path(__file__).parents[3]
AS_OF = date(2025, 12, 31)
LOCAL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
WALKED = {"spark.sql.codegen.wholeStage": "false", "spark.sql.codegen.factoryMode": "NO_CODEGEN"}
"""For a handful of rows: plans are walked, not compiled, for compiling takes longer than the answer."""


@dataclass(frozen=True)
class Both:
    """Two engines that hold the same tables, and the pack that was laid over them."""

    duckdb: DuckDBEngine
    spark: SparkEngine
    pack: Pack

    @property
    def engines(self) -> tuple[Engine, Engine]:
        return self.duckdb, self.spark

    def rows_of(self, table: str) -> tuple[pl.DataFrame, pl.DataFrame]:
        """All rows of a table in DuckDB and in Spark, sorted."""
        ours, theirs = (_in_order(engine, table) for engine in self.engines)
        return ours, theirs


def _in_order(engine: Engine, table: str) -> pl.DataFrame:
    """Sums are wider integers and decimals in one engine than in the other."""
    frame = pl.from_arrow(engine.answer(f"select * from {table}", {}))
    assert isinstance(frame, pl.DataFrame)
    widened = frame.with_columns(
        *(pl.col(name).cast(_widened(kind)) for name, kind in frame.schema.items()),
    )
    return widened.sort(widened.columns, nulls_last=True)


def _widened(kind: pl.DataType) -> pl.DataType:
    if isinstance(kind, pl.Decimal):
        return pl.Decimal(38, kind.scale) if kind.scale else pl.Int64()
    return pl.Int64() if kind.is_integer() else kind


def ids_apart(spec: Spec) -> Spec:
    """The spec with its detector's id before the ids of its cases, which other specs may use too."""
    cases = tuple(replace(case, id=f"{spec.detector_id}/{case.id}") for case in spec.cases)
    return replace(spec, cases=cases)


def every_spec() -> list[Spec]:
    return [ids_apart(read_spec(path)) for path in sorted((ROOT / "tests" / "detectors").rglob("*.toml"))]


def large_cases(specs: Sequence[Spec]) -> dict[str, list[Row]]:
    """The sample's rows and those of every spec's cases, ids apart, by canonical table."""
    rows = {name: list(_sample_rows(name)) for name in TABLES}
    for spec in specs:
        for name, own in rows_of(spec.cases).items():
            rows[name] += own
    return rows


def _sample_rows(name: str) -> Iterator[Row]:
    with (ROOT / "data_samples" / "extract" / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {column: cell or None for column, cell in row.items()}


def pack_of_all_specs(folder: Path, specs: Sequence[Spec]) -> Pack:
    """The sample pack with the tables that the specs lay over theirs, each row once."""
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "specs"\nversion = "1"\nextends = "sample"\n', encoding="utf-8")
    for name in sorted({name for spec in specs for name in spec.pack_tables}):
        rows = [row for spec in specs if name in spec.pack_tables for row in pack_rows(spec, name)[1]]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        own = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), infer_schema_length=None)
        own.unique(columns[0], keep="first", maintain_order=True).write_csv(folder / f"{name}.csv")
    return load_pack(folder)


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both engines with the same canonical, pack and prepared tables."""
    folder = tmp_path_factory.mktemp("spark")
    specs = every_spec()
    pack = pack_of_all_specs(folder / "pack", specs)
    duckdb = DuckDBEngine(open_warehouse(None, allowed=(folder,), threads=2))
    create_tables(duckdb.connection)
    fill(duckdb, large_cases(specs))
    session = open_session("local[2]", LOCAL)
    spark = SparkEngine(session, str(folder))
    duckdb.export(folder / "main")
    for name in TABLES:
        spark.attach(f"main.{name}", f"{folder}/main/{name}")
    for engine in (duckdb, spark):
        load_policy(engine, pack)
        prepare(engine, {"as_of": AS_OF, "default_retest_hours": None})
    yield Both(duckdb, spark, pack)
    session.stop()
    duckdb.connection.close()


@pytest.fixture
def both_walked(both: Both) -> Iterator[Both]:
    """The same for a test with rows of its own, which are few."""
    for name, value in WALKED.items():
        both.spark.session.conf.set(name, value)
    yield both
    for name in WALKED:
        both.spark.session.conf.unset(name)


@pytest.fixture(scope="session")
def outcomes(both: Both) -> dict[tuple[str, str], Outcome]:
    """What each engine makes of each detector."""
    catalogue = load_catalogue()
    present = {name: frozenset(table.column_names) for name, table in TABLES.items()}
    request = Request(AS_OF, None, None, (), resolve(catalogue, {}, []), present, {})
    ask = partial(run_detector, pack=both.pack, request=request)
    return {(engine.name, one.id): ask(engine, one) for engine in both.engines for one in catalogue}
