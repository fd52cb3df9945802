"""Spark answers as DuckDB does: every prepared table, every detector of the catalogue, and the evidence beside them.

One session, one set of large cases: the committed sample and the rows of every detector's spec, loaded together.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from detectors.catalogue import load_catalogue
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.engines.protocol import Engine
from detectors.engines.spark import SparkEngine, open_session
from detectors.evidence import evidence_rows
from detectors.leads.grouping import leads_of
from detectors.leads.unflagged import Scope, unflagged_by_lot
from detectors.policy import load_policy
from detectors.prepared import STEPS, prepare, reversal_account
from detectors.runner import Outcome, Request, run_detector
from detectors.settings import resolve
from detectors.specs import Row, Spec, fill, pack_rows, read_spec, rows_of
from pipelines import cli
from pipelines.workspace import Workspace
from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.manifest import Manifest
from schemas.pack import Pack, load_pack
from schemas.tables import TABLES

ROOT = Path(__file__).parents[2]
CATALOGUE = load_catalogue()
AS_OF = date(2025, 12, 31)
SMALL = {
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.memory": "2g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}
"""For many small questions: plans are walked, not compiled, for compiling takes longer than the answer."""


@dataclass(frozen=True)
class Both:
    duckdb: DuckDBEngine
    spark: SparkEngine
    pack: Pack


def ids_apart(spec: Spec) -> Spec:
    """The spec with its detector's id before the ids of its cases, which other specs may use too."""
    cases = tuple(replace(case, id=f"{spec.detector_id}/{case.id}") for case in spec.cases)
    return replace(spec, cases=cases)


SPECS = tuple(ids_apart(read_spec(path)) for path in sorted((ROOT / "tests" / "detectors").rglob("*.toml")))


def large_cases() -> dict[str, list[Row]]:
    """The sample's rows and those of every spec's cases, ids apart, by canonical table."""
    rows = {name: list(_sample_rows(name)) for name in TABLES}
    for spec in SPECS:
        for name, own in rows_of(spec.cases).items():
            rows[name] += own
    return rows


