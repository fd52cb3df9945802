"""A run that is made again: it is what the manifest says, or the first file that differs is named."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from pipelines.workspace import Workspace

Audit = Callable[..., Any]

LATER = {
    "patient.csv": "patient_id,sex,birth_date\nP9,M,1950-01-01\n",
    "institution.csv": "institution_id,institution_name\nH9,示例县医院\n",
    "encounter.csv": "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    "E9,P9,H9,outpatient,2025-02-01\n",
}


@pytest.fixture
def run(workspace: Path) -> Path:
    return Workspace(workspace).published()


def files_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_is_made_again_and_nothing_of_the_workspace_changes(call: Audit, workspace: Path, run: Path) -> None:
    book = openpyxl.load_workbook(run / "leads.xlsx")
    names = [str(cell.value).split("\n")[-1] for cell in book["leads"][1]]
    book["leads"].cell(2, names.index("note") + 1).value = "seen"
    book.save(run / "leads.xlsx")
    lead_id = min((run / "report" / "leads").glob("*.html")).stem
    for form in ((), ("--single-file",), ("--redaction", "shared")):
        assert call("report", "lead", lead_id, *form, "--workspace", workspace).code == 0
    before = files_of(workspace)
    assert call("verify", "--workspace", workspace).code == 0
    assert files_of(workspace) == before


def appended(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def added(path: Path) -> None:
    path.write_text("added", encoding="utf-8")


def test_the_first_file_that_was_touched_removed_or_added_is_named(call: Audit, workspace: Path, run: Path) -> None:
    page = min((run / "report" / "leads").glob("*.html")).relative_to(run).as_posix()
    for change, name in (
        (appended, "findings.parquet"),
        (appended, "leads.parquet"),
        (appended, "evidence/lines.parquet"),
        (appended, page),
        (appended, "report/assets/page.js"),
        (Path.unlink, "detectors.parquet"),
        (Path.unlink, page),
        (Path.unlink, "report/MANIFEST.sha256"),
        (added, "report/leads/0123456789abcdef01234567.html"),
        (added, "list.csv"),
    ):
        path = run / name
        before = path.read_bytes() if path.exists() else None
        change(path)
        done = call("verify", "--workspace", workspace)
        assert (done.code, name in done.err) == (4, True), name
        path.unlink(missing_ok=True)
        if before is not None:
            path.write_bytes(before)


def test_a_manifest_whose_identity_was_changed_is_named(call: Audit, workspace: Path, run: Path) -> None:
    path = run / "manifest.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"as_of": "2025', '"as_of": "2026'), encoding="utf-8")
    done = call("verify", "--workspace", workspace)
    assert done.code == 4
    assert "manifest.json" in done.err


def relisted(run: Path, changed: Path, old: str) -> None:
    """Put the hash of a file that was changed into the lists of its run."""
    for name in ("manifest.json", "report/MANIFEST.sha256"):
        text = (run / name).read_text(encoding="utf-8")
        new = hashlib.sha256(changed.read_bytes()).hexdigest()
        (run / name).write_text(text.replace(old, new), encoding="utf-8")


def reversed_rows(run: Path) -> Path:
    path = run / "evidence/lines.parquet"
    pl.read_parquet(path).reverse().write_parquet(path)
    return path


def other_words(run: Path) -> Path:
    path = min((run / "report" / "leads").glob("*.html"))
    path.write_text(path.read_text(encoding="utf-8").replace("疑似", "确认"), encoding="utf-8")
    return path


@pytest.mark.parametrize("change", [reversed_rows, other_words])
def test_what_was_changed_together_with_its_hash_is_named(
    call: Audit, workspace: Path, run: Path, change: Callable[[Path], Path]
) -> None:
    before = files_of(run)
    name = change(run).relative_to(run).as_posix()
    relisted(run, run / name, before[name])
    done = call("verify", "--workspace", workspace)
    assert done.code == 4
    assert name in done.err


def test_a_page_that_was_taken_away_together_with_its_line_is_named(call: Audit, workspace: Path, run: Path) -> None:
    page, hashes = min((run / "report" / "leads").glob("*.html")), run / "report" / "MANIFEST.sha256"
    page.unlink()
    lines = hashes.read_text(encoding="utf-8").splitlines(keepends=True)
    hashes.write_text("".join(line for line in lines if f"leads/{page.name}" not in line), encoding="utf-8")
    done = call("verify", "--workspace", workspace)
    assert done.code == 4
    assert f"report/leads/{page.name}" in done.err


def test_an_older_run_is_made_again_from_its_extract(
    call: Audit, audited: Any, workspace: Path, run: Path, tmp_path: Path
) -> None:
    extract, later = audited.words[2], tmp_path / "later"
    later.mkdir()
    for name, text in LATER.items():
        (later / name).write_text(text, encoding="utf-8")
    assert call(*audited.words, "--extract", later, "--workspace", workspace).code == 0
    assert Workspace(workspace).published() != run

    refused = call("verify", run.name, "--workspace", workspace)
    assert refused.code == 4
    assert "batches" in refused.err
    assert "--extract" in refused.err
    assert call("verify", run.name, "--workspace", workspace, "--extract", extract).code == 0
    assert call("verify", "--workspace", workspace, "--extract", extract, "--extract", later).code == 0


def test_another_extract_is_not_taken_for_the_runs_own(
    call: Audit, audited: Any, workspace: Path, run: Path, tmp_path: Path
) -> None:
    extract = Path(shutil.copytree(audited.words[2], tmp_path / "another"))
    path = extract / "claim_line.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("300.00", "301.00"), encoding="utf-8")

    done = call("verify", run.name, "--workspace", workspace, "--extract", extract)

    assert done.code == 4
    assert "batches" in done.err


def test_what_waits_to_be_published_is_left_alone(call: Audit, pack: Path, workspace: Path) -> None:
    assert call("detect", "--pack", pack, "--workspace", workspace, "--as-of", "2025-01-31").code == 0
    assert call("verify", "--workspace", workspace).code == 0
    assert call("publish", "--workspace", workspace).code == 0
