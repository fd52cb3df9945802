"""Pages in a real Chromium without script, by keyboard, from page to page, with long tables on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

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
PAPER_WIDTH = 695
"""CSS pixels between the margins of an A4 page."""

Opener = Callable[..., tuple[Page, list[str]]]


@pytest.mark.parametrize("name", PAGES)
def test_page_can_be_read_and_switched_without_script(rendered: Path, opened: Opener, name: str) -> None:
    page, _ = opened(rendered / "report" / name, script=False)
    assert page.locator("h1 .zh").first.is_visible()
    page.locator("label[for=language-en]").click()
    assert page.locator("h1 .en").first.is_visible()
    assert page.locator("h1 .zh:visible").count() == 0
    for folds in (".folds > details > summary", "figure.plot > details > summary"):
        for summary in page.locator(folds).all():
            summary.click()
    for table in page.locator("figure.plot table").all():
        assert table.locator("tbody tr").count() > 0
        assert table.is_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert _overflow_without_script(page) <= 0


def _overflow_without_script(page: Page) -> int:
    """The same measure where the page itself may not run script: from the box of its outermost element."""
    box, size = page.locator(".page").bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    return int(box["x"] + box["width"] - size["width"])


@pytest.mark.parametrize("name", ["index.html", "leads/0b5d77aa.html"])
def test_long_tables_print_whole(rendered: Path, opened: Opener, name: str) -> None:
    page, troubles = opened(rendered / "report" / name, width=PAPER_WIDTH)
    page.locator(".tall tbody tr").evaluate_all(
        "rows => rows.forEach(row => { for (let n = 0; n < 60; n++) row.after(row.cloneNode(true)); })"
    )
    page.emulate_media(media="print")
    assert page.locator("button.print").is_hidden()
    cut = "all => all.filter(one => one.scrollHeight > one.clientHeight + 1 && one.clientHeight > 0).length"
    assert page.locator(".scroll").evaluate_all(cut) == 0
    assert troubles == []


def test_language_is_kept_from_page_to_page(rendered: Path, opened: Opener) -> None:
    page, troubles = opened(rendered / "report" / "index.html")
    page.locator("label[for=language-en]").click()
    page.locator("table.leads tbody a").first.click()
    page.wait_for_url("**/leads/7f3a9c01.html")
    assert page.locator("#language-en").is_checked()
    assert troubles == []


def test_the_language_switch_works_by_keyboard(rendered: Path, opened: Opener) -> None:
    page, _ = opened(rendered / "report" / "quality.html")
    reached = []
    for _ in range(3):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.id || document.activeElement.className || document.activeElement.tagName"
            )
        )
    assert reached == ["skip", "A", "language-zh"]
    page.keyboard.press("ArrowRight")
    assert page.locator("#language-en").is_checked()
    assert page.locator("h1 .en").is_visible()


def test_a_count_of_changes_opens_its_leads_without_script(rendered: Path, opened: Opener) -> None:
    page, _ = opened(rendered / "report" / "index.html", width=390, script=False)
    assert page.locator("#changes-withdrawn").is_hidden()
    page.locator('a[href="#changes-withdrawn"]').click()
    assert page.locator("#changes-withdrawn").is_visible()
    assert page.locator("#changes-new").is_hidden()