def _sample_rows(name: str) -> Iterator[Row]:
    with (ROOT / "data_samples" / "extract" / f"{name}.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield {column: cell or None for column, cell in row.items()}


def pack_of_all_specs(folder: Path) -> Pack:
    """The sample pack with the tables that the specs lay over theirs, each row once."""
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "specs"\nversion = "1"\nextends = "sample"\n', encoding="utf-8")
    for name in sorted({name for spec in SPECS for name in spec.pack_tables}):
        rows = [row for spec in SPECS if name in spec.pack_tables for row in pack_rows(spec, name)[1]]
        columns = list(dict.fromkeys(column for row in rows for column in row))
        own = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), infer_schema_length=None)
        own.unique(columns[0], keep="first", maintain_order=True).write_csv(folder / f"{name}.csv")
    return load_pack(folder)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Both engines with the same canonical, pack and prepared tables."""
    folder = tmp_path_factory.mktemp("spark")
    pack = pack_of_all_specs(folder / "pack")
    duckdb = DuckDBEngine(open_warehouse(None, allowed=(folder,), threads=2))
    create_tables(duckdb.connection)
    fill(duckdb, large_cases())
    session = open_session("local[2]", SMALL)
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


@pytest.fixture(scope="module")
def outcomes(both: Both) -> dict[tuple[str, str], Outcome]:
    """What each engine makes of each detector."""
    request = Request(
        as_of=AS_OF,
        window_from=None,
        window_to=None,
        institutions=(),
        parameters=resolve(CATALOGUE, {}, []),
        present={name: frozenset(table.column_names) for name, table in TABLES.items()},
        switched_off={},
    )
    ask = partial(run_detector, pack=both.pack, request=request)
    engines: tuple[Engine, ...] = (both.duckdb, both.spark)
    return {(engine.name, one.id): ask(engine, one) for engine in engines for one in CATALOGUE}


def rows_in_order(engine: Engine, table: str) -> pl.DataFrame:
    """All rows of a table, sorted; sums are wider integers and decimals in one engine than in the other."""
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


@pytest.mark.parametrize("step", STEPS)
def test_a_prepared_table_holds_the_same_rows(both: Both, step: str) -> None:
    ours, theirs = (rows_in_order(engine, f"prepared.{step}") for engine in (both.duckdb, both.spark))
    assert theirs.equals(ours)


@pytest.mark.parametrize("detector", CATALOGUE, ids=lambda detector: detector.id)
def test_a_detector_finds_the_same(outcomes: dict[tuple[str, str], Outcome], detector: Detector) -> None:
    ours, theirs = outcomes["duckdb", detector.id], outcomes["spark", detector.id]
    assert theirs.findings.schema == ours.findings.schema
    assert theirs.findings.to_dicts() == ours.findings.to_dicts()
    assert theirs.denominators.equals(ours.denominators)
    assert theirs.row | {"seconds": 0} == ours.row | {"seconds": 0}


def test_evidence_and_the_account_of_refunds_are_the_same(both: Both, outcomes: dict[tuple[str, str], Outcome]) -> None:
    findings = pl.concat([outcomes["duckdb", one.id].findings for one in CATALOGUE])
    leads = leads_of(findings.with_columns(pl.lit("r").alias("run_id")), CATALOGUE)
    ours, theirs = (
        {name: pa.concat_tables(pieces) for name, pieces in evidence_rows(engine, findings, leads)}
        for engine in (both.duckdb, both.spark)
    )
    assert reversal_account(both.spark) == reversal_account(both.duckdb)
    assert [name for name in EVIDENCE_SCHEMAS if not theirs[name].equals(ours[name])] == []
    assert all(ours[name].num_rows for name in EVIDENCE_SCHEMAS)


@pytest.mark.parametrize("institutions", [(), ("HI0",)])
def test_the_lot_draws_the_same_cases(both: Both, outcomes: dict[tuple[str, str], Outcome], institutions) -> None:
    findings = pl.concat([outcomes["duckdb", one.id].findings for one in CATALOGUE])
    scope = Scope(AS_OF, None, None, institutions)
    ours, theirs = (unflagged_by_lot(engine, findings, scope, "r") for engine in (both.duckdb, both.spark))
    assert theirs[0] == ours[0] > 0
    assert theirs[1].equals(ours[1])
    assert ours[1].height > 0


EDGES = pl.DataFrame(
    {
        "n": [1, 2, 3, 4, 5, 6],
        "word": ["3d", " 5. ", "0x1p3", "1e3", None, "七"],
        "spaced": ["\u3000胸部 ", "a\u00a0", "\tb", "", None, " C "],
        "number": [0.285, 1.005, 2.675, -2.5, None, 1e9 / 3],
        "moment": [1738367999.9, -1.5, 1740787200.0, None, -59042995200.0, 1709164800.0],
        "letters": ["b", None, "a", "b", "B", None],
    }
).with_columns((pl.col("moment") * 1e6).round().cast(pl.Int64).cast(pl.Datetime("us")))
"""``moment`` in seconds since 1970: a tenth before midnight, before 1970, the year 99 and a leap day among them."""

EXPRESSIONS = (
    "round(e.number, 2)",
    "round(e.n / 3, 1)",
    "round(e.n / 7.0, 3)",
    "cast(e.number * cast(100 as double) as decimal(18, 2))",
    "cast(round(cast(e.n as double) * 1.005, 2) as decimal(18, 2))",
    "cast(e.n * 1.5 as bigint)",
    "e.n // 4",
    "e.n % 4",
    "try_cast(e.word as double)",
    "try_cast(substr(e.word, 1, 2) as integer)",
    "trim(e.spaced)",
    "lower(trim(e.spaced))",
    "concat('a', e.word, 'b')",
    "e.word || 'b'",
    "concat_ws('|', e.word, e.letters)",
    "date_diff('second', timestamp '1970-01-01', e.moment)",
    "date_diff('day', date '1970-01-01', cast(e.moment as date))",
    "strftime(e.moment, '%Y-%m')",
    "year(e.moment) * 4 + quarter(e.moment)",
    "date '1970-01-01' + (cast(e.n as integer) - 30)",
    "least(e.n, null, 3)",
    "greatest(e.letters, null)",
    "instr(e.word, 'e')",
    "starts_with(e.spaced, 'a')",
    "e.letters is not distinct from null",
    "coalesce(e.letters not in ('a'), false)",
    "case when e.letters = 'b' then 1 else 0 end",
    "row_number() over (order by e.letters, e.n)",
    "row_number() over (order by e.n) * 2000000000",
    "year(e.moment) * 2000000 + length(e.letters) * 2000000000",
    "row_number() over (order by e.letters desc, e.n)",
    "row_number() over (partition by e.letters order by e.number desc nulls last, e.n)",
    "lag(e.letters ignore nulls) over (order by e.n)",
    "first_value(e.n) over (partition by e.letters order by e.moment, e.n)",
    "sum(e.n) over (order by e.n rows between 1 preceding and current row)",
)


def test_an_expression_means_the_same(both: Both) -> None:
    told = ", ".join(f"{text} as x{i}" for i, text in enumerate(EXPRESSIONS))
    answers = []
    for engine in (both.duckdb, both.spark):
        engine.put("work.edge", EDGES.to_arrow())
        engine.store("work.told", f"select e.n, {told} from work.edge as e", {})
        answers.append(rows_in_order(engine, "work.told"))
    ours, theirs = answers
    differing = [
        text for i, text in enumerate(EXPRESSIONS) if not theirs[f"x{i}"].equals(ours[f"x{i}"], null_equal=True)
    ]
    assert differing == []


STATEMENTS = (
    "select distinct on (e.letters) e.letters, e.n from work.edge as e order by e.letters, e.n desc",
    "select e.n from work.edge as e qualify row_number() over (partition by e.letters order by e.n desc) = 1",
    "select e.letters, list(e.n order by e.moment, e.n) as all_n from work.edge as e group by all",
    "select e.letters, string_agg(e.word, ',' order by e.n) as words from work.edge as e group by e.letters",
    "select e.letters, count(*) filter (where e.number > 1) as large from work.edge as e group by 1",
    "select l.n, unnest(l.both) as one from (select e.n, [e.n, e.n + 1] as both from work.edge as e) as l",
    "select e.n from work.edge as e where e.letters not in (select f.letters from work.edge as f where f.n < 2)",
    "select e.n, $days as days, cast($as_of as timestamp) as at, $none as none from work.edge as e where e.n <= $days",
    "select e.n, row_number() over (w order by e.n) as place from work.edge as e window w as (partition by e.letters)",
    "select max(e.number > 1) as any_large, min(e.letters) as least from work.edge as e",
    "select e.n from work.edge as e anti join work.edge as f on e.n = f.n + 1",
    "select e.n, regexp_matches(e.word, '^[0-9]') as is_number from work.edge as e where e.word is not null",
)


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_statement_means_the_same(both: Both, statement: str) -> None:
    bound = {"days": 4, "as_of": AS_OF, "none": None}
    answers = []
    for engine in (both.duckdb, both.spark):
        engine.put("work.edge", EDGES.to_arrow())
        frame = pl.from_arrow(engine.answer(statement, bound))
        assert isinstance(frame, pl.DataFrame)
        answers.append(frame.sort(frame.columns[0], *frame.columns[1:], nulls_last=True).to_dicts())
    assert answers[1] == answers[0]


def test_a_run_on_spark_is_the_run_on_duckdb(both: Both, extract: Path, pack: Path, tmp_path: Path) -> None:
    assert both.spark.session  # the session that the run then uses is up
    workspace = tmp_path / "workspace"
    words = ["--extract", str(extract), "--profile", "canonical", "--pack", str(pack), "--no-vault", "--direct"]
    results = []
    for engine in (["--engine", "duckdb"], ["--engine", "spark", "--master", "local[2]"]):
        assert cli.run(["run", *words, *engine, "--workspace", str(workspace)]) in (0, 6)
        manifest = Manifest.model_validate_json((Workspace(workspace).published() / "manifest.json").read_bytes())
        results.append(manifest)
    assert results[1].run_id == results[0].run_id
    assert results[1].results == results[0].results
    assert [one.circumstances.engine for one in results] == ["duckdb", "spark"]
    assert not (workspace / "spark").exists()


def test_tables_of_a_catalogue_are_judged_where_they_stand(
    both: Both, extract: Path, pack: Path, tmp_path: Path
) -> None:
    words = ["--pack", str(pack), "--as-of", "2025-12-31"]
    ours, theirs = Workspace(tmp_path / "ours"), Workspace(tmp_path / "theirs")
    taken = ["--extract", str(extract), "--profile", "canonical", "--no-vault", "--direct"]
    assert cli.run(["run", *taken, *words, "--workspace", str(ours.root)]) in (0, 6)
    lay_out_as_catalogue(both.spark, ours, "lake", tmp_path)
    asked = ["--engine", "spark", "--master", "local[2]", "--catalogue-schema", "lake", *words]
    assert cli.run(["detect", *asked, "--workspace", str(theirs.root)]) == 0
    assert cli.run(["publish", "--workspace", str(theirs.root)]) in (0, 6)
    found = [pl.read_parquet(place.published() / "findings.parquet").drop("run_id") for place in (ours, theirs)]
    assert found[0].height >= 2
    assert found[1].equals(found[0])


def lay_out_as_catalogue(spark: SparkEngine, place: Workspace, schema: str, folder: Path) -> None:
    """The loaded tables of a workspace as a lakehouse has them: canonical columns and nothing of ours."""
    warehouse = DuckDBEngine(open_warehouse(place.warehouse, allowed=(folder,)))
    warehouse.export(folder / "exported")
    loaded = warehouse.answer("select distinct f.table_name from ledger.file as f", {})["table_name"].to_pylist()
    warehouse.connection.close()
    spark.session.sql(f"create database {schema} location '{(folder / schema).as_uri()}'")
    for name in loaded:
        rows = spark.session.read.parquet(str(folder / "exported" / name))
        rows.select(*TABLES[name].column_names).write.saveAsTable(f"{schema}.{name}")
