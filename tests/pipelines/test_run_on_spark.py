"""``--engine spark`` on the command line: plain words where Spark cannot be used; no session is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "snow"), "duckdb, spark"),
        (("--master", "local[2]"), "--engine spark"),
        (("--engine", "spark", "--spark-conf", "threads=2"), "spark.sql.shuffle.partitions"),
    ],
)
def test_a_wrong_word_about_engines_is_refused(call: Call, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    done = call("detect", "--workspace", tmp_path / "workspace", *words)
    assert done.code == 2
    assert said in done.err


def test_a_machine_without_java_is_told_so_before_anything_is_made(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    done = call("detect", "--workspace", tmp_path / "workspace", "--engine", "spark")
    assert done.code == 2
    assert "Java" in done.err
    assert not (tmp_path / "workspace").exists()
