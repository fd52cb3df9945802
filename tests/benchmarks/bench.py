"""The whole audit measured by stage, beside what the same lines cost to sort and what a user would write instead.

    python tests/benchmarks/bench.py --rows 1000000 10000000 100000000

Lines are generated once into ``--cache`` (for 100 million about 9 GB, 21 once they are prepared, and a night needs as
much again). Every job runs in a process of its own. Each stage is kept as soon as it is measured, and RESULTS.md beside
this file is written anew after each job: a campaign that was cut off goes on where it was with the same command and
``--resume``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path

import baselines
import report
import stages
from generate_lines import CACHE, warehouse_of
from measuring import Measured
from record import Record, record_of
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
        "gate": stages.measure_gate,
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


def campaign(case: Case, chosen: Sequence[str], given: argparse.Namespace, record: Record) -> list[str]:
    """Run the chosen jobs of one size that are not done yet; each in a process of its own unless ``--together``.

    Returns:
        Jobs that ended with an error, such as one that lacked memory; the rest goes on without them.
    """
    failed: list[str] = []
    for name in (name for name in chosen if not record.is_finished(name, case.lines)):
        print(f"{case.lines:>12,} {name}", file=sys.stderr)
        words = (*words_of(given), "--rows", str(case.lines), "--job", name)
        if given.together:
            jobs()[name](case)
        elif subprocess.run((sys.executable, __file__, *words), check=False).returncode:
            failed.append(f"{name} at {case.lines:,} lines")
            continue
        record.finish(name, case.lines)
        write(given.results, record.measured(), command_of())
    return failed


def words_of(given: argparse.Namespace) -> list[str]:
    """The words of the command line that every process of a campaign is given."""
    return ["--memory-limit", given.memory_limit, "--threads", str(given.threads), "--cache", str(given.cache)]


def command_of() -> str:
    """The command as the user gave it."""
    return " ".join(["python tests/benchmarks/bench.py", *sys.argv[1:]])


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
    parser.add_argument("--memory-limit", default="9GB", help="what DuckDB may take; the process takes some more")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--only", nargs="+", default=["*"], help="jobs by name or glob, such as detect.*; also startup")
    parser.add_argument("--most-in-memory", type=int, default=10_000_000)
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--resume", action="store_true", help="go on with a campaign that was cut off")
    parser.add_argument("--together", action="store_true", help="all jobs in this process; quick, memory says nothing")
    parser.add_argument("--job", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    """Run the campaign, check that all ways of counting agree, and write the results as they come."""
    given = arguments()
    record = record_of(given.cache, words_of(given))
    if given.job:
        (rows,) = given.rows
        jobs()[given.job](case_of(rows, given, record))
        return
    if not given.resume:
        record.forget()
    failed: list[str] = []
    for rows in given.rows:
        case = case_of(rows, given, record)
        chosen = [name for name in jobs() if any(fnmatchcase(name, glob) for glob in given.only)]
        chosen = [name for name in chosen if name not in IN_MEMORY or rows <= given.most_in_memory]
        failed += campaign(case, chosen, given, record)
        if rows <= given.most_in_memory:
            twins_agree(case, chosen)
    bare_rules_agree(record.measured())
    if any(fnmatchcase("startup", glob) for glob in given.only):
        for one in measure_startup():
            record.add(one)
        write(given.results, record.measured(), command_of())
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}; --resume tries them again")


def case_of(rows: int, given: argparse.Namespace, record: Record) -> Case:
    """One size, its warehouse made where it does not stand yet."""
    return Case(rows, warehouse_of(rows, given.cache), given.threads, given.memory_limit, record)


if __name__ == "__main__":
    main()
