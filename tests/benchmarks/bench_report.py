"""How long a report of many leads takes to render, to open and to filter, measured in the page itself.

    python tests/benchmarks/bench_report.py --leads 20000

Writes the section ``report`` of RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import report
from many_leads import write_run
from playwright.sync_api import Page, sync_playwright

from reports.printing import find_browser
from reports.render import render_run

RESULTS = Path(__file__).with_name("RESULTS.md")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"]
USABLE_MS = 2000
ANSWER_MS = 200

OPENED = """() => new Promise(done => {
  const tasks = [], paints = [];
  new PerformanceObserver(list => tasks.push(...list.getEntries())).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver(list => paints.push(...list.getEntries()))
    .observe({ type: 'largest-contentful-paint', buffered: true });
  setTimeout(() => done({
    'list usable': performance.getEntriesByName('leads-usable')[0].startTime,
    'largest paint': Math.max(0, ...paints.map(one => one.startTime)),
    'load event': performance.getEntriesByType('navigation')[0].loadEventEnd,
    'last long task ended': Math.max(0, ...tasks.map(one => one.startTime + one.duration)),
  }), 500);
})"""
"""Milliseconds since the navigation began, as the browser itself counts them."""

ANSWERED = """async act => {
  const frame = () => new Promise(requestAnimationFrame);
  const form = document.querySelector('form.filters');
  await frame();
  const began = performance.now();
  if (act.sort) { document.querySelector(`th[data-key=${act.sort}] button`).click(); }
  else if (act.scroll !== undefined) {
    const box = document.querySelector('.scroll.list');
    box.scrollTop = act.scroll * box.scrollHeight;
  } else {
    for (const [name, value] of Object.entries(act.fields)) { form.elements[name].value = value; }
    form.dispatchEvent(new Event('input', { bubbles: true }));
  }
  await frame(); await frame();
  const took = performance.now() - began;
  const count = document.querySelector('table.leads').getAttribute('aria-rowcount') - 1;
  return { took, count };
}"""
"""From the event to the second frame after it, when the answer is painted."""

ACTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("filter by institution", {"fields": {"institution": "HI001-3"}}),
    ("and by detector", {"fields": {"detector": "readmission.cycle"}}),
    ("filter by grade", {"fields": {"institution": "", "detector": "", "grade": "clue"}}),
    ("filter by authority", {"fields": {"grade": "", "authority": "market"}}),
    ("filter by subject", {"fields": {"authority": "", "type": "practitioner"}}),
    ("filter by amount", {"fields": {"type": "", "least": "1000", "most": "20000"}}),
    ("first letter of a search", {"fields": {"least": "", "most": "", "search": "d"}}),
    ("search of two words", {"fields": {"search": "d017-1 开单"}}),
    ("no filter", {"fields": {"search": ""}}),
    ("sort by subject", {"sort": "subject"}),
    ("sort by amount", {"sort": "amount"}),
    ("sort by institution", {"sort": "institution"}),
    ("jump to the middle", {"scroll": 0.5}),
    ("jump to the end", {"scroll": 1}),
)


@dataclass(frozen=True)
class Rendered:
    """What rendering took: CPU seconds of everything, pages a minute and core, and the size of the index."""

    pages: int
    cpu_seconds: float
    seconds: float
    index_cpu_seconds: float
    index_bytes: int


def rendered(folder: Path, top: int) -> Rendered:
    """Render the report of a run folder."""
    at: list[float] = []
    began, cpu = time.perf_counter(), time.process_time()
    render_run(folder, top=top, on_lead=lambda done, total: at.append(time.process_time()))
    taken, whole = time.perf_counter() - began, time.process_time() - cpu
    index = folder / "report" / "index.html"
    return Rendered(len(at), whole, taken, time.process_time() - at[-1], index.stat().st_size)


def in_the_page(page: Page, index: Path, repeats: int) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Milliseconds of opening and of each act, one a repeat."""
    opening: dict[str, list[float]] = {}
    acts: dict[str, list[float]] = {}
    for _ in range(repeats):
        page.goto("about:blank")
        page.goto(index.as_uri())
        for name, at in page.evaluate(OPENED).items():
            opening.setdefault(name, []).append(at)
        for name, act in ACTS:
            acts.setdefault(name, []).append(page.evaluate(ANSWERED, act)["took"])
    return opening, acts


def _told(opening: Mapping[str, list[float]], acts: Mapping[str, list[float]]) -> str:
    """Milliseconds as a table."""
    rows = ["| in the page | median ms | worst ms | goal ms |", "|---|---:|---:|---:|"]
    for measured, goal in ((opening, USABLE_MS), (acts, ANSWER_MS)):
        rows += [f"| {name} | {median(all_):.0f} | {max(all_):.0f} | {goal} |" for name, all_ in measured.items()]
    return "\n".join(rows)


def section(given: argparse.Namespace, words: str, version: str, made: Rendered, table: str) -> str:
    """The section of RESULTS.md."""
    a_minute = 60 * made.pages / (made.cpu_seconds - made.index_cpu_seconds)
    load = float(Path("/proc/loadavg").read_text(encoding="utf-8").split()[0])
    told = (
        f"{report.machine()} Chromium {version}, headless, 1440 × 900. Load when it ended: {load:.1f}.",
        f"Command: `python {Path(__file__).relative_to(Path(__file__).parents[2])} {words}`.",
        "",
        f"{given.leads:,} leads at 200 institutions, the sample run over and over under other ids; the first "
        f"{made.pages:,} have a page. Publishing the report took {made.cpu_seconds:.1f} CPU seconds "
        f"({made.seconds:.1f} s): {a_minute:,.0f} evidence pages a minute and core, and {made.index_cpu_seconds:.1f} "
        f"CPU seconds for the index, the other pages and the hashes. The index is {made.index_bytes / 2**20:.1f} MiB.",
        "",
        "Opening counts from the start of the navigation to file:// (marks of the page, PerformanceObserver); an act",
        f"counts from the event to the second frame after it, by performance.now. {given.repeats} loads.",
        "",
        table,
    )
    return "\n".join(told)


def main(arguments: Sequence[str]) -> None:
    """Measure, print and record."""
    parser = argparse.ArgumentParser(description="Measure a report of many leads in the page.")
    parser.add_argument("--leads", type=int, default=20_000)
    parser.add_argument("--top", type=int, default=1000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        folder = write_run(Path(scratch) / "run", given.leads)
        made = rendered(folder, given.top)
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        opening, acts = in_the_page(page, folder / "report" / "index.html", given.repeats)
        version = browser.version
        browser.close()
    text = section(given, " ".join(arguments), version, made, _told(opening, acts))
    report.write_section(given.results, "report", text)
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
