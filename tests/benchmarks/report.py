"""The figures of a campaign as Markdown: one table a size, ratios to the yardstick, growth exponents, speed-ups."""

from __future__ import annotations

import math
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import duckdb
from measuring import Measured

YARDSTICK = "yardstick/sort"
AUDIT = ("gate", "prepare/", "load/", "detect/", "write/", "rank/")
"""Stages of which an audit consists; parts of them, yardsticks and bare rules are told beside it."""

LEAST_PART = 0.05
"""Parts of detectors that took less of the yardstick sort than this are left out of the table."""

LEAST_SECONDS = 0.2
"""Below this at the smaller size a growth exponent says more about start-up than about growth."""


def totals(measured: Sequence[Measured]) -> list[Measured]:
    """Sums over the steps of prepare, over all detectors, and over the whole audit, by size."""
    groups = {"gate": ("gate",), "prepare": ("prepare/",), "detect": ("load/", "detect/", "write/"), "rank": ("rank/",)}
    whole = tuple(prefix for prefixes in groups.values() for prefix in prefixes)
    found = []
    for lines in sorted({one.lines for one in measured}):
        for name, prefixes in {**groups, "audit": whole}.items():
            parts = [one for one in measured if one.lines == lines and one.stage.startswith(prefixes)]
            if parts:
                found.append(_sum(f"total/{name}", lines, parts))
    return found


def _sum(stage: str, lines: int, parts: Iterable[Measured]) -> Measured:
    seconds, cpu, peak, spill = zip(*((p.seconds, p.cpu_seconds, p.peak_mib, p.spill_mib) for p in parts), strict=True)
    return Measured(stage, lines, -1, sum(seconds), sum(cpu), max(peak), max(spill))


