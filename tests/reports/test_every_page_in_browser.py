"""Every kind of page in one Chromium, as it is and with a hostile string in every text: quiet, whole, accessible.

Each page is opened once and looked at wide and narrow, in both languages, light and dark, and on paper; the tests then
ask what was seen. Kinds: index, quality, policy, evidence of every subject type and family, confirmations, single file.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

pytestmark = pytest.mark.browser

WIDE, NARROW, PAPER = 1440, 390, 695
"""CSS pixels; the last is the width between the margins of an A4 page."""

PAPER_HEIGHT = 1017
"""CSS pixels between the upper and the lower margin of an A4 page."""

DRESSED = ("index.html", "leads/0b5d77aa.html", "leads/a1c2d3e4.html")
"""Pages that axe also reads in the dark; the others wear the same parts."""

Opener = Callable[..., tuple[Page, list[str]]]
Seen = dict[str, "Visit"]

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
SHEET = re.compile(rb"([\d.]+) 0 0 -[\d.]+ 0 [\d.]+ cm\nq\n([\d.]+) 0 0 ")
"""What Chromium draws a sheet with: two scales, one inside the other."""

UNSHRUNK = 0.75
"""Points for a CSS pixel on paper."""

RAN = "hostileRan"
"""The page's variable that a hostile string would set if it ran; as ``hostile.py`` has it."""

OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
OTHER_WORDS = "other => [...document.querySelectorAll(`main .${other}`)].filter(one => one.checkVisibility()).length"
UNDRAWN = """[...document.querySelectorAll('figure.plot')]
  .filter(one => one.checkVisibility() && !one.querySelector('svg.main-svg')).length"""
UNTOLD = """[...document.querySelectorAll('figure')].filter(one => !one.getAttribute('aria-label') ||
  !one.querySelector('figcaption') || !one.querySelector('table tbody tr')).length"""
"""Figures without a name, a sentence, or their facts as a table."""

CUT = """([width, height]) => {
  const all = (name, root = document) => [...root.querySelectorAll(name)].filter(one => one.checkVisibility());
  const charts = all('.canvas .main-svg, main svg').map(one => one.getBoundingClientRect());
  const cut = charts.filter(box => box.left < -1 || box.right > width + 1 || box.height > height);
  const texts = all('.canvas').flatMap(one => all('text', one).map(text => [one, text]));
  const lost = texts.map(pair => pair.map(one => one.getBoundingClientRect()))
    .filter(([box, text]) => text.left < box.left - 2 || text.right > box.right + 2);
  const boxes = all('.scroll')
    .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1);
  const shut = [...document.querySelectorAll('details:not(.on-screen)')]
    .filter(one => one.lastElementChild.clientHeight < 1);
  const split = all('figure .canvas').filter(one => getComputedStyle(one).breakInside !== 'avoid');
  return { cut: cut.length, lost: lost.length, scrolled: boxes.length, split: split.length, shut: shut.length };
}"""
"""Charts that leave the paper or could be split, words of charts that are cut, tables that would need scrolling, folds
that stay shut."""

AXE = """tags => axe.run({ exclude: [['.canvas']] }, { runOnly: tags, resultTypes: ['violations'], preload: false })
  .then(told => told.violations
    .map(one => `${one.impact} ${one.id}: ` + one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')))"""
"""Violations of any weight; what is inside a drawn chart is one image with a name, and its facts stand in a table."""

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
"""All of WCAG 2.2 AA, and what is good practice beyond it; no rule is switched off."""


@dataclass(frozen=True)
class Visit:
    """What was seen of one page: numbers of things that should not be, and the scales that its PDF is drawn at."""

    troubles: list[str]
    ran: bool
    overflow: Mapping[str, int]
    other_words: int
    undrawn: int
    untold: int
    on_paper: Mapping[str, int]
    scales: frozenset[float]
    violations: list[str]


