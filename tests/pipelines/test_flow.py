"""The audit as a real Prefect flow: same bytes as the plain steps, artifacts of aggregates only."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipelines.workspace import Workspace

RUN = (Path(sys.executable).with_name("exam-audit"), "run", "--profile", "canonical")


def test_flow_publishes_the_same_bytes_and_keeps_row_values_out_of_prefect(
    audit: Callable[..., Any], extract: Path, pack: Path, tmp_path: Path
) -> None:
    assert audit(workspace="plain").code == 0
    home = tmp_path / "prefect"
    done = subprocess.run(
        [*RUN, "--extract", extract, "--pack", pack, "--workspace", tmp_path / "flow"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PREFECT_HOME": str(home), "NO_COLOR": "1"},
    )
    assert done.returncode == 0, done.stderr
    plain, flow = Workspace(tmp_path / "plain").published(), Workspace(tmp_path / "flow").published()
    for name in ("findings.parquet", "leads.parquet"):
        assert (plain / name).read_bytes() == (flow / name).read_bytes()
    with sqlite3.connect(home / "prefect.db") as database:
        keys = {key for (key,) in database.execute("select key from artifact")}
        tasks = {name.partition("-")[0] for (name,) in database.execute("select name from task_run")}
    database.close()
    assert {"exam-audit-detectors", "exam-audit-report", "exam-audit-progress"} <= keys
    assert {"ingest", "gate", "prepare", "rank", "render", "publish"} <= tasks
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for secret in (b"J18.9", b"1960-01-01", b"D001"):
        assert secret not in kept


def test_flow_ends_with_the_exit_code_of_the_error(extract: Path, tmp_path: Path) -> None:
    (extract / "exam_order.csv").write_bytes(b"")
    done = subprocess.run(
        [*RUN, "--extract", extract, "--workspace", tmp_path / "flow"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PREFECT_HOME": str(tmp_path / "prefect"), "NO_COLOR": "1"},
    )
    assert done.returncode == 3
    assert "exam_order.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_served_flow_is_loaded_without_its_module_and_still_knows_its_parameters() -> None:
    code = (
        "import cloudpickle; from pipelines.flows.audit import audit; "
        "loaded = cloudpickle.loads(cloudpickle.dumps(audit)); "
        "print(sorted(loaded.validate_parameters({'settings': {'workspace': 'w'}, 'command': ['run']})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['command', 'settings']", done.stderr
