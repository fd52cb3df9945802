"""The benchmark of the report runs at a few leads and tells every act in the page with its goal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).with_name("bench_report.py")


@pytest.mark.browser
def test_the_report_is_measured_in_the_page(tmp_path: Path) -> None:
    results = tmp_path / "RESULTS.md"
    words = ["--leads", "40", "--top", "4", "--repeats", "1", "--results", str(results)]
    done = subprocess.run([sys.executable, BENCH, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    told = results.read_text(encoding="utf-8")
    assert "## report" in told
    for name in ("list usable", "filter by institution", "search of two words", "sort by amount", "jump to the end"):
        assert f"| {name} | " in told
