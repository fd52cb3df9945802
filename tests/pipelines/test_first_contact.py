"""What an outsider meets first: wrong folders, colours, signs in paths, machine-readable checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
Call = Callable[..., Any]


@pytest.mark.parametrize("words", [("pack", "check", "nope"), ("--help",)], ids=" ".join)
def test_no_color_wins_over_a_forced_one(words: tuple[str, ...]) -> None:
    env = {**os.environ, "NO_COLOR": "1", "FORCE_COLOR": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-m", "pipelines.cli", *words], env=env, capture_output=True, check=False)
    assert b"\x1b[" not in done.stdout + done.stderr
    assert done.stdout + done.stderr


def test_a_forced_colour_still_colours() -> None:
    env = {**os.environ, "FORCE_COLOR": "1", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT)}
    env.pop("NO_COLOR", None)
    words = [sys.executable, "-m", "pipelines.cli", "pack", "check", "nope"]
    assert b"\x1b[" in subprocess.run(words, env=env, capture_output=True, check=False).stderr


def test_pack_check_prints_json_on_demand(call: Call) -> None:
    done = call("pack", "check", "sample", "--json")
    checked = json.loads(done.out)
    assert done.code == 0
    assert checked["is_well"] is True
    assert checked["rows"]["exam_items"] > 0


@pytest.mark.parametrize("words", [("detect",), ("publish",), ("verify",)], ids=" ".join)
def test_a_stage_over_a_missing_workspace_makes_nothing(call: Call, tmp_path: Path, words: tuple[str, ...]) -> None:
    done = call(*words, "--workspace", tmp_path / "nowhere")
    assert done.code == 2
    assert "no such workspace" in done.err
    assert not (tmp_path / "nowhere").exists()


def test_detect_over_an_empty_folder_makes_no_warehouse(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = call("detect", "--workspace", tmp_path / "empty")
    assert done.code == 2
    assert "no warehouse" in done.err
    assert list((tmp_path / "empty").iterdir()) == []


def test_a_list_is_not_exported_into_a_folder_that_is_not_there(audit: Call, call: Call, tmp_path: Path) -> None:
    audit()
    done = call("leads", "export", "--workspace", tmp_path / "workspace", "--out", tmp_path / "missing" / "leads.csv")
    assert done.code == 2
    assert "folder of the list does not exist" in done.err
    assert not (tmp_path / "missing").exists()


@pytest.mark.parametrize("words", [("run",), ("run", "--direct"), ("ingest",)], ids=" ".join)
def test_an_extract_that_is_not_there_is_said_before_anything_is_made(
    call: Call, tmp_path: Path, words: tuple[str, ...]
) -> None:
    asked = (*words, "--extract", tmp_path / "missing", "--profile", "canonical", "--workspace", tmp_path / "new")
    done = call(*asked)
    assert done.code == 3
    assert "error: the extract does not exist" in done.err.splitlines()
    assert not (tmp_path / "new").exists()


def test_a_path_that_reads_as_a_pattern_is_refused_with_the_folder_at_fault(
    call: Call, extract: Path, tmp_path: Path
) -> None:
    done = call("ingest", "--extract", extract, "--profile", "canonical", "--workspace", tmp_path / "a[1]" / "ws")
    assert done.code == 2
    assert "in the folder a[1]" in done.err
    assert "rename that folder" in done.err
    assert not (tmp_path / "a[1]").exists()


def test_a_bar_inside_an_institution_id_stays_one_part_of_the_subject(
    audit: Call, tables: dict[str, list[str]], extract: Path, call: Call, tmp_path: Path
) -> None:
    for name, lines in tables.items():
        text = "\n".join(lines).replace("H1", "H1|A%") + "\n"
        (extract / f"{name}.csv").write_text(text, encoding="utf-8")
    audit()
    (lead,) = json.loads(call("leads", "list", "--json", "--workspace", tmp_path / "workspace").out)
    _patient, institution, year = lead["subject_id"].split("|")
    assert (institution, year) == ("H1%7CA%25", "2025")
    assert lead["institution_id"] == "H1|A%"
