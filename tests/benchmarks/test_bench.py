"""The benchmark runs at a few thousand lines: every stage is measured, and all ways of asking a rule count the same."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from detectors.catalogue import SHIPPED
from detectors.prepared import STEPS

BENCH = Path(__file__).with_name("bench.py")
JOBS = ("yardstick", "gate", "prepare", "events", "detect.*", "leads", "bare.*")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> str:
    """RESULTS.md of a campaign at a small size; it ends with an error where two ways of counting differ."""
    folder = tmp_path_factory.mktemp("bench")
    words = ["--rows", "6000", "--together", "--cache", str(folder), "--results", str(folder / "RESULTS.md")]
    done = subprocess.run([sys.executable, BENCH, *words, "--only", *JOBS], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (folder / "RESULTS.md").read_text(encoding="utf-8")


def test_every_prepared_table_and_detector_is_measured(results: str) -> None:
    stages = [f"prepare/{step}" for step in STEPS] + [f"detect/{detector.id}" for detector in SHIPPED]
    section = results.partition("## audit of 6,000 lines")[2].partition("\n## ")[0]
    assert [stage for stage in stages if f"| {stage} |" not in section] == []


def test_the_made_lines_hold_what_the_rules_look_for(results: str) -> None:
    section = results.partition("## audit of 6,000 lines")[2]
    for detector_id in ("repeat.same_institution", "readmission.cycle"):
        assert re.search(rf"\| detect/{re.escape(detector_id)} \| [1-9]", section)


def test_bare_rules_are_compared_with_what_a_user_would_write(results: str) -> None:
    section = results.partition("## bare rules")[2]
    for name in ("repeat DuckDB", "repeat self-join", "repeat pandas", "repeat Polars", "readmission pandas"):
        assert f"| {name} | 6,000 |" in section


def test_growth_is_told_as_an_exponent_and_targets_by_the_yardstick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    report = importlib.import_module("report")
    measured = importlib.import_module("measuring").Measured
    told = [
        measured(stage, lines, 1, seconds, seconds, 2048.0, 0.0)
        for stage, lines, seconds in (
            ("yardstick/sort", 10, 1.0),
            ("yardstick/sort", 1000, 100.0),
            ("detect/repeat.same_institution", 10, 1.0),
            ("detect/repeat.same_institution", 1000, 1000.0),
        )
    ]
    assert "| detect/repeat.same_institution | 1.50 |" in report.growth_table(told)
    targets = report.targets_table(told)
    assert "| detect/repeat.same_institution at most 1.5 × sort | 1,000 | 10.00 × |" in targets
    assert "| memory at most 12 GiB | 10 | 2.0 GiB |" in targets
    assert "at most 1.1 | 10 → 1,000 | detect/repeat.same_institution 1.50 |" in targets
    assert "| detect/repeat.same_institution | 1000.0 | 100% |" in report.profile_table(told)


def test_the_peak_of_a_stage_covers_the_stages_within_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    watch = importlib.import_module("measuring").Stopwatch(10, tmp_path)
    with watch.stage("whole"):
        held = bytearray(200 * 2**20)
        del held
        with watch.stage("part"):
            pass
    peaks = {one.stage: one.peak_mib for one in watch.measured}
    assert peaks["whole"] >= peaks["part"] + 100


def test_a_campaign_that_was_cut_off_knows_what_it_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(BENCH.parent))
    measured = importlib.import_module("measuring").Measured
    record = importlib.import_module("record").Record(tmp_path / "cache" / "measured.jsonl")
    assert record.measured() == []
    for stage, seconds in (("a", 1.0), ("b", 2.0), ("a", 3.0)):
        record.add(measured(stage, 10, 1, seconds, seconds, 1.0, 0.0))
    record.finish("job", 10)
    assert [(one.stage, one.seconds) for one in record.measured()] == [("a", 3.0), ("b", 2.0)]
    assert record.is_finished("job", 10)
    assert not record.is_finished("job", 100)
    record.forget()
    assert record.measured() == []
