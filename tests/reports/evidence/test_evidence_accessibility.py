"""Evidence pages of every type of subject for those who read by ear, by keyboard or in the dark.

test_every_page_in_browser.py holds all pages to axe's rules as they open; here their folds stand open.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

SUBJECTS = ("patient_episode", "practitioner", "department", "institution", "device")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": TAGS, "resultTypes": ["violations"], "preload": False}

OPEN = "folds => folds.forEach(fold => { fold.open = true; })"
DRAWN = "() => [...document.querySelectorAll('figure.plot')].every(one => one.querySelector('.main-svg'))"

Opener = Callable[..., tuple[Page, list[str]]]


@pytest.mark.parametrize("kind", SUBJECTS)
def test_a_page_is_sound_and_every_figure_has_a_name_a_sentence_and_its_facts_as_a_table(
    every_subject: dict[str, Path], opened: Opener, kind: str
) -> None:
    page, troubles = opened(every_subject[kind])
    page.locator("details").evaluate_all(OPEN)
    page.wait_for_function(DRAWN)
    found = Axe().run(page, options=OPTIONS).response["violations"]
    assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []
    figures = page.locator("figure").all()
    assert figures
    for figure in figures:
        assert figure.get_attribute("aria-label")
        assert figure.locator("table tbody tr").count() > 0
        assert figure.locator("figcaption").count() or figure.locator("xpath=following-sibling::p").count()
    assert troubles == []


def test_headings_are_nested_and_heads_of_tables_have_a_scope(every_subject: dict[str, Path], opened: Opener) -> None:
    page, _ = opened(every_subject["patient_episode"])
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert page.locator("th:not([scope])").count() == 0


def test_the_dress_follows_the_system_until_it_is_chosen(every_subject: dict[str, Path], opened: Opener) -> None:
    page, _ = opened(every_subject["practitioner"])
    page.emulate_media(color_scheme="dark")
    page.reload()
    paper = "getComputedStyle(document.body).backgroundColor"
    ink = "document.querySelector('.main-svg text').style.fill"
    dark = page.evaluate(paper), page.evaluate(ink)
    page.locator("label[for=theme-light]").click()
    light = page.evaluate(paper), page.evaluate(ink)
    assert light[0] == "rgb(255, 255, 255)"
    assert (dark[0] != light[0], dark[1] != light[1]) == (True, True)
    page.reload()
    assert page.evaluate(paper) == light[0]
    page.locator("label[for=theme-dark]").click()
    page.emulate_media(media="print")
    assert page.evaluate(paper) == "rgb(255, 255, 255)"


def test_what_was_recorded_of_the_review_is_read(every_subject: dict[str, Path], opened: Opener) -> None:
    page, _ = opened(every_subject["patient_episode"], width=390)
    text = page.locator("section[aria-labelledby=review]").inner_text()
    assert all(told in text for told in ("属实（复审）", "TZ-2026-0007", "TZ-2023-0112", "夜间胸痛"))
    assert "9c1e9c1e" in page.locator("footer").inner_text()
