"""The list of leads in a real Chromium: filter, sort, search, the address, the keyboard, many rows, paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loaded import loaded
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

Opener = Callable[..., tuple[Page, list[str]]]
MANY = 3000


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of a run of many leads, of which ten have a page."""
    from reports.render import render_run

    many_leads = loaded(Path(__file__).parents[1] / "benchmarks" / "many_leads.py")
    folder = many_leads.write_run(tmp_path_factory.mktemp("many") / "run", MANY)
    render_run(folder, top=10)
    return Path(folder) / "report" / "index.html"


def _ranks(page: Page) -> list[str]:
    texts = page.locator("table.leads tbody tr[aria-rowindex] td:first-child").all_inner_texts()
    return [text.partition("\n")[0] for text in texts]


def _count(page: Page) -> str:
    return re.sub(r"\s", "", page.locator(".filters output").inner_text())


def _chosen(page: Page, **fields: str) -> None:
    for name, value in fields.items():
        field = page.locator(f"form.filters [name={name}]")
        field.select_option(value) if field.evaluate("one => one.tagName") == "SELECT" else field.fill(value)


def test_only_rows_in_view_stand_in_the_page_and_say_their_place(many: Path, opened: Opener) -> None:
    page, troubles = opened(many)
    assert page.locator("table.leads").get_attribute("aria-rowcount") == str(MANY + 1)
    assert page.locator("table.leads tbody tr").count() < 80
    page.locator(".scroll.list").evaluate("box => { box.scrollIntoView(); box.scrollTop = box.scrollHeight; }")
    last = page.locator(f'table.leads tbody tr[aria-rowindex="{MANY + 1}"]')
    expect(last).to_be_in_viewport()
    assert last.locator("td").first.inner_text().partition("\n")[0].replace("\u202f", "") == str(MANY)
    assert page.locator("table.leads tbody tr").count() < 80
    assert troubles == []


FILTERS: tuple[tuple[dict[str, str], int], ...] = (
    ({"institution": "HI002-3"}, 30),
    ({"detector": "readmission.cycle"}, 750),
    ({"grade": "clue"}, 1500),
    ({"type": "practitioner"}, 750),
    ({"authority": "market"}, 1000),
    ({"least": "48210", "most": "48300"}, 7),
    ({"search": "d017-74 开单"}, 11),
    ({"search": "7f3a9c01-12"}, 11),
    ({"detector": "readmission.cycle", "grade": "clue"}, 0),
)
"""What is chosen, and how many of the leads fit."""


def test_the_list_is_filtered_by_each_field_and_reset(many: Path, opened: Opener) -> None:
    page, troubles = opened(many)
    for fields, count in FILTERS:
        _chosen(page, **fields)
        assert (fields, _count(page)) == (fields, f"{count}/{MANY}")
        assert page.locator("table.leads").get_attribute("aria-rowcount") == str(count + 1)
        assert page.locator(".no-match").is_visible() == (count == 0)
        page.locator("button[type=reset]").click()
        expect(page.locator("table.leads")).to_have_attribute("aria-rowcount", str(MANY + 1))
    assert troubles == []


def test_the_list_is_sorted_by_its_heads(rendered: Path, opened: Opener) -> None:
    page, _ = opened(rendered / "report" / "index.html")
    head = page.locator("th[data-key=amount]")
    assert page.locator("th[data-key=rank]").get_attribute("aria-sort") == "ascending"
    head.locator("button").press("Enter")
    assert head.get_attribute("aria-sort") == "ascending"
    assert _ranks(page) == ["4", "3", "1", "2"]
    head.locator("button").press("Enter")
    assert _ranks(page) == ["2", "1", "3", "4"]


def test_a_count_of_the_matrix_filters_the_list(rendered: Path, opened: Opener) -> None:
    page, troubles = opened(rendered / "report" / "index.html")
    page.locator('.matrix a[data-institution="HI002"][data-detector="repeat.same_institution"]').click()
    expect(page.locator(".filters output")).to_have_text("1 / 4")
    assert page.url.endswith("#leads?institution=HI002&detector=repeat.same_institution")
    expect(page.locator("#leads")).to_be_in_viewport()
    page.go_back()
    expect(page.locator(".filters output")).to_have_text("4 / 4")
    assert troubles == []


def test_the_address_leads_another_reader_to_the_same_list(many: Path, opened: Opener) -> None:
    page, _ = opened(many)
    _chosen(page, grade="clue", search="示例医院")
    page.locator("th[data-key=amount] button").click()
    page.locator("th[data-key=amount] button").click()
    told = _ranks(page)
    page.wait_for_url("**#leads?*sort=-amount")
    other, troubles = opened(many)
    other.goto(page.url)
    assert _ranks(other) == told
    assert other.locator("[name=search]").input_value() == "示例医院"
    assert troubles == []


@pytest.mark.parametrize("way", ["back", "trail"])
def test_the_way_back_from_a_lead_leads_to_the_same_place(many: Path, opened: Opener, way: str) -> None:
    page, troubles = opened(many)
    _chosen(page, type="patient_episode")
    page.locator("table.leads tbody a").nth(3).click()
    page.wait_for_url("**/leads/*.html")
    if way == "back":
        page.go_back()
    else:
        page.locator('.trail a[href*="index.html"]').first.click()
    page.wait_for_url("**/index.html#leads?type=patient_episode")
    expect(page.locator("table.leads")).to_have_attribute("aria-rowcount", "2251")
    assert troubles == []


def test_the_address_keeps_how_far_the_list_was_read(many: Path, opened: Opener) -> None:
    page, _ = opened(many)
    page.goto(f"{many.as_uri()}#leads?at=1200")
    page.reload()
    expect(page.locator('tr[aria-rowindex="1202"]')).to_be_in_viewport()


def test_the_list_is_walked_by_keyboard(many: Path, opened: Opener) -> None:
    page, troubles = opened(many)
    page.locator(".scroll.list").focus()
    for key, place in (("ArrowDown", 2), ("ArrowDown", 3), ("End", MANY + 1), ("ArrowUp", MANY), ("Home", 2)):
        page.keyboard.press(key)
        focused = page.locator("tr:focus")
        expect(focused).to_have_attribute("aria-rowindex", str(place))
        expect(focused).to_be_in_viewport()
    page.keyboard.press("PageDown")
    assert int(page.locator("tr:focus").get_attribute("aria-rowindex") or 0) > 8
    page.keyboard.press("Home")
    page.keyboard.press("Enter")
    page.wait_for_url("**/leads/*.html")
    assert troubles == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_plain_table_of_the_first_leads_remains_without_script(many: Path, opened: Opener, width: int) -> None:
    page, _ = opened(many, width=width, script=False)
    assert page.locator("table.leads tbody tr").count() == 200
    assert page.locator("form.filters").is_hidden()
    assert page.locator("noscript p").first.is_visible()
    assert page.locator("table.leads tbody a").first.get_attribute("href") == "leads/7f3a9c01-0.html"


def test_paper_holds_the_first_of_the_list_as_it_is_filtered(many: Path, opened: Opener) -> None:
    page, troubles = opened(many)
    _chosen(page, type="practitioner")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert len(_ranks(page)) == 200
    assert _ranks(page)[:2] == ["2", "6"]
    assert page.locator(".print-note").inner_text() == "200 / 750"
    box: dict[str, Any] = page.locator(".scroll.list").evaluate(
        "one => ({ cut: one.scrollHeight - one.clientHeight, wide: one.scrollWidth - one.clientWidth })"
    )
    assert box == {"cut": 0, "wide": 0}
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert len(_ranks(page)) < 80
    assert troubles == []
