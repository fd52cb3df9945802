"""A run on Spark, over an extract and over the tables of a catalogue, is the run on DuckDB."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from detectors.engines.duckdb import DuckDBEngine, open_warehouse
from detectors.engines.spark import SparkEngine, open_session
from pipelines import cli
from pipelines.workspace import Workspace
from schemas.errors import UsageError
from schemas.manifest import Manifest
from schemas.tables import TABLES

ZONE = "spark.sql.session.timeZone"


def test_a_run_on_spark_is_the_run_on_duckdb(both_walked: Any, extract: Path, pack: Path, tmp_path: Path) -> None:
    assert both_walked.spark.session  # the session that the run then uses is up
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
    both_walked: Any, extract: Path, pack: Path, tmp_path: Path
) -> None:
    words = ["--pack", str(pack), "--as-of", "2025-12-31"]
    ours, theirs = Workspace(tmp_path / "ours"), Workspace(tmp_path / "theirs")
    taken = ["--extract", str(extract), "--profile", "canonical", "--no-vault", "--direct"]
    assert cli.run(["run", *taken, *words, "--workspace", str(ours.root)]) in (0, 6)
    lay_out_as_catalogue(both_walked.spark, ours, "lake", tmp_path)
    asked = ["--engine", "spark", "--master", "local[2]", "--catalogue-schema", "lake", *words]
    assert cli.run(["detect", *asked, "--workspace", str(theirs.root)]) == 0
    assert cli.run(["publish", "--workspace", str(theirs.root)]) in (0, 6)
    found = [pl.read_parquet(place.published() / "findings.parquet").drop("run_id") for place in (ours, theirs)]
    assert found[0].height >= 2
    assert found[1].equals(found[0])


@pytest.mark.parametrize(("started_at", "kind"), [("'not a day'", "string"), ("20250101", "int")])
def test_a_catalogue_of_other_kinds_is_refused_by_its_columns_and_never_by_a_value(
    both_walked: Any, tmp_path: Path, capfd: pytest.CaptureFixture[str], started_at: str, kind: str
) -> None:
    session, schema = both_walked.spark.session, f"lake_of_{kind}"
    session.sql(f"create database {schema} location '{(tmp_path / schema).as_uri()}'")
    for name, columns in {
        "patient": "'P1' as patient_id",
        "institution": "'H1' as institution_id, 'H1' as institution_name",
        "encounter": "'E1' as encounter_id, 'P1' as patient_id, 'H1' as institution_id, 'inpatient' as encounter_type, "
        f"{started_at} as started_at",
    }.items():
        session.sql(f"create table {schema}.{name} using parquet as select {columns}")
    asked = ["--engine", "spark", "--master", "local[2]", "--catalogue-schema", schema, "--as-of", "2025-12-31"]
    assert cli.run(["detect", *asked, "--workspace", str(tmp_path / "workspace")]) == 3
    told = capfd.readouterr().err
    assert f"{schema}.encounter.started_at ({kind})" in told
    assert "not a day" not in told


@pytest.mark.parametrize(("zone", "wall"), [({}, "2025-01-01T00:30:00"), ({ZONE: "+06:00"}, "2024-12-31T22:30:00")])
def test_an_instant_of_a_catalogue_becomes_wall_time_of_china_or_of_the_zone_named(
    both_walked: Any, tmp_path: Path, zone: dict[str, str], wall: str
) -> None:
    session, schema = both_walked.spark.session, f"instants_{len(zone)}"
    session.sql(f"create database {schema} location '{(tmp_path / schema).as_uri()}'")
    moment = "timestamp_ltz'2025-01-01 00:30:00+08:00'"
    session.sql(f"create table {schema}.encounter using parquet as select {moment} as started_at")
    session.sql(f"create table {schema}.patient using parquet as select {moment} as birth_date")
    engine = SparkEngine(open_session("local[2]", zone), str(tmp_path))
    told = datetime.fromisoformat(wall)
    for table, column, value in (("encounter", "started_at", told), ("patient", "birth_date", told.date())):
        engine.attach_table(TABLES[table], schema)
        assert engine.answer(f"select {column} from main.{table}", {})[column].to_pylist() == [value]


def test_a_time_zone_that_is_none_is_refused(both_walked: Any) -> None:
    assert both_walked.spark.session  # the session that is asked for is up
    with pytest.raises(UsageError, match="no such time zone"):
        open_session("local[2]", {ZONE: "Asia/Shangri-La"})


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
