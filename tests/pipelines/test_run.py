"""The main job from the command line: what it publishes, how it fails, and that nothing half-done is ever seen."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.ingest.pseudonym_key import PUBLISHED_KEY
from pipelines.workspace import Workspace

Audit = Callable[..., Any]


def published(workspace: Path) -> Path:
    return Workspace(workspace).published()


def findings(workspace: Path) -> pl.DataFrame:
    return pl.read_parquet(published(workspace) / "findings.parquet")


@pytest.fixture
def audit_again(audit: Audit, workspace: Path) -> Audit:
    """``audit`` into the workspace that a run over the same extract has published already, under the same key."""
    assert published(workspace)
    return partial(audit, "--key-file", PUBLISHED_KEY, "--no-vault")


def test_run_publishes_a_workspace_as_the_design_says(audit: Audit, tmp_path: Path) -> None:
    done = audit()
    assert done.code == 0, done.err
    run = published(tmp_path / "workspace")
    assert done.out.strip() == str(run / "report" / "index.html")
    names = {"findings.parquet", "leads.parquet", "detectors.parquet", "leads.xlsx", "manifest.json", "report"}
    assert names <= {path.name for path in run.iterdir()}
    assert not (tmp_path / "workspace" / "staging").exists()
    pairs = findings(tmp_path / "workspace").select("detector_id", "index_event_id", "flagged_event_id").rows()
    assert sorted(pairs) == [("readmission.cycle", "E1", "E2"), ("repeat.same_institution", "O1", "O2")]


def test_every_rendered_lead_has_its_page(workspace: Path) -> None:
    run = published(workspace)
    paths = pl.read_parquet(run / "leads.parquet")["evidence_path"].to_list()
    assert paths
    assert all((run / path).is_file() for path in paths)


def test_two_runs_and_any_thread_count_give_identical_bytes(audit: Audit, tmp_path: Path) -> None:
    for workspace, threads in (("a", 1), ("b", 2), ("b", 1)):
        assert audit("--threads", threads, workspace=workspace).code == 0
    for name in ("findings.parquet", "leads.parquet"):
        assert (published(tmp_path / "a") / name).read_bytes() == (published(tmp_path / "b") / name).read_bytes()
    assert published(tmp_path / "a").name == published(tmp_path / "b").name


def test_json_names_run_and_detectors(audit: Audit) -> None:
    told = json.loads(audit("--json").out)
    assert told["leads"] == 1
    assert {row["detector_id"]: row["hits"] for row in told["detectors"]}["repeat.same_institution"] == 1


def test_missing_table_leaves_its_detectors_not_runnable_and_the_rest_run(
    audit: Audit, extract: Path, tmp_path: Path
) -> None:
    (extract / "exam_order.csv").unlink()
    (extract / "claim_line.csv").unlink()
    done = audit()
    assert done.code == 6
    assert "missing exam_order or claim_line" in done.err
    rows = pl.read_parquet(published(tmp_path / "workspace") / "detectors.parquet")
    status = dict(rows.select("detector_id", "status").rows())
    assert status["repeat.same_institution"] == "not_runnable"
    assert status["readmission.cycle"] == "ran"
    assert findings(tmp_path / "workspace")["detector_id"].to_list() == ["readmission.cycle"]


def test_detectors_that_only_leaves_out_are_neither_run_nor_partial(
    audit: Audit, extract: Path, tmp_path: Path
) -> None:
    (extract / "exam_order.csv").unlink()
    (extract / "claim_line.csv").unlink()
    assert audit("--only", "readmission.cycle").code == 0
    rows = pl.read_parquet(published(tmp_path / "workspace") / "detectors.parquet")
    assert dict(rows.select("detector_id", "status").rows())["repeat.same_institution"] == "not_chosen"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--as-of", "2025-02-30"], 2, "--as-of needs a date"),
        (["--as-of", "yesterday"], 2, "YYYY-MM-DD"),
        (["--from", "2025-02-01", "--to", "2025-01-01"], 2, "ends before it begins"),
        (["--from", "2025-02-01", "--as-of", "2025-01-01"], 2, "after the as-of date"),
        (["--profile", "nonesuch"], 2, "nonesuch"),
        (["--pack", "nonesuch"], 2, "nonesuch"),
        (["--set", "readmission.cycle.window=3"], 2, "window_days"),
        (["--set", "nonesuch.cycle.window_days=3"], 2, "no such detector"),
        (["--set", "readmission.cycle.window_days=400"], 2, "0 to 31"),
        (["--set", "readmission.cycle.window_days=soon"], 2, "int"),
        (["--set", "window_days"], 2, "DETECTOR.PARAM=VALUE"),
        (["--only", "nonesuch.*"], 2, "no such detector"),
        (["--institution", "H9"], 2, "no such institution"),
        (["--threads", "0"], 2, "threads"),
        (["--memory-limit", "banana"], 2, "such as 8GB"),
        (["--as-of", "20250106"], 2, "YYYY-MM-DD"),
        (["--complete", "nonesuch"], 2, "no such canonical table"),
        (["--nonesuch"], 2, "nonesuch"),
    ],
)
def test_wrong_option_is_refused_in_one_clear_message(
    audit: Audit, tmp_path: Path, words: list[str], code: int, said: str
) -> None:
    done = audit(*words)
    assert done.code == code
    assert said in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "workspace" / "runs" / "latest").exists()


def test_missing_required_column_names_file_and_column(
    audit: Audit, extract: Path, tables: dict[str, list[str]], tmp_path: Path
) -> None:
    header, *rows = tables["exam_order"]
    text = "\n".join([header.replace("item_code", "item"), *rows])
    (extract / "exam_order.csv").write_text(text, encoding="utf-8")
    done = audit()
    assert done.code == 3
    assert "exam_order.csv" in done.err
    assert "item_code" in done.err
    assert not (tmp_path / "workspace" / "runs" / "latest").exists()


def test_empty_file_is_refused(audit: Audit, extract: Path, tmp_path: Path) -> None:
    (extract / "exam_order.csv").write_bytes(b"")
    done = audit()
    assert done.code == 3
    assert "exam_order.csv" in done.err
    assert not (tmp_path / "workspace" / "runs" / "latest").exists()


def test_bad_date_quarantines_its_row_and_no_message_shows_it(
    audit: Audit, extract: Path, tables: dict[str, list[str]], tmp_path: Path
) -> None:
    rows = [*tables["exam_order"], "O3,E1,P1,H1,CT1,CT平扫,chest,D001,31.12.2024 secret,,performed"]
    (extract / "exam_order.csv").write_text("\n".join(rows), encoding="utf-8")
    done = audit()
    assert done.code == 0, done.err
    assert "secret" not in done.err + done.out
    quarantined = list((tmp_path / "workspace" / "quarantine").rglob("*.csv"))
    assert len(quarantined) == 1
    assert "secret" in quarantined[0].read_text(encoding="utf-8")
    assert quarantined[0].stat().st_mode & 0o777 == 0o600


def test_gate_exception_is_a_failed_gate(audit: Audit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from pipelines.quality import gate

    genuine = gate.checks_of

    def broken(*arguments: Any) -> Any:
        rule = {"name": "broken", "rule": "broken_rows", "query": "select nonesuch from t"}
        checks = genuine(*arguments)
        return [*checks, replace(checks[0], **rule)]

    monkeypatch.setattr(gate, "checks_of", broken)
    done = audit()
    assert done.code == 3
    assert not (tmp_path / "workspace" / "runs" / "latest").exists()


def test_second_run_is_locked_out(audit: Audit, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    with (workspace / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = audit()
    assert done.code == 5
    assert "another run holds this workspace" in done.err


def test_failed_run_leaves_the_published_one(audit_again: Audit, extract: Path, tmp_path: Path) -> None:
    before = published(tmp_path / "workspace")
    (extract / "patient.csv").write_text("patient_id\n", encoding="utf-8")
    (extract / "encounter.csv").write_text("nonesuch\n1\n", encoding="utf-8")
    assert audit_again().code == 3
    assert published(tmp_path / "workspace") == before
    assert (before / "report" / "index.html").is_file()


def test_leftover_staging_of_a_killed_run_is_cleared(audit: Audit, tmp_path: Path) -> None:
    leftover = tmp_path / "workspace" / "staging" / "0123456789abcdef"
    leftover.mkdir(parents=True)
    (leftover / "findings.parquet").write_bytes(b"half")
    assert audit("--only", "repeat.same_institution").code == 0
    assert not leftover.exists()


def test_window_bounds_the_flagged_event_and_looks_back_before_it(audit: Audit, tmp_path: Path) -> None:
    assert audit("--from", "2025-01-02", "--to", "2025-01-07").code == 0
    assert findings(tmp_path / "workspace")["flagged_event_id"].to_list() == ["O2"]


def test_rows_after_the_as_of_date_do_not_exist(audit: Audit, tmp_path: Path) -> None:
    assert audit("--as-of", "2025-01-01").code == 0
    assert findings(tmp_path / "workspace").is_empty()


def test_set_changes_what_is_found_and_who_says_so(audit: Audit, tmp_path: Path) -> None:
    assert audit("--set", "readmission.cycle.window_days=2").code == 0
    run = published(tmp_path / "workspace")
    assert findings(tmp_path / "workspace")["flagged_event_id"].to_list() == ["O2"]
    cards = {card["detector_id"]: card for card in json.loads((run / "cards.json").read_text(encoding="utf-8"))}
    (parameter,) = cards["readmission.cycle"]["parameters"]
    assert (parameter["value"], parameter["origin"]) == (2, "set")


def test_stages_alone_give_the_same_run(audited: Any, call: Audit, extract: Path, pack: Path, tmp_path: Path) -> None:
    workspace, key = tmp_path / "staged", ("--key-file", PUBLISHED_KEY)
    assert call("ingest", "--extract", extract, "--profile", "canonical", *key, "--workspace", workspace).code == 0
    assert call("publish", "--workspace", workspace).code == 3
    assert call("detect", "--pack", pack, "--workspace", workspace).code == 0
    assert call("publish", "--workspace", workspace).code == 0
    whole, staged = published(audited.workspace), published(workspace)
    assert whole.name == staged.name
    assert (whole / "leads.parquet").read_bytes() == (staged / "leads.parquet").read_bytes()


def test_same_extract_again_changes_nothing(audit_again: Audit, extract: Path, tmp_path: Path) -> None:
    before = (published(tmp_path / "workspace") / "findings.parquet").read_bytes()
    shutil.copytree(extract, tmp_path / "renamed")
    assert audit_again("--extract", tmp_path / "renamed").code == 0
    assert (published(tmp_path / "workspace") / "findings.parquet").read_bytes() == before


def test_run_made_again_puts_every_file_right(audit_again: Audit, call: Audit, tmp_path: Path) -> None:
    index = published(tmp_path / "workspace") / "report" / "index.html"
    index.write_text("touched", encoding="utf-8")
    assert audit_again().code == 0
    assert call("verify", "--workspace", tmp_path / "workspace").code == 0


def test_damaged_warehouse_is_an_integrity_error(audit_again: Audit, tmp_path: Path) -> None:
    warehouse = tmp_path / "workspace" / "warehouse.duckdb"
    before = published(tmp_path / "workspace")
    with warehouse.open("r+b") as stream:
        stream.seek(4096)
        stream.write(b"\x5a" * 200_000)
    done = audit_again()
    assert done.code == 4
    assert "Traceback" not in done.err
    assert published(tmp_path / "workspace") == before


@pytest.mark.parametrize("name", ["what?", "[br]", "{a,b}", "back\\slash"])
def test_workspace_that_the_database_would_misread_is_refused(audit: Audit, name: str, tmp_path: Path) -> None:
    done = audit(workspace=name)
    assert done.code == 2
    assert "--workspace" in done.err
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("name", ["with space", "it's", "星*号", "100%"])
def test_workspace_of_an_odd_name_works(audit: Audit, name: str) -> None:
    assert audit("--only", "repeat.same_institution", workspace=name).code == 0


def test_tables_that_the_analyst_vouches_for_stand_in_the_scope(audit: Audit, tmp_path: Path) -> None:
    assert audit("--complete", "consent", "--complete", "device").code == 0
    run = published(tmp_path / "workspace")
    files = json.loads((run / "quality.json").read_text(encoding="utf-8"))["files"]
    assert [file["accepted"] for file in files if file["source_file"] == "--complete"] == [2]
