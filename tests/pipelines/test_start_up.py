"""Heavy libraries are imported only where they are used, so that small commands answer at once."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

LISTED = (
    "import json, sys; from pipelines.cli import run; code = run(sys.argv[1:]); "
    "print(json.dumps([code, sorted(sys.modules)]), "
    "file=sys.stderr)"
)
HEAVY = {"duckdb", "prefect", "great_expectations", "plotly", "pandas", "pyspark", "sklearn", "scipy.stats"}


@pytest.mark.parametrize(
    ("words", "heavy"),
    [(("--help",), HEAVY | {"polars", "pyarrow", "scipy", "numpy"}), (("detectors", "list"), HEAVY)],
    ids=["help", "detectors list"],
)
def test_a_small_command_loads_no_heavy_library(words: tuple[str, ...], heavy: set[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LISTED, *words], capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stderr.splitlines()[-1])
    assert code == 0
    assert heavy & set(modules) == set()
