"""Verdicts come back by command line: preview, confirmation, the next run, the pages, the chain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.workspace import Workspace

Audit = Callable[..., Any]
REFUTED = {"verdict": "合理 justified", "reason_code": "数据有误 data_error", "note": "机密说明"}


def filled(run: Path, out: Path, **values: str) -> Path:
    """The run's workbook with the first lead's row filled in."""
    book = openpyxl.load_workbook(run / "leads.xlsx")
    where = {str(cell.value).split("\n")[-1]: cell.column for cell in book["leads"][1]}
    for column, value in (values or REFUTED).items():
        book["leads"].cell(2, where[column]).value = value
    book.save(out)
    return out


@pytest.fixture
def run_again(call: Audit, audited: Any, workspace: Path) -> Audit:
    return partial(call, *audited.words, "--workspace", workspace)


def test_a_verdict_teaches_the_next_run_and_can_be_verified(
    run_again: Audit, call: Audit, workspace: Path, tmp_path: Path
) -> None:
    first = Workspace(workspace).published()
    sheet = filled(first, tmp_path / "filled.xlsx")
    done = call("review", "import", sheet, "--yes", "--reviewer", "R1", "--json", "--workspace", workspace)
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert (told["new"], told["written"], told["reviewer"]) == (1, True, "R1")
    assert pl.read_parquet(first / "reviews.parquet")["verdict"].to_list() == ["justified"]
    assert run_again().code == 0
    second = Workspace(workspace).published()
    assert second.name != first.name
    scores = [pl.read_parquet(run / "leads.parquet")["score"].sum() for run in (first, second)]
    assert scores[1] < scores[0]
    assert call("verify", "--workspace", workspace).code == 0
    again = call("review", "import", sheet, "--yes", "--reviewer", "R1", "--json", "--workspace", workspace)
    assert (again.code, json.loads(again.out)["unchanged"]) == (0, 1)
    checked = call("audit", "verify", "--json", "--workspace", workspace)
    assert (checked.code, json.loads(checked.out)["entries"]) == (0, 1)
    assert json.loads(checked.out)["head"] == pl.read_parquet(second / "reviews.parquet")["chain_head"][0]


def test_without_a_terminal_and_without_yes_nothing_is_written(call: Audit, workspace: Path, tmp_path: Path) -> None:
    sheet = filled(Workspace(workspace).published(), tmp_path / "filled.xlsx")
    done = call("review", "import", sheet, "--workspace", workspace)
    assert done.code == 0
    assert "1 new, 0 changed, 0 unchanged, 0 rejected" in done.out
    assert "nothing was written" in done.err
    assert "机密说明" not in done.out + done.err
    checked = call("audit", "verify", "--json", "--workspace", workspace)
    assert json.loads(checked.out)["entries"] == 0


def test_a_sheet_of_which_nothing_can_be_taken_ends_with_3(call: Audit, workspace: Path, tmp_path: Path) -> None:
    sheet = filled(Workspace(workspace).published(), tmp_path / "filled.xlsx", verdict="guilty", note="机密说明")
    done = call("review", "import", sheet, "--yes", "--workspace", workspace)
    assert done.code == 3
    assert "unknown verdict" in done.out
    assert "机密说明" not in done.out + done.err


def test_an_exemption_that_the_lead_s_detectors_do_not_test_is_told_by_row_and_taken(
    call: Audit, workspace: Path, tmp_path: Path
) -> None:
    run = Workspace(workspace).published()
    cards = {one["detector_id"]: one for one in json.loads((run / "cards.json").read_text(encoding="utf-8"))}
    tests = {id_: {one["exemption_id"] for one in card["exemptions"]} for id_, card in cards.items()}
    first = pl.read_parquet(run / "leads.parquet").sort("rank").row(0, named=True)
    own = sorted(set().union(*(tests[id_] for id_ in first["detector_ids"])))
    strange = min(set().union(*tests.values()) - set(own))
    words = {"verdict": "justified", "reason_code": "exemption_holds", "exemption_held": strange, "note": "机密说明"}
    sheet = filled(run, tmp_path / "filled.xlsx", **words)
    seen = call("review", "import", sheet, "--workspace", workspace)
    assert seen.code == 0
    assert "which no detector of the lead or finding tests: 1" in seen.err
    assert f"sheet leads, row 2: tested are {', '.join(own)}" in " ".join(seen.err.split())
    assert "机密说明" not in seen.out + seen.err
    done = call("review", "import", sheet, "--yes", "--no-pages", "--json", "--workspace", workspace)
    told = json.loads(done.out)
    assert (told["new"], told["written"]) == (1, True)
    assert told["untested_exemptions"] == [{"sheet": "leads", "row": 2, "tested": own}]


def test_what_a_sheet_of_before_says_is_stale_once_the_data_say_otherwise(
    run_again: Audit, call: Audit, workspace: Path, tmp_path: Path
) -> None:
    sheet = filled(Workspace(workspace).published(), tmp_path / "filled.xlsx")
    assert run_again("--as-of", "2025-01-02", "--only", "repeat.same_institution").code == 0
    done = call("review", "import", sheet, "--yes", "--json", "--workspace", workspace)
    assert done.code == 3
    assert json.loads(done.out)["rows"][0]["reason"].startswith("stale")


def test_a_broken_chain_ends_with_4_and_names_the_entry(call: Audit, workspace: Path, tmp_path: Path) -> None:
    sheet = filled(Workspace(workspace).published(), tmp_path / "filled.xlsx")
    words = ("review", "import", sheet, "--yes", "--no-pages", "--workspace", workspace)
    assert call(*words).code == 0
    connection = sqlite3.connect(workspace / "cases.sqlite")
    connection.executescript("drop trigger verdict_no_update; update verdict set verdict = 'substantiated'")
    connection.close()
    done = call("audit", "verify", "--workspace", workspace)
    assert done.code == 4
    assert "got: entry 1" in done.err


def test_an_emptied_store_is_told_by_what_the_run_noted(call: Audit, workspace: Path, tmp_path: Path) -> None:
    sheet = filled(Workspace(workspace).published(), tmp_path / "filled.xlsx")
    assert call("review", "import", sheet, "--yes", "--workspace", workspace).code == 0
    (workspace / "cases.sqlite").write_bytes(b"")
    done = call("audit", "verify", "--workspace", workspace)
    assert done.code == 4
    assert f"0 entries; the head after run {Workspace(workspace).published().name}" in " ".join(done.err.split())
    (workspace / "cases.sqlite").unlink()
    assert call("audit", "verify", "--workspace", workspace).code == 4
    assert not (workspace / "cases.sqlite").exists()


def test_a_workspace_without_verdicts_has_no_chain(call: Audit, workspace: Path) -> None:
    done = call("audit", "verify", "--workspace", workspace)
    assert done.code == 3
    assert "no case store" in done.err


def test_pages_are_drawn_again_with_what_the_store_knows(call: Audit, workspace: Path, tmp_path: Path) -> None:
    run = Workspace(workspace).published()
    before = {path.name for path in (run / "report" / "leads").iterdir()}
    sheet = filled(run, tmp_path / "filled.xlsx")
    assert call("review", "import", sheet, "--yes", "--no-pages", "--workspace", workspace).code == 0
    assert not (run / "reviews.parquet").exists()
    assert call("report", "refresh", "--workspace", workspace).code == 0
    assert (run / "reviews.parquet").exists()
    assert {path.name for path in (run / "report" / "leads").iterdir()} == before
    assert {path.name for path in workspace.iterdir()} == {
        ".lock", "cases.sqlite", "runs", "sheets.key", "warehouse.duckdb",
    }  # fmt: skip
