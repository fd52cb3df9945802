"""Every notebook's code runs from top to bottom over a published run, and defines nothing."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from pipelines import cli

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def code_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_defines_nothing(notebook: Path) -> None:
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    for source in code_of(notebook):
        assert not any(isinstance(node, defined) for node in ast.walk(ast.parse(source)))


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs_from_top_to_bottom(notebook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.run(["demo", "--direct", "--workspace", str(tmp_path / "workspace")]) == 0
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    names: dict[str, object] = {}
    for source in code_of(notebook):
        exec(compile(source, notebook.name, "exec"), names)
