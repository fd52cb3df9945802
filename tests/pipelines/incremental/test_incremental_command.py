"""``run`` night after night, as a user sees it: what it says, what it publishes, and that ``verify`` agrees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detectors.catalogue import load_catalogue
from detectors.engines.duckdb import open_warehouse
from pipelines import steps

Audit = Callable[..., Any]


def corrected(extract: Path, folder: Path) -> Path:
    """What a night brings: the second examination was cancelled."""
    orders = (extract / "exam_order.csv").read_text(encoding="utf-8").splitlines()
    folder.mkdir()
    lines = [orders[0], orders[2].replace("performed", "cancelled")]
    (folder / "exam_order.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """How far the log may grow of each warehouse that was opened: one that is held open has a limit of its own."""
    logs: list[str | None] = []

    def _open(path: Path, **given: Any) -> Any:
        logs.append(given["log"])
        return open_warehouse(path, **given)

    monkeypatch.setattr("pipelines.open_warehouse.open_warehouse", _open)
    return logs


def test_a_second_night_builds_on_the_first_and_verify_makes_it_again_whole(
    audit: Audit, call: Audit, extract: Path, tmp_path: Path
) -> None:
    first = audit("--json")
    assert json.loads(first.out)["judging"]["mode"] == "full"
    workspace = tmp_path / "workspace"
    brought = corrected(extract, tmp_path / "night")

    night = audit("--extract", brought)
    assert night.code == first.code
    assert "incremental: 1 of 2 patients re-judged" in night.err
    run = workspace / "runs" / (workspace / "runs" / "latest").read_text(encoding="utf-8").strip()
    judging = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["circumstances"]["judging"]
    assert (judging["mode"], judging["judged_again"], judging["patients"]) == ("incremental", 1, 2)
    assert judging["detectors"]["repeat.same_institution"] == "touched"
    assert judging["detectors"]["ordering.outlier_practitioner"] == "whole: it compares patients with each other"
    built_upon = [(run / name).read_bytes() for name in ("findings.parquet", "leads.parquet", "denominators.parquet")]

    assert call("verify", "--workspace", workspace).code == 0
    again = audit("--extract", brought, "--full")
    assert "full: because --full was given" in again.err
    whole = [(run / name).read_bytes() for name in ("findings.parquet", "leads.parquet", "denominators.parquet")]
    assert built_upon == whole


def test_a_night_opens_the_warehouse_once_for_all_that_look_at_one_patient_at_a_time(
    audit: Audit, extract: Path, opened: list[str | None], tmp_path: Path
) -> None:
    assert audit().code == 0
    in_full, by_patient = len(opened), sum(one.is_by_patient for one in load_catalogue())
    assert not any(opened)
    opened.clear()
    assert audit("--extract", corrected(extract, tmp_path / "night")).code == 0
    assert len([log for log in opened if log]) == 1
    assert len(opened) == in_full - by_patient + 1


def test_a_night_whose_detector_fails_lets_the_warehouse_go(
    audit: Audit, extract: Path, monkeypatch: pytest.MonkeyPatch, opened: list[str | None], tmp_path: Path
) -> None:
    assert audit().code == 0
    brought = corrected(extract, tmp_path / "night")
    with monkeypatch.context() as broken:
        broken.setattr(steps, "ask", lambda *_: 1 // 0)
        assert audit("--extract", brought).code == 1
    opened.clear()
    again = audit("--extract", brought)
    assert (again.code, len([log for log in opened if log])) == (0, 1)
    assert "incremental" in again.err