def size_table(measured: Sequence[Measured], lines: int) -> str:
    """Every stage at one size; ``× sort`` is wall seconds to those of the yardstick sort at this size."""
    chosen = [one for one in measured if one.lines == lines]
    sort = next((one.seconds for one in chosen if one.stage == YARDSTICK), None)
    rows = [
        "| stage | rows given | seconds | CPU s | lines/s | × sort | peak MiB | spill MiB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in chosen:
        if sort and one.stage.startswith("part/") and one.seconds < sort * LEAST_PART:
            continue
        ratio = f"{one.seconds / sort:.2f}" if sort else "–"
        given = f"{one.rows:,}" if one.rows >= 0 else ""
        rows.append(
            f"| {one.stage} | {given} | {one.seconds:.2f} | {one.cpu_seconds:.2f} | {lines / one.seconds:,.0f} "
            f"| {ratio} | {one.peak_mib:,.0f} | {one.spill_mib:,.0f} |"
        )
    return "\n".join(rows)


def growth_table(measured: Sequence[Measured]) -> str:
    """Exponents of CPU seconds from each size to the next, and from the least to the most: 1 is linear."""
    sizes = sorted({one.lines for one in measured})
    cpu: Mapping[tuple[str, int], float] = {(one.stage, one.lines): one.cpu_seconds for one in measured}
    steps = list(pairwise(sizes)) + [(sizes[0], sizes[-1])] * (len(sizes) > 2)
    rows = [
        "| stage | " + " | ".join(f"{_short(a)} → {_short(b)}" for a, b in steps) + " |",
        "|---" + "|---:" * len(steps) + "|",
    ]
    for stage in dict.fromkeys(one.stage for one in measured):
        told = [_exponent(cpu.get((stage, a)), cpu.get((stage, b)), b / a) for a, b in steps]
        if any(one != "–" for one in told):
            rows.append(f"| {stage} | " + " | ".join(told) + " |")
    return "\n".join(rows)


def fast_growing(measured: Sequence[Measured], least: int, most: int) -> str:
    """Steps of the audit whose CPU seconds grow faster than ``MOST_GROWTH`` from one size to another, and how fast."""
    cpu = {(one.stage, one.lines): one.cpu_seconds for one in measured if one.stage.startswith(AUDIT)}
    stages = dict.fromkeys(stage for stage, _ in cpu)
    told = {stage: _exponent(cpu.get((stage, least)), cpu.get((stage, most)), most / least) for stage in stages}
    fast = [f"{stage} {one}" for stage, one in told.items() if one != "–" and float(one) > MOST_GROWTH]
    return ", ".join(fast) or "all do"


def _exponent(before: float | None, after: float | None, times: float) -> str:
    if before is None or after is None or before < LEAST_SECONDS:
        return "–"
    return f"{math.log(after / before) / math.log(times):.2f}"


MOST_GROWTH = 1.1
"""Exponent above which a stage grows too fast."""

MOST_SHARES = 15
"""Stages told one by one in the profile."""


def profile_table(measured: Sequence[Measured]) -> str:
    """Where the CPU seconds of the audit go at the largest size, most first."""
    lines = max(one.lines for one in measured)
    steps = [one for one in measured if one.lines == lines and one.stage.startswith(AUDIT)]
    whole = sum(one.cpu_seconds for one in steps) or 1.0
    ordered = sorted(steps, key=lambda one: (-one.cpu_seconds, one.stage))
    rows = [f"| stage, at {lines:,} lines | CPU s | share |", "|---|---:|---:|"]
    for one in ordered[:MOST_SHARES]:
        rows.append(f"| {one.stage} | {one.cpu_seconds:.1f} | {one.cpu_seconds / whole:.0%} |")
    rest = sum(one.cpu_seconds for one in ordered[MOST_SHARES:])
    rows.append(f"| the other {max(0, len(ordered) - MOST_SHARES)} | {rest:.1f} | {rest / whole:.0%} |")
    return "\n".join(rows)


def targets_table(measured: Sequence[Measured]) -> str:
    """Each target of the project beside what was measured, at every size; times are wall seconds to the sort's."""
    rows = ["| target | lines | measured |", "|---|---:|---|"]
    for lines in sorted({one.lines for one in measured}):
        at = {one.stage: one for one in measured if one.lines == lines}
        if YARDSTICK not in at:
            continue
        sort = at[YARDSTICK].seconds
        asked = {stage: one for stage, one in at.items() if stage.startswith("detect/")}
        rows += [
            f"| {stage} at most 1.5 × sort | {lines:,} | {one.seconds / sort:.2f} × |"
            for stage, one in asked.items()
            if stage.startswith("detect/repeat.")
        ]
        dear = [f"{stage} {one.seconds / sort:.2f} ×" for stage, one in asked.items() if one.seconds > sort / 2]
        whole = sum(one.seconds for stage, one in at.items() if stage.startswith(("load/", "detect/")))
        rows.append(f"| all {len(asked)} detectors at most 10 × sort | {lines:,} | {whole / sort:.2f} × |")
        rows.append(f"| each at most 0.5 × sort | {lines:,} | {', '.join(dear) or 'all are'} |")
        audit = [one for one in at.values() if one.stage.startswith(AUDIT)]
        peak = max((one.peak_mib for one in audit), default=0.0)
        rows.append(f"| memory at most 12 GiB | {lines:,} | {peak / 1024:.1f} GiB |")
    least, most = min(one.lines for one in measured), max(one.lines for one in measured)
    if least < most:
        grown = fast_growing(measured, least, most)
        step = f"each step of {LEAST_SECONDS} CPU seconds and more"
        rows.append(f"| {step} grows by an exponent of at most {MOST_GROWTH} | {least:,} → {most:,} | {grown} |")
    return "\n".join(rows)


def speed_table(measured: Sequence[Measured]) -> str:
    """How many times longer others take for the bare rules than DuckDB does, by wall seconds."""
    rows = [
        "| bare rule | lines | hits | seconds | times DuckDB's | times DuckDB's with keys | peak MiB |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    ours = {(one.stage, one.lines): one.seconds for one in measured}
    for one in measured:
        if one.stage.startswith("bare/"):
            plain = f"{one.stage.split(' ')[0]} DuckDB"
            times = [
                f"{one.seconds / ours[stage, one.lines]:.1f}" if (stage, one.lines) in ours else "–"
                for stage in (plain, f"{plain}, prepared keys")
            ]
            name = one.stage.removeprefix("bare/")
            cells = (name, f"{one.lines:,}", f"{one.rows:,}", f"{one.seconds:.2f}", *times, f"{one.peak_mib:,.0f}")
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _short(lines: int) -> str:
    return f"{lines // 1_000_000} M" if lines >= 1_000_000 else f"{lines:,}"


def machine() -> str:
    """The machine and the software, in a sentence."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"Machine: {os.cpu_count()} cores, {platform.machine()}, {memory:.0f} GiB; "
        f"Python {platform.python_version()}, DuckDB {duckdb.__version__}."
    )


def write_section(results: Path, title: str, text: str) -> None:
    """Put a section into a results file, in place of an older one of the same title."""
    old = results.read_text(encoding="utf-8") if results.exists() else "# Benchmarks\n"
    section = f"## {title}\n\n{text.strip()}\n"
    pattern = re.compile(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", re.S | re.M)
    new = pattern.sub(lambda _: section + "\n", old) if pattern.search(old) else f"{old.rstrip()}\n\n{section}"
    results.write_text(new.rstrip() + "\n", encoding="utf-8")
