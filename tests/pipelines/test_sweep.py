"""Sensitivity and policy of a run: what other values would have found, and which pack and overrides applied."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from detectors.catalogue import load_catalogue
from detectors.sweep import grid, parse_sweep
from pipelines.workspace import Workspace
from schemas.errors import SettingError

Audit = Callable[..., Any]


def swept(workspace: Path) -> list[dict[str, Any]]:
    text = (Workspace(workspace).published() / "sensitivity.json").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = json.loads(text)
    return found


def test_a_wider_window_never_finds_fewer_and_the_used_value_is_marked(audit: Audit, tmp_path: Path) -> None:
    done = audit("--sweep", "readmission.cycle.window_days=1,2,3,15,31", "--set", "readmission.cycle.window_days=7")
    assert done.code == 0, done.err
    (one,) = swept(tmp_path / "workspace")
    assert [(point["value"], point["hits"]) for point in one["points"]] == [
        (1, 0), (2, 0), (3, 1), (7, 1), (15, 1), (31, 1)
    ]  # fmt: skip
    assert [point["value"] for point in one["points"] if point["is_used"]] == [7]
    assert one["points"][-1]["amount"] == "1000.00"
    report = (Workspace(tmp_path / "workspace").published() / "report" / "index.html").read_text(encoding="utf-8")
    assert "readmission.cycle.window_days" in report
    assert 'id="sensitivity"' in report


def test_a_sweep_changes_neither_run_id_nor_findings(audit: Audit, tmp_path: Path) -> None:
    audit(workspace="plain")
    audit("--sweep", "repeat.same_institution.interval_scale_pct", workspace="swept")
    plain, other = (Workspace(tmp_path / name).published() for name in ("plain", "swept"))
    assert plain.name == other.name
    assert (plain / "findings.parquet").read_bytes() == (other / "findings.parquet").read_bytes()
    assert not (plain / "sensitivity.json").exists()


def test_detect_and_publish_show_a_sweep_too(
    call: Callable[..., Any], extract: Path, pack: Path, tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    call("ingest", "--extract", extract, "--profile", "canonical", "--workspace", workspace)
    done = call("detect", "--workspace", workspace, "--pack", pack, "--sweep", "readmission.cycle.window_days=2,3")
    assert done.code == 0, done.err
    assert call("publish", "--workspace", workspace).code == 0
    assert [point["hits"] for point in swept(workspace)[0]["points"]] == [0, 1, 1]


@pytest.mark.parametrize(
    "text",
    ["nonesuch.window=1", "readmission.cycle.nonesuch", "readmission.cycle.window_days=99", "window",
     "readmission.cycle.window_days=soon", "readmission.cycle.window_days="],
)  # fmt: skip
def test_a_wrong_sweep_is_refused_before_anything_is_read(audit: Audit, tmp_path: Path, text: str) -> None:
    done = audit("--sweep", text)
    assert done.code == 2
    assert "--sweep" in done.err
    assert not (tmp_path / "workspace" / "warehouse.duckdb").exists()


def test_too_many_values_are_refused() -> None:
    many = ",".join(str(value % 31 + 1) for value in range(41))
    with pytest.raises(SettingError, match="too many"):
        parse_sweep(f"readmission.cycle.window_days={many}", load_catalogue())


def test_a_grid_stays_within_bounds_and_holds_the_used_value() -> None:
    for detector in load_catalogue():
        for parameter in detector.parameters:
            values = grid(parameter, parameter.default)
            assert parameter.default in values
            for value in values:
                parse_sweep(f"{detector.id}.{parameter.name}={value}", [detector])


def test_the_policy_page_states_pack_version_and_overrides(audit: Audit, tmp_path: Path) -> None:
    audit("--set", "readmission.cycle.window_days=7")
    run = Workspace(tmp_path / "workspace").published()
    policy = json.loads((run / "policy.json").read_text(encoding="utf-8"))
    assert policy["pack"]["version"] == "1"
    assert [(one["detector_id"], one["value"], one["origin"]) for one in policy["overrides"]] == [
        ("readmission.cycle", 7, "set")
    ]
    assert "exemptions.csv" in policy["borrowed"]
    page = (run / "report" / "policy.html").read_text(encoding="utf-8")
    assert policy["pack"]["sha256"] in page
    assert "window_days" in page
    assert 'href="policy.html"' in (run / "report" / "index.html").read_text(encoding="utf-8")


def test_the_policy_page_shows_what_an_overlay_changes(call: Callable[..., Any], extract: Path, tmp_path: Path) -> None:
    folder = tmp_path / "overlay"
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "own"\nversion = "3"\nextends = "cn-national"\n', encoding="utf-8")
    (folder / "thresholds.toml").write_text("[readmission.cycle]\nwindow_days = 31\n", encoding="utf-8")
    workspace = tmp_path / "workspace"
    call("run", "--extract", extract, "--profile", "canonical", "--pack", folder, "--direct", "--workspace", workspace)
    policy = json.loads((Workspace(workspace).published() / "policy.json").read_text(encoding="utf-8"))
    assert policy["overlay_count"] == 1
    assert policy["overlay"][0]["after"] == {"value": "31"}
    assert [one["origin"] for one in policy["overrides"]] == ["pack"]
