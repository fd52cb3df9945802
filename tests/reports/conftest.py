"""A run folder with every kind of thing a page must show, made from a few literal rows."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


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
    write_workbook(folder, b"a key of tests")
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all pages; each test has windows of its own."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield launched
        launched.close()


Opener = Callable[..., tuple[Page, list[str]]]


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Opens a file: ``opened(path, width=1440, script=True)`` gives the page and a list of its troubles.

    Troubles are whatever it complains of, asks that is no file, or pops up; the list fills as they come.
    """
    contexts = []

    def open_(path: Path, *, width: int = 1440, script: bool = True, scheme: str = "light") -> tuple[Page, list[str]]:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            color_scheme=scheme,  # type: ignore[arg-type]  # "light" or "dark"
        )
        contexts.append(context)
        page, troubles = context.new_page(), []
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda one: None if one.url.startswith("file:") else troubles.append(f"asked: {one.url}"))
        page.goto(path.as_uri())
        return page, troubles

    yield open_
    for context in contexts:
        context.close()
