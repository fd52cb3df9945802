"""Every page in a real Chromium: from file://, wide and narrow, both languages, with and without script, on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

pytestmark = pytest.mark.browser

PAGES = (
    "index.html",
    "quality.html",
    "leads/7f3a9c01.html",
    "leads/a1c2d3e4.html",
    "leads/0b5d77aa.html",
    "leads/ffee0011.html",
)
WIDTHS = (1440, 390)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A fresh profile; ``width`` and ``script`` by indirect parameter."""
    options = getattr(request, "param", {})
    viewport = {"width": options.get("width", 1440), "height": 900}
    made = browser.new_context(viewport=viewport, java_script_enabled=options.get("script", True))  # type: ignore[arg-type]
    yield made
    made.close()


def _opened(context: BrowserContext, path: Path) -> tuple[Page, list[str]]:
    """A page, and a list that fills with whatever it complains of or asks the network for."""
    page, troubles = context.new_page(), []
    page.on("console", lambda message: troubles.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
    page.on("dialog", lambda dialog: troubles.append(f"dialog: {dialog.message}"))
    page.on(
        "request", lambda request: None if request.url.startswith("file:") else troubles.append(f"asked: {request.url}")
    )
    page.goto(path.as_uri())
    return page, troubles


def _overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


@pytest.mark.parametrize("context", [{"width": width} for width in WIDTHS], indirect=True, ids=map(str, WIDTHS))
@pytest.mark.parametrize("name", PAGES)
def test_page_opens_from_a_file_in_both_languages(rendered: Path, context: BrowserContext, name: str) -> None:
    page, troubles = _opened(context, rendered / "report" / name)
    for language, other, tongue in (("en", "zh", "en"), ("zh", "en", "zh-CN")):
        page.locator(f"label[for=language-{language}]").click()
        assert page.locator("html").get_attribute("lang") == tongue
        assert page.locator(f"h1 .{language}").first.is_visible() or page.locator(f"h1 .{other}").count() == 0
        assert not page.locator(f"main .{other}:visible").count()
        assert _overflow(page) <= 0
    figures = page.locator("figure.plot")
    assert figures.locator("svg.main-svg").count() >= figures.count()
    assert troubles == []


@pytest.mark.parametrize("context", [{"script": False, "width": width} for width in WIDTHS], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_page_can_be_read_and_switched_without_script(rendered: Path, context: BrowserContext, name: str) -> None:
    page, _ = _opened(context, rendered / "report" / name)
    assert page.locator("h1 .zh").first.is_visible()
    page.locator("label[for=language-en]").click()
    assert page.locator("h1 .en").first.is_visible()
    assert page.locator("h1 .zh:visible").count() == 0
    for summary in page.locator("figure.plot > details > summary").all():
        summary.click()
    for table in page.locator("figure.plot table").all():
        assert table.locator("tbody tr").count() > 0
        assert table.is_visible()
    assert _overflow_without_script(page) <= 0


def _overflow_without_script(page: Page) -> int:
    """The same measure where the page itself may not run script: from the box of its outermost element."""
    box, size = page.locator(".page").bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return int(box["x"] + box["width"] - size["width"])


@pytest.mark.parametrize("name", PAGES)
def test_page_prints_with_its_folds_open(rendered: Path, context: BrowserContext, name: str) -> None:
    page, troubles = _opened(context, rendered / "report" / name)
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    page.locator(".tall tbody tr").evaluate_all(
        "rows => rows.forEach(row => { for (let n = 0; n < 60; n++) row.after(row.cloneNode(true)); })"
    )
    page.emulate_media(media="print")
    assert page.locator("button.print").is_hidden()
    for fold in page.locator("details:not(.on-screen)").all():
        assert fold.evaluate("one => one.lastElementChild.getBoundingClientRect().height") > 0
    cut = "all => all.filter(one => one.scrollHeight > one.clientHeight + 1 && one.clientHeight > 0).length"
    assert page.locator(".scroll").evaluate_all(cut) == 0
    assert troubles == []


def test_language_is_kept_from_page_to_page(rendered: Path, context: BrowserContext) -> None:
    page, troubles = _opened(context, rendered / "report" / "index.html")
    page.locator("label[for=language-en]").click()
    page.locator("table.leads tbody a").first.click()
    page.wait_for_url("**/leads/7f3a9c01.html")
    assert page.locator("#language-en").is_checked()
    assert troubles == []


def test_the_language_switch_works_by_keyboard(rendered: Path, context: BrowserContext) -> None:
    page, _ = _opened(context, rendered / "report" / "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "language-zh"
    page.keyboard.press("ArrowRight")
    assert page.locator("#language-en").is_checked()
    assert page.locator("h1 .en").is_visible()


@pytest.mark.parametrize("context", [{"script": False, "width": 390}], indirect=True)
def test_a_count_of_changes_opens_its_leads_without_script(rendered: Path, context: BrowserContext) -> None:
    page, _ = _opened(context, rendered / "report" / "index.html")
    assert page.locator("#changes-withdrawn").is_hidden()
    page.locator('a[href="#changes-withdrawn"]').click()
    assert page.locator("#changes-withdrawn").is_visible()
    assert page.locator("#changes-new").is_hidden()


def test_a_count_of_the_matrix_filters_the_list(rendered: Path, context: BrowserContext) -> None:
    page, troubles = _opened(context, rendered / "report" / "index.html")
    rows = page.locator("table.leads tbody tr:visible")
    assert rows.count() == 4
    page.locator('.matrix a[data-institution="HI002"][data-detector="repeat.same_institution"]').click()
    assert rows.count() == 1
    page.locator("button[type=reset]").click()
    page.wait_for_function("document.querySelectorAll('table.leads tbody tr:not([hidden])').length === 4")
    page.locator("input[type=search]").fill("D017")
    assert rows.count() == 1
    assert troubles == []


def test_the_list_is_sorted_by_its_heads(rendered: Path, context: BrowserContext) -> None:
    page, _ = _opened(context, rendered / "report" / "index.html")
    head = page.locator("table.leads thead th").nth(8)
    ranks = page.locator("table.leads tbody tr td:first-child")
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert ranks.all_inner_texts() == ["4", "3", "1", "2"]
    head.locator("button").press("Enter")
    assert ranks.all_inner_texts() == ["2", "1", "3", "4"]


def test_a_single_file_lead_draws_its_figure_alone(own_run: Path, context: BrowserContext, tmp_path: Path) -> None:
    from reports.render import render_lead

    alone = tmp_path / "alone.html"
    alone.write_bytes(render_lead(own_run, "0b5d77aa", single_file=True).read_bytes())
    page, troubles = _opened(context, alone)
    assert page.locator("figure.plot svg.main-svg").count() > 0
    assert troubles == []
