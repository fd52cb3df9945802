"""The translation to Spark, and what a person is told where Spark cannot run; no session is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import sqlglot

from detectors.engines import spark
from detectors.engines.spark_sql import to_spark
from schemas.errors import UsageError

FILES = sorted((Path(__file__).parents[3] / "detectors").rglob("*.sql"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_sql_file_is_translated_and_can_be_read_again(path: Path) -> None:
    assert sqlglot.parse_one(to_spark(path.read_text(encoding="utf-8")), dialect="spark")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("select t.a from main.patient as t", "SELECT t.a FROM main__patient AS t"),
        ("select patient.a from main.patient", "SELECT patient.a FROM main__patient AS patient"),
        ("with stay as (select 1 as a) select a from stay", "WITH stay AS (SELECT 1 AS a) SELECT a FROM stay"),
        ("with s as materialized (select 1 as a) select a from s", "WITH s AS (SELECT 1 AS a) SELECT a FROM s"),
        ("select t.a from t where t.b <= $as_of", "SELECT t.a FROM t WHERE t.b <= :as_of"),
        ("select t.a / 2 from t", "SELECT CAST(t.a AS DOUBLE) / CAST(2 AS DOUBLE) FROM t"),
    ],
)
def test_names_parameters_and_divisions_are_spelt_for_spark(ours: str, theirs: str) -> None:
    assert to_spark(ours) == theirs


def test_an_order_that_spark_would_forget_is_refused() -> None:
    with pytest.raises(sqlglot.errors.SqlglotError, match="desc"):
        to_spark("select list(t.a order by t.b desc) from t")


def test_missing_pyspark_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "find_spec", lambda _: None)
    with pytest.raises(UsageError, match=r"exam-audit\[spark\]") as caught:
        spark.require_spark("local[2]")
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("home", ["", "/no/such/place"])
def test_missing_java_is_told_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, home: str) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", home)
    with pytest.raises(UsageError, match="default-jre-headless"):
        spark.require_spark("local[2]")


def test_pyspark_is_not_imported_before_spark_is_chosen() -> None:
    code = "import sys, detectors.engines.spark, pipelines.steps; sys.exit('pyspark' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
