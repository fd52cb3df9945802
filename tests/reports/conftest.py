"""A run folder with every kind of thing a page must show, made from a few literal rows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest


def _sample() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_folder_sample", Path(__file__).with_name("run_folder_sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _written(folder: Path) -> Path:
    return _sample().write_run(folder)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder without a report; tests must not change it."""
    return _written(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def earlier_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of before, beside the rendered one; tests must not change it."""
    return _sample().write_earlier_run(tmp_path_factory.getbasetemp() / "runs/e0")  # type: ignore[no-any-return]


@pytest.fixture
def own_run(tmp_path: Path) -> Path:
    """A run folder of the test's own, to change at will."""
    return _written(tmp_path / "run")


@pytest.fixture(scope="session")
def rendered(earlier_run: Path) -> Path:
    """A run folder with its report, compared with the run of before, and workbook; tests must not change it."""
    from reports.lists import write_workbook
    from reports.render import render_run

    folder = _written(earlier_run.parent / "5e1f00d5a3b4c2d1")
    render_run(folder, previous=earlier_run)
    write_workbook(folder)
    return folder
