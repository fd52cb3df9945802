"""A run folder with every kind of thing a page must show, made from a few literal rows."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest


def _generator() -> Callable[[Path], Path]:
    spec = importlib.util.spec_from_file_location("run_folder_sample", Path(__file__).with_name("run_folder_sample.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.write_run  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder without a report; tests must not change it."""
    return _generator()(tmp_path_factory.mktemp("run"))


@pytest.fixture
def own_run(tmp_path: Path) -> Path:
    """A run folder of the test's own, to change at will."""
    return _generator()(tmp_path / "run")


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with its report and workbook; tests must not change it."""
    from reports.lists import write_workbook
    from reports.render import render_run

    folder = _generator()(tmp_path_factory.mktemp("rendered"))
    render_run(folder)
    write_workbook(folder)
    return folder