def _axe() -> str:
    return (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def _pages(folder: Path) -> dict[str, Path]:
    """Every page by its name below report/; of the confirmations, which are one template, the first and the last."""
    report = folder / "report"
    confirmations = sorted((report / "confirmations").glob("*.html"))
    pages = [
        *report.glob("*.html"),
        *sorted((report / "leads").glob("*.html")),
        *confirmations[:1],
        *confirmations[-1:],
    ]
    return {path.relative_to(report).as_posix(): path for path in pages}


def _visits(folder: Path, open_page: Opener, look: Callable[[Page, str, list[str]], Visit]) -> Seen:
    """All pages one after another in one window."""
    pages = _pages(folder)
    page, troubles = open_page(pages["index.html"])
    seen = {}
    for name, path in pages.items():
        troubles.clear()
        page.set_viewport_size({"width": WIDE, "height": 900})
        page.emulate_media(media="screen")
        page.goto(path.as_uri())
        seen[name] = look(page, name, troubles)
    page.context.close()
    return seen


def _look(page: Page, name: str, troubles: list[str]) -> Visit:
    """Everything, with axe before the page is turned about; a single file is the page beside it once more."""
    is_single = name.endswith(".single.html")
    violations = [] if is_single else _violations(page, is_dressed=name in DRESSED)
    overflow = {f"{WIDE} zh": page.evaluate(OVERFLOW)}
    other_words = sum(_in_language(page, language, overflow) for language in ("en", "zh"))
    undrawn = page.evaluate(UNDRAWN)
    on_paper = _printed(page)
    undrawn += page.evaluate(UNDRAWN)
    scales = frozenset({UNSHRUNK}) if is_single else _scales(page)
    page.evaluate("document.getElementById('language-en').click()")
    overflow["paper en"] = page.evaluate(OVERFLOW)
    return Visit(
        [*troubles], _ran(page), overflow, other_words, undrawn, page.evaluate(UNTOLD), on_paper, scales, violations
    )


def _violations(page: Page, *, is_dressed: bool) -> list[str]:
    page.evaluate(_axe())
    found: list[str] = page.evaluate(AXE, TAGS)
    if is_dressed:
        page.evaluate("document.getElementById('theme-dark').click()")
        found += [f"dark: {one}" for one in page.evaluate(AXE, TAGS)]
        page.evaluate("document.getElementById('theme-light').click()")
    return found


def _look_narrow(page: Page, name: str, troubles: list[str]) -> Visit:
    """What a hostile string could do: run, complain, widen a narrow page, keep a chart from being drawn."""
    overflow: dict[str, int] = {f"{WIDE} zh": page.evaluate(OVERFLOW)}
    other_words = sum(_in_language(page, language, overflow) for language in ("en", "zh"))
    return Visit([*troubles], _ran(page), overflow, other_words, page.evaluate(UNDRAWN), 0, {}, frozenset(), [])


def _in_language(page: Page, language: str, overflow: dict[str, int]) -> int:
    """Words of the other language that are seen; the width that the page needs goes into ``overflow``."""
    page.set_viewport_size({"width": NARROW, "height": 900})
    page.evaluate(f"document.getElementById('language-{language}').click()")
    overflow[f"{NARROW} {language}"] = page.evaluate(OVERFLOW)
    told = page.evaluate("document.documentElement.lang").startswith(language)
    return int(page.evaluate(OTHER_WORDS, "zh" if language == "en" else "en")) + (not told)


def _ran(page: Page) -> bool:
    return bool(page.evaluate(f"'{RAN}' in window"))


def _printed(page: Page) -> Mapping[str, int]:
    page.set_viewport_size({"width": PAPER, "height": PAPER_HEIGHT})
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    told: dict[str, int] = page.evaluate(CUT, [PAPER, PAPER_HEIGHT])
    return told


def _scales(page: Page) -> frozenset[float]:
    """Points for a CSS pixel on each sheet of the page's PDF; Chromium shrinks a page that is wider than its paper."""
    scales = []
    for packed in STREAM.findall(page.pdf(prefer_css_page_size=True)):
        with contextlib.suppress(zlib.error):
            if begins := SHEET.match(zlib.decompress(packed)):
                scales.append(round(float(begins[1]) * float(begins[2]), 2))
    return frozenset(scales)


@pytest.fixture(scope="module")
def seen(every_kind: Path, open_page: Opener) -> Seen:
    return _visits(every_kind, open_page, _look)


@pytest.fixture(scope="module")
def seen_hostile(hostile: Path, open_page: Opener) -> Seen:
    return _visits(hostile, open_page, _look_narrow)


def _where(seen: Seen, fault: Callable[[Visit], Any]) -> dict[str, Any]:
    """Pages with a fault, and what it is."""
    return {name: found for name, visit in seen.items() if (found := fault(visit))}


def test_there_is_a_page_of_every_kind(seen: Seen, seen_hostile: Seen, every_kind: Path) -> None:
    assert {"index.html", "quality.html", "policy.html", "ranking.html", "leads/0b5d77aa.single.html"} <= seen.keys()
    assert len(seen) == len(seen_hostile)
    told = "".join(path.read_text(encoding="utf-8") for path in (every_kind / "report/leads").glob("kind*.html"))
    assert [word for word in ("患者", "医师", "科室", "机构", "设备") if word not in told] == []


@pytest.mark.parametrize("run", ["seen", "seen_hostile"])
def test_no_page_complains_or_asks_the_network(run: str, request: pytest.FixtureRequest) -> None:
    assert _where(request.getfixturevalue(run), lambda visit: visit.troubles) == {}


@pytest.mark.parametrize("run", ["seen", "seen_hostile"])
def test_no_page_is_wider_than_the_screen_or_the_paper(run: str, request: pytest.FixtureRequest) -> None:
    def wide(visit: Visit) -> dict[str, int]:
        return {at: pixels for at, pixels in visit.overflow.items() if pixels > 0}

    assert _where(request.getfixturevalue(run), wide) == {}


@pytest.mark.parametrize("run", ["seen", "seen_hostile"])
def test_every_page_speaks_one_language_at_a_time(run: str, request: pytest.FixtureRequest) -> None:
    assert _where(request.getfixturevalue(run), lambda visit: visit.other_words) == {}


@pytest.mark.parametrize("run", ["seen", "seen_hostile"])
def test_every_chart_is_drawn(run: str, request: pytest.FixtureRequest) -> None:
    assert _where(request.getfixturevalue(run), lambda visit: visit.undrawn) == {}


def test_every_chart_has_a_name_a_sentence_and_its_facts_as_a_table(seen: Seen) -> None:
    assert _where(seen, lambda visit: visit.untold) == {}


def test_nothing_is_cut_on_paper(seen: Seen) -> None:
    assert _where(seen, lambda visit: {what: n for what, n in visit.on_paper.items() if n}) == {}


def test_no_page_is_shrunk_to_fit_the_paper(seen: Seen) -> None:
    assert _where(seen, lambda visit: visit.scales - {UNSHRUNK}) == {}
    assert all(visit.scales for visit in seen.values())


def test_axe_finds_no_violation(seen: Seen) -> None:
    assert _where(seen, lambda visit: visit.violations) == {}


def test_no_hostile_string_runs(seen_hostile: Seen) -> None:
    assert _where(seen_hostile, lambda visit: visit.ran) == {}
