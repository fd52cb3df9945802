"""The whole audit measured by stage, beside what the same lines cost to sort and what a user would write instead.

    python tests/benchmarks/bench.py --rows 1000000 10000000 100000000

Lines are generated once into ``--cache`` (about 9 GB for 100 million, as much again while they are prepared). Every job
runs in a process of its own. Writes sections of RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import baselines
import report
import stages
from generate_lines import CACHE, warehouse_of
from measuring import Measured
from stages import Case
from startup import measure_startup

from detectors.catalogue import load_catalogue

RESULTS = Path(__file__).with_name("RESULTS.md")
IN_MEMORY = ("bare.pandas", "bare.polars", "bare.self-join")
"""Jobs that hold all lines in memory, or take very long: left out above ``--most-in-memory`` lines."""

Job = Callable[[Case], list[Measured]]


def jobs() -> Mapping[str, Job]:
    """Every job by name, in the order in which they run."""
    detecting = {f"detect.{d.id}": partial(stages.measure_detector, detector_id=d.id) for d in load_catalogue()}
    return {
        "yardstick": baselines.measure_yardstick,
        "prepare": stages.measure_prepare,
        "events": baselines.measure_events,
        **detecting,
        "leads": stages.measure_leads,
        "bare.duckdb": partial(baselines.measure_bare_sql, query=baselines.BARE_REPEAT, name="DuckDB"),
        "bare.keys": baselines.measure_bare_keys,
        "bare.self-join": partial(baselines.measure_bare_sql, query=baselines.SELF_JOIN, name="self-join"),
        "bare.readmission": baselines.measure_bare_readmission,
        "bare.pandas": baselines.measure_pandas,
        "bare.polars": baselines.measure_polars,
    }


def campaign(case: Case, chosen: Sequence[str], words: Sequence[str], together: bool) -> list[Measured]:
    """Run the chosen jobs of one size; each in a process of its own unless ``together``."""
    measured: list[Measured] = []
    for name in chosen:
        found = jobs()[name](case) if together else _in_a_process([*words, "--rows", str(case.lines), "--job", name])
        for one in found:
            print(f"{one.lines:>12,} {one.stage:50} {one.seconds:9.2f} s {one.peak_mib:8.0f} MiB", file=sys.stderr)
        measured += found
    return measured


def _in_a_process(words: Sequence[str]) -> list[Measured]:
    done = subprocess.run((sys.executable, __file__, *words), stdout=subprocess.PIPE, check=True)
    return [Measured(**one) for one in json.loads(done.stdout)]


def twins_agree(case: Case, chosen: Sequence[str]) -> None:
    """Ends the campaign where Polars, asking the same rule, counts otherwise than a detector."""
    for detector_id, twin in baselines.TWINS.items():
        if f"detect.{detector_id}" in chosen:
            ours, theirs = stages.pairs_found(case, detector_id), twin(case)
            if ours != theirs:
                raise SystemExit(f"{detector_id} found {ours}, its twin {theirs}")


def bare_rules_agree(measured: Sequence[Measured]) -> None:
    """Ends the campaign where two ways of asking a bare rule count differently."""
    counts: dict[tuple[str, int], set[int]] = {}
    for one in measured:
        if one.stage.startswith("bare/"):
            counts.setdefault((one.stage.split(" ")[0], one.lines), set()).add(one.rows)
    for (stage, lines), found in counts.items():
        if len(found) > 1:
            raise SystemExit(f"{stage} at {lines} lines: counts differ: {sorted(found)}")


def write(results: Path, measured: Sequence[Measured], command: str) -> None:
    """The sections of RESULTS.md."""
    told = [*(one for one in measured if one.lines), *report.totals(measured)]
    intro = f"{report.machine()} Command: `{command}`. Every job runs in a process of its own."
    for lines in sorted({one.lines for one in told}):
        report.write_section(results, f"audit of {lines:,} lines", f"{intro}\n\n{report.size_table(told, lines)}")
    shares = "Where the time goes, by CPU seconds."
    report.write_section(results, "targets", report.targets_table(told))
    report.write_section(results, "profile", f"{shares}\n\n{report.profile_table(told)}")
    growth = "Exponents of CPU seconds from size to size; 1 is linear."
    report.write_section(results, "growth", f"{growth}\n\n{report.growth_table(told)}")
    report.write_section(results, "bare rules", report.speed_table(told))
    starting = [one for one in measured if not one.lines]
    if starting:
        rows = [f"| {s.stage} | {s.seconds:.2f} | {s.cpu_seconds:.2f} |" for s in starting]
        head = "| command | seconds | CPU s |\n|---|---:|---:|"
        report.write_section(results, "start-up", head + "\n" + "\n".join(rows))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--memory-limit", default="8GB", help="what DuckDB may take; the process takes some more")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--only", nargs="+", default=["*"], help="jobs by name or glob, such as detect.*; also startup")
    parser.add_argument("--most-in-memory", type=int, default=10_000_000)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--together", action="store_true", help="all jobs in this process; quick, memory says nothing")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Run the campaign, check that all ways of counting agree, and write the results."""
    given = arguments()
    words = ["--memory-limit", given.memory_limit, "--threads", str(given.threads), "--cache", str(given.cache)]
    measured: list[Measured] = []
    for rows in given.rows:
        case = Case(rows, warehouse_of(rows, given.cache), given.threads, given.memory_limit)
        if given.job:
            print(json.dumps([asdict(one) for one in jobs()[given.job](case)]))
            return
        chosen = [name for name in jobs() if any(fnmatchcase(name, glob) for glob in given.only)]
        chosen = [name for name in chosen if name not in IN_MEMORY or rows <= given.most_in_memory]
        measured += campaign(case, chosen, words, given.together)
        if rows <= given.most_in_memory:
            twins_agree(case, chosen)
    bare_rules_agree(measured)
    if any(fnmatchcase("startup", glob) for glob in given.only):
        measured += measure_startup()
    write(given.results, measured, " ".join(["python tests/benchmarks/bench.py", *sys.argv[1:]]))


if __name__ == "__main__":
    main()
