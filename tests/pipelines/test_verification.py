"""A run that is made again: it is what the manifest says, or the first file that differs is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
def workspace(audit: Audit, tmp_path: Path) -> Path:
    """A workspace in which the small extract was audited."""
    assert audit().code == 0
    return tmp_path / "workspace"


@pytest.fixture
def run(workspace: Path) -> Path:
    return Workspace(workspace).published()


def files_of(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_run_is_made_again_and_nothing_of_the_workspace_changes(call: Audit, workspace: Path) -> None:
    before = files_of(workspace)
    assert call("verify", "--workspace", workspace).code == 0
    assert files_of(workspace) == before


@pytest.mark.parametrize(
    "name",
    ["findings.parquet", "report/index.html", "detectors.parquet", "evidence/lines.parquet", "manifest.json"],
)
def test_any_file_that_was_touched_is_named(call: Audit, workspace: Path, run: Path, name: str) -> None:
    path = run / name
    path.write_bytes(b"\xff" + path.read_bytes())
    done = call("verify", "--workspace", workspace)
    assert done.code == 4
    assert Path(name).name in done.err


def test_a_page_that_was_rewritten_together_with_its_hash_is_named(call: Audit, workspace: Path, run: Path) -> None:
    page = min((run / "report" / "leads").glob("*.html"))
    page.write_text(page.read_text(encoding="utf-8").replace("疑似", "确认"), encoding="utf-8")
    hashes = run / "report" / "MANIFEST.sha256"
    lines = [
        line if page.name not in line else f"{hashlib.sha256(page.read_bytes()).hexdigest()}  leads/{page.name}"
        for line in hashes.read_text(encoding="utf-8").splitlines()
    ]
    hashes.write_text("\n".join(lines) + "\n", encoding="utf-8")

    done = call("verify", "--workspace", workspace)

    assert done.code == 4
    assert f"report/leads/{page.name}" in done.err


def test_an_older_run_is_made_again_from_its_extract(
    call: Audit, audit: Audit, extract: Path, workspace: Path, run: Path, tmp_path: Path
) -> None:
    later = tmp_path / "later"
    later.mkdir()
    for name, text in LATER.items():
        (later / name).write_text(text, encoding="utf-8")
    assert audit("--extract", later).code == 0
    assert Workspace(workspace).published() != run

    refused = call("verify", run.name, "--workspace", workspace)
    assert refused.code == 4
    assert "batches" in refused.err
    assert "--extract" in refused.err
    assert call("verify", run.name, "--workspace", workspace, "--extract", extract).code == 0
    assert call("verify", "--workspace", workspace, "--extract", extract, "--extract", later).code == 0


def test_another_extract_is_not_taken_for_the_runs_own(call: Audit, extract: Path, workspace: Path, run: Path) -> None:
    path = extract / "claim_line.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("300.00", "301.00"), encoding="utf-8")

    done = call("verify", run.name, "--workspace", workspace, "--extract", extract)

    assert done.code == 4
    assert "batches" in done.err


def test_what_waits_to_be_published_is_left_alone(call: Audit, pack: Path, workspace: Path) -> None:
    assert call("detect", "--pack", pack, "--workspace", workspace, "--as-of", "2025-01-31").code == 0
    assert call("verify", "--workspace", workspace).code == 0
    assert call("publish", "--workspace", workspace).code == 0
