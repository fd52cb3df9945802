"""A run folder with every kind of thing a page must show, made from a few literal rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from loaded import loaded
from playwright.sync_api import Browser, Page, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


def _module(name: str) -> ModuleType:
    """A file beside this one that is no test."""
    return loaded(Path(__file__).with_name(f"{name}.py"))


def _written(folder: Path) -> Path:
    return _module("run_folder_sample").write_run(folder)  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder without a report; tests must not change it."""
    return _written(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="session")
def earlier_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run of before, beside the rendered one; tests must not change it."""
    return _module("run_folder_sample").write_earlier_run(tmp_path_factory.getbasetemp() / "runs/e0")  # type: ignore[no-any-return]


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
def every_kind(earlier_run: Path) -> Path:
    """A rendered run with every kind of page, also a lead as a single file; tests must not change it."""
    folder = _written(earlier_run.parent / "every-kind")
    _module("every_page_kind").add_every_kind(folder)
    return _rendered(folder, earlier_run)


@pytest.fixture(scope="session")
def hostile(earlier_run: Path) -> Path:
    """The same run with a hostile string in every text of every file; tests must not change it."""
    folder = _written(earlier_run.parent / "hostile")
    _module("every_page_kind").add_every_kind(folder)
    _module("hostile").make_hostile(folder)
    return _rendered(folder, earlier_run)


def _rendered(folder: Path, previous: Path) -> Path:
    from reports.render import render_lead, render_run

    render_run(folder, previous=previous)
    render_lead(folder, "0b5d77aa", single_file=True)
    return folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium, or what the machine has of its kind, for all pages; each test has windows of its own."""
    from reports.printing import find_browser

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield launched
        launched.close()


Opener = Callable[..., tuple[Page, list[str]]]


@pytest.fixture(scope="session")
def open_page(browser: Browser) -> Opener:
    """Opens a file: ``open_page(path, width=1440, script=True)`` gives the page and a list of its troubles.

    Troubles are whatever it complains of, asks that is no file, or pops up; the list fills as they come. Whoever opens
    a page closes its context.
    """

    def open_(path: Path, *, width: int = 1440, script: bool = True) -> tuple[Page, list[str]]:
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script)
        page, troubles = context.new_page(), []
        page.on("console", lambda message: troubles.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda one: None if one.url.startswith("file:") else troubles.append(f"asked: {one.url}"))
        page.goto(path.as_uri())
        return page, troubles

    return open_


@pytest.fixture(scope="session")
def windows(open_page: Opener) -> dict[bool, tuple[Page, list[str]]]:
    """The window that tests share, by whether it runs script: a new one costs more than most tests."""
    return {}


@pytest.fixture
def opened(open_page: Opener, windows: dict[bool, tuple[Page, list[str]]]) -> Iterator[Opener]:
    """``open_page`` for one test: the first page stands in the shared window, others in windows of their own."""
    used, own = set(), []

    def open_(path: Path, *, width: int = 1440, script: bool = True) -> tuple[Page, list[str]]:
        if script in used or script not in windows:
            page, troubles = open_page(path, width=width, script=script)
            if script in used:
                own.append(page)
            else:
                windows[script] = page, troubles
        else:
            page, troubles = windows[script]
            troubles.clear()
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(path.as_uri())
        used.add(script)
        return page, troubles

    yield open_
    for page in own:
        page.context.close()
    for script in used:
        page = windows[script][0]
        page.emulate_media(media="screen")
        if script:
            page.evaluate("localStorage.clear(); sessionStorage.clear()")
        page.goto("about:blank")


@pytest.fixture(scope="session")
def every_subject(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The page of a lead about each type of subject as detectors' own judges tell it, the patient's one reviewed."""
    from reports.render import render_run

    folder, adder = _written(tmp_path_factory.mktemp("subjects") / "5e1f00d5a3b4c2d2"), _module("subject_leads")
    leads = adder.add_every_subject(folder, "HI001") | {"practitioner": "a1c2d3e4", "patient_episode": "0b5d77aa"}
    adder.add_reviews(folder, leads["patient_episode"])
    render_run(folder)
    return {kind: folder / "report/leads" / f"{lead_id}.html" for kind, lead_id in leads.items()}
