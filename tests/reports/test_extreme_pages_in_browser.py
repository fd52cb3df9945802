"""Pages of extreme data: what is far too long, missing or far too much neither widens a page nor stops a figure."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loaded import loaded

from reports.render import render_run

pytestmark = pytest.mark.browser

NARROW, PAPER = 390, 695
"""CSS pixels; the last is the width between the margins of an A4 page."""

PAGES = ("index.html", "leads/0b5d77aa.html", "leads/kind0000.html", "confirmations/0b5d77aa.html")
"""The run report, a patient, a department among its peers, and a sheet to be signed."""

OVERFLOW = "document.documentElement.scrollWidth - window.innerWidth"
UNDRAWN = """[...document.querySelectorAll('figure.plot')]
  .filter(one => one.checkVisibility() && !one.querySelector('svg.main-svg')).length"""
OVERLAID = """[...document.querySelectorAll('td')].filter(one => one.checkVisibility() &&
  one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflow === 'visible').length"""
"""Cells whose words reach into the next one."""


@pytest.mark.parametrize("extreme", ["long", "bare", "many"])
def test_extreme_data_neither_widens_a_page_nor_stops_a_figure(
    extreme: str, own_run: Path, opened: Callable[..., tuple[Any, list[str]]]
) -> None:
    loaded(Path(__file__).with_name("every_page_kind.py")).add_every_kind(own_run)
    getattr(loaded(Path(__file__).with_name("extremes.py")), f"make_{extreme}")(own_run)
    render_run(own_run)
    seen: dict[str, int] = {}
    page, troubles = opened(own_run / "report" / PAGES[0], width=NARROW)
    for name in PAGES:
        page.set_viewport_size({"width": NARROW, "height": 900})
        page.goto((own_run / "report" / name).as_uri())
        faults = {"narrow": max(page.evaluate(OVERFLOW), 0), "overlaid": page.evaluate(OVERLAID)}
        faults["undrawn"] = page.evaluate(UNDRAWN)
        page.set_viewport_size({"width": PAPER, "height": 900})
        page.emulate_media(media="print")
        page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
        faults["paper"] = max(page.evaluate(OVERFLOW), 0)
        page.emulate_media(media="screen")
        seen |= {f"{name} {what}": n for what, n in faults.items() if n}
    assert (seen, troubles) == ({}, [])
