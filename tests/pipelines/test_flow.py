"""The audit as a real Prefect flow: same bytes as the plain steps, artifacts of aggregates only, no id of a person."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from detectors.catalogue import load_catalogue
from pipelines.incremental.telling import judging_in
from pipelines.workspace import Workspace

RUN = (Path(sys.executable).with_name("exam-audit"), "run", "--profile", "canonical")


def flown(*words: str | Path, home: Path) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own, as Prefect's server wants it."""
    env = {**os.environ, "PREFECT_HOME": str(home), "NO_COLOR": "1"}
    return subprocess.run([*RUN, *words], capture_output=True, check=False, env=env)


def test_flow_publishes_the_same_bytes_and_keeps_rows_ids_and_the_key_out_of_prefect(
    audit: Callable[..., Any], ids: Any, tables: dict[str, list[str]], extract: Path, pack: Path, tmp_path: Path
) -> None:
    ids.planted(tables, extract)
    home = tmp_path / "prefect"
    done = flown("--extract", extract, "--pack", pack, "--workspace", tmp_path / "flow", home=home)
    assert done.returncode == 0, done.stderr
    kept = ids.contents(home)
    ids.assert_no_original(ids.contents(tmp_path / "flow") + kept + done.stdout + done.stderr)
    secret = (tmp_path / "config" / "exam-audit" / "pseudonym.key").read_bytes().strip()
    for unwanted in (secret, bytes.fromhex(secret.decode()), b"J18.9", b"1960-01-01", b"D001"):
        assert unwanted not in kept
    with sqlite3.connect(home / "prefect.db") as database:
        keys = {key for (key,) in database.execute("select key from artifact")}
        tasks = {name.partition("-")[0] for (name,) in database.execute("select name from task_run")}
    database.close()
    assert {"exam-audit-detectors", "exam-audit-report", "exam-audit-progress"} <= keys
    assert {"ingest", "gate", "prepare", "rank", "render", "publish"} <= tasks
    assert audit(workspace="plain").code == 0
    plain, flow = Workspace(tmp_path / "plain").published(), Workspace(tmp_path / "flow").published()
    for name in ("findings.parquet", "leads.parquet"):
        assert (plain / name).read_bytes() == (flow / name).read_bytes()
    again = flown("--extract", extract, "--pack", pack, "--workspace", tmp_path / "flow", home=home)
    assert again.returncode == 0, again.stderr
    assert judging_in(Workspace(tmp_path / "flow").published()).mode == "incremental"
    with sqlite3.connect(home / "prefect.db") as database:
        detect = "select state_type, count(*) from task_run where name like 'detect %' group by state_type"
        assert database.execute(detect).fetchall() == [("COMPLETED", 2 * len(load_catalogue()))]
    database.close()
    assert Workspace(tmp_path / "flow").published() == flow


def test_flow_ends_with_the_exit_code_of_the_error(extract: Path, tmp_path: Path) -> None:
    (extract / "exam_order.csv").write_bytes(b"")
    done = flown("--extract", extract, "--workspace", tmp_path / "flow", home=tmp_path / "prefect")
    assert done.returncode == 3
    assert b"exam_order.csv" in done.stderr
    assert b"Traceback" not in done.stderr


def test_served_flow_is_loaded_without_its_module_and_still_knows_its_parameters() -> None:
    code = (
        "import cloudpickle; from pipelines.flows.audit import audit; "
        "loaded = cloudpickle.loads(cloudpickle.dumps(audit)); "
        "print(sorted(loaded.validate_parameters({'settings': {'workspace': 'w'}, 'command': ['run']})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "['command', 'settings']", done.stderr
