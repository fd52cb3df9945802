"""``--engine spark`` on the command line: plain words where Spark cannot be used; no session is started."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.ingest.ledger import write_batch
from pipelines.lakehouse import take_in_catalogue
from pipelines.open_warehouse import warehouse
from pipelines.settings import RunSettings
from schemas.errors import UsageError

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "snow"), "duckdb, spark"),
        (("--master", "local[2]"), "--engine spark"),
        (("--engine", "spark", "--spark-conf", "threads=2"), "spark.sql.shuffle.partitions"),
        (("--engine", "spark", "--catalogue-schema", "lake"), "--as-of DATE"),
    ],
)
def test_a_wrong_word_about_engines_is_refused(call: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = call("detect", "--workspace", tmp_path / "workspace", *words)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "workspace").exists()


def test_a_machine_without_java_is_told_so_before_anything_is_made(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    done = call("detect", "--workspace", tmp_path / "workspace", "--engine", "spark")
    assert done.code == 2
    assert "Java" in done.err
    assert "--master local[*]" in done.err
    assert not (tmp_path / "workspace").exists()


def test_a_workspace_of_extracts_is_refused_before_a_catalogue_is_read(tmp_path: Path) -> None:
    settings = RunSettings(workspace=tmp_path, engine="spark", catalogue_schema="lake", as_of=date(2025, 12, 31))
    with warehouse(settings) as connection:
        write_batch(connection, "B1", "canonical", [])
    unread: Any = None
    with pytest.raises(UsageError, match="holds extracts"):
        take_in_catalogue(unread, settings, "lake")
