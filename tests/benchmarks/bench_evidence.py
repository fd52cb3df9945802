"""How many evidence pages a core renders in a minute, from a run folder as it is published.

    python tests/benchmarks/bench_evidence.py --run workspace/runs/RUN --pages 1000

Renders the run's leads over and over until that many pages are written, and counts CPU seconds from the first page to
the last of each round, confirmation sheets among them. Writes the section ``evidence`` of RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
import time
from pathlib import Path

import polars as pl
import report

from reports.render import render_run

RESULTS = Path(__file__).with_name("RESULTS.md")
GOAL = 1000
"""Pages a minute and core."""


def render(run: Path) -> tuple[int, float]:
    """Pages and CPU seconds of one rendering of a run, first page left out: it compiles the templates."""
    marks: list[float] = []
    render_run(run, on_lead=lambda done, of: marks.append(time.process_time()))
    return len(marks) - 1, marks[-1] - marks[0]


def section(told: str, rounds: list[tuple[int, float]], size: float) -> str:
    """What was measured, in words."""
    pages, seconds = sum(count for count, _ in rounds), sum(cpu for _, cpu in rounds)
    each = sorted(60 * count / cpu for count, cpu in rounds)
    return "\n".join(
        [
            report.machine() + f" Load when it ended: {os.getloadavg()[0]:.1f}.",
            f"Command: `python tests/benchmarks/bench_evidence.py --run RUN --pages {GOAL}`.",
            "",
            f"{told} {pages:,} pages of {size:.0f} KiB took {seconds:.1f} CPU seconds, confirmation sheets among them:",
            f"{60 * pages / seconds:,.0f} pages a minute and core ({each[0]:,.0f} to {each[-1]:,.0f} over"
            f" {len(rounds)} rounds); the goal is {GOAL:,}.",
        ]
    )


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=GOAL)
    given = parser.parse_args()
    leads = pl.read_parquet(given.run / "leads.parquet")
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(scratch) / given.run.name
        shutil.copytree(given.run, own, ignore=shutil.ignore_patterns("report"))
        rounds: list[tuple[int, float]] = []
        while sum(count for count, _ in rounds) < given.pages:
            rounds.append(render(own))
        sizes = [path.stat().st_size for path in (own / "report/leads").glob("*.html")]
    kinds = leads.group_by("subject_type").len().sort("subject_type").rows()
    told = f"{leads.height} leads ({', '.join(f'{count} {kind}' for kind, count in kinds)}), rendered over and over."
    text = section(told, rounds, sum(sizes) / len(sizes) / 1024)
    report.write_section(RESULTS, "evidence", text)
    print(text)


if __name__ == "__main__":
    main()
