"""``run`` night after night, as a user sees it: what it says, what it publishes, and that ``verify`` agrees."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Audit = Callable[..., Any]


def test_a_second_night_builds_on_the_first_and_verify_makes_it_again_whole(
    audit: Audit, call: Audit, extract: Path, tmp_path: Path
) -> None:
    first = audit("--json")
    assert json.loads(first.out)["judging"]["mode"] == "full"
    workspace = tmp_path / "workspace"
    orders = (extract / "exam_order.csv").read_text(encoding="utf-8").splitlines()
    corrected = [orders[0], orders[2].replace("performed", "cancelled")]
    (tmp_path / "night").mkdir()
    (tmp_path / "night" / "exam_order.csv").write_text("\n".join(corrected) + "\n", encoding="utf-8")

    night = audit("--extract", tmp_path / "night")
    assert night.code == first.code
    assert "incremental: 1 of 2 patients re-judged" in night.err
    run = workspace / "runs" / (workspace / "runs" / "latest").read_text(encoding="utf-8").strip()
    judging = json.loads((run / "manifest.json").read_text(encoding="utf-8"))["circumstances"]["judging"]
    assert (judging["mode"], judging["judged_again"], judging["patients"]) == ("incremental", 1, 2)
    assert judging["detectors"]["repeat.same_institution"] == "touched"
    assert judging["detectors"]["ordering.outlier_practitioner"] == "whole: it compares patients with each other"
    built_upon = [(run / name).read_bytes() for name in ("findings.parquet", "leads.parquet", "denominators.parquet")]

    assert call("verify", "--workspace", workspace).code == 0
    again = audit("--extract", tmp_path / "night", "--full")
    assert "full: because --full was given" in again.err
    whole = [(run / name).read_bytes() for name in ("findings.parquet", "leads.parquet", "denominators.parquet")]
    assert built_upon == whole
