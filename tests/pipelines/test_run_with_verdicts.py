"""A run that learns from verdicts: another identity, the same findings, a moved ranking, made again from its copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.workspace import Workspace

Audit = Callable[..., Any]
HEADER = "finding_id,detector_id,outcome,decided_on\n"


def verdicts(path: Path, refuted: int) -> Path:
    rows = [f"f{number},repeat.same_institution,unsubstantiated,2025-06-01\n" for number in range(refuted)]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def test_verdicts_move_the_score_and_not_the_findings(audit: Audit, call: Audit, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    file = verdicts(tmp_path / "verdicts.csv", 60)
    assert audit().code == 0
    before = Workspace(workspace).published()
    assert audit("--verdicts", file).code == 0
    after = Workspace(workspace).published()
    assert before.name != after.name
    one, other = (pl.read_parquet(run / "findings.parquet").drop("run_id") for run in (before, after))
    assert one.equals(other)
    scores = [pl.read_parquet(run / "leads.parquet")["score"][0] for run in (before, after)]
    assert scores[1] < scores[0]
    record = next(
        row
        for row in json.loads((after / "precision.json").read_text(encoding="utf-8"))
        if row["detector_id"] == "repeat.same_institution"
    )
    assert (record["reviewed"], record["substantiated"], record["is_demoted"]) == (60, 0, True)
    file.unlink()
    assert call("verify", "--workspace", workspace).code == 0
    listed = json.loads(call("leads", "list", "--capacity", 40, "--json", "--workspace", workspace).out)
    assert [lead["chosen_by"] for lead in listed] == ["rank"]


def test_a_file_of_verdicts_that_is_not_there_stops_the_run_before_it_begins(audit: Audit, tmp_path: Path) -> None:
    done = audit("--verdicts", tmp_path / "none.csv")
    assert done.code == 2
    assert "no such file of verdicts" in done.err
