"""Spark beside DuckDB over generated lines: equal findings for every detector, and what each step costs.

    python tests/benchmarks/spark_equality.py --rows 1000000
    python tests/benchmarks/spark_equality.py --rows 200000 2000000 --results tests/benchmarks/RESULTS.md

Both engines read the same warehouse, prepare and ask every detector of the catalogue. Rows of each prepared table must
agree in number, findings, denominators and detector rows in every column. Exits with 1 where something differs.
With ``--results``, writes the section ``spark``: from two sizes it tells what every run costs apart from what each line
does, and carries that on to what a cluster would take.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import report
from generate_lines import generate

from detectors.catalogue import load_catalogue
from detectors.engines.duckdb import DuckDBEngine, open_warehouse
from detectors.engines.protocol import Engine
from detectors.engines.spark import SparkEngine, open_session
from detectors.policy import load_policy
from detectors.prepared import STEPS, prepare
from detectors.runner import Outcome, Request, run_detector
from detectors.settings import resolve
from schemas.pack import Pack, load_pack
from schemas.tables import TABLES

AS_OF = date(2025, 12, 31)
Value = TypeVar("Value")


@dataclass(frozen=True)
class Cost:
    """What one size cost: order and charged lines, wall seconds of both engines, CPU seconds of Spark's process."""

    lines: int
    duckdb_seconds: float
    spark_seconds: float
    spark_cpu_seconds: float


class Account:
    """Lines of the printed table, and how many comparisons held."""

    def __init__(self) -> None:
        self.passed, self.failed = 0, 0
        print(f"| {'what':42} | {'rows':>10} | DuckDB s | Spark s | equal |")
        print(f"|{'-' * 44}|{'-' * 12}|---------:|--------:|-------|")

    def tell(self, what: str, rows: int, seconds: tuple[float, float], is_equal: bool) -> None:
        """Print one comparison."""
        self.passed, self.failed = self.passed + is_equal, self.failed + (not is_equal)
        verdict = "yes" if is_equal else "NO"
        print(f"| {what:42} | {rows:>10,} | {seconds[0]:>8.2f} | {seconds[1]:>7.2f} | {verdict:5} |", flush=True)


def timed(task: Callable[[], Value]) -> tuple[Value, float]:
    """What a task gives, and its seconds."""
    started = time.perf_counter()
    return task(), time.perf_counter() - started


def compare_steps(account: Account, engines: tuple[Engine, Engine], pack: Pack) -> tuple[float, float]:
    """Every prepared table in turn; returns the seconds of all together."""
    bound = {"as_of": AS_OF, "default_retest_hours": pack.thresholds.get("default_retest_hours")}
    totals = [0.0, 0.0]
    for step in STEPS:
        counts, seconds = zip(
            *(timed(lambda e=e, s=step: prepare(e, bound, steps=[s])[s]) for e in engines), strict=True
        )
        totals = [total + one for total, one in zip(totals, seconds, strict=True)]
        account.tell(f"prepared.{step}", counts[0], seconds, counts[0] == counts[1])
    return totals[0], totals[1]


def compare_detectors(account: Account, engines: tuple[Engine, Engine], pack: Pack) -> tuple[float, float]:
    """Every detector in turn; returns the seconds of all together."""
    catalogue = load_catalogue()
    present = {name: frozenset(table.column_names) for name, table in TABLES.items()}
    request = Request(AS_OF, None, None, (), resolve(catalogue, pack.parameters, []), present, {})
    totals = [0.0, 0.0]
    for detector in catalogue:
        told = [timed(lambda e=e, d=detector: run_detector(e, d, pack, request)) for e in engines]
        (ours, ours_s), (theirs, theirs_s) = told
        totals = [totals[0] + ours_s, totals[1] + theirs_s]
        account.tell(detector.id, ours.findings.height, (ours_s, theirs_s), is_same(ours, theirs))
    return totals[0], totals[1]


def is_same(ours: Outcome, theirs: Outcome) -> bool:
    """Whether two engines found the same, to the last column."""
    return (
        theirs.findings.equals(ours.findings)
        and theirs.denominators.equals(ours.denominators)
        and theirs.row | {"seconds": 0} == ours.row | {"seconds": 0}
    )


@contextmanager
def both_engines(folder: Path, rows: int, given: argparse.Namespace) -> Iterator[tuple[Engine, Engine]]:
    """Both engines over one generated warehouse."""
    generate(folder / "warehouse.duckdb", rows)
    connection = open_warehouse(folder / "warehouse.duckdb", threads=2, memory_limit="6GB")
    duckdb = DuckDBEngine(connection)
    session = open_session(given.master, {"spark.driver.memory": given.memory, "spark.sql.shuffle.partitions": "8"})
    spark = SparkEngine(session, (folder / "spark").as_uri())
    duckdb.export(folder / "spark" / "main")
    for name in TABLES:
        spark.attach(f"main.{name}", (folder / "spark" / "main" / name).as_uri())
    yield duckdb, spark
    session.stop()
    connection.close()


def cpu_seconds() -> float:
    """User and system seconds of the Java processes below this one, as Linux counts them; 0 elsewhere."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, fields = stat.read_text(encoding="utf-8").partition(")")
        except OSError:
            continue
        words = fields.split()
        if name.endswith("(java") and int(words[2]) == os.getpgrp():
            total += int(words[11]) + int(words[12])
    return total / os.sysconf("SC_CLK_TCK")


def compare(rows: int, pack: Pack, account: Account, given: argparse.Namespace) -> Cost:
    """Prepare and ask on both engines at one size."""
    with tempfile.TemporaryDirectory() as folder, both_engines(Path(folder), rows, given) as engines:
        for engine in engines:
            load_policy(engine, pack)
        before = cpu_seconds()
        prepared = compare_steps(account, engines, pack)
        asked = compare_detectors(account, engines, pack)
        cost = Cost(rows, prepared[0] + asked[0], prepared[1] + asked[1], cpu_seconds() - before)
    print(
        f"{rows:,} lines: DuckDB {cost.duckdb_seconds:.1f} s; Spark {cost.spark_seconds:.1f} s "
        f"(prepare {prepared[1]:.1f}, detect {asked[1]:.1f}), {cost.spark_cpu_seconds:.0f} CPU s on {given.master}"
    )
    return cost


MANY = (100_000_000, 1_000_000_000, 10_000_000_000)
"""Lines for which a cluster is sized."""


def sizing(costs: Sequence[Cost]) -> str:
    """Costs by size, and from the least and the most lines, what a line costs beyond what every run does."""
    rows = ["| lines | DuckDB s | Spark s | Spark CPU s |", "|---:|---:|---:|---:|"]
    for one in costs:
        seconds = (f"{one.duckdb_seconds:.1f}", f"{one.spark_seconds:.1f}", f"{one.spark_cpu_seconds:.0f}")
        rows.append(f"| {one.lines:,} | {' | '.join(seconds)} |")
    least, most = min(costs, key=lambda one: one.lines), max(costs, key=lambda one: one.lines)
    if least.lines == most.lines:
        return "\n".join(rows)
    a_line = (most.spark_cpu_seconds - least.spark_cpu_seconds) / (most.lines - least.lines)
    fixed = least.spark_cpu_seconds - a_line * least.lines
    rows += [
        "",
        f"So every run costs {fixed:.0f} CPU seconds and each million lines {a_line * 1e6:.0f} more. In proportion, "
        "which nobody has measured (windows and joins by patient keep their work a row, sorts grow by the logarithm, "
        "a cluster adds its network):",
        "",
        "| lines | core hours | cores for a night of 4 hours |",
        "|---:|---:|---:|",
    ]
    for lines in MANY:
        hours = (fixed + a_line * lines) / 3600
        rows.append(f"| {lines:,} | {hours:,.1f} | {math.ceil(hours / 4):,} |")
    return "\n".join(rows)


def main() -> int:
    """Run the comparison; 0 where everything is equal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000], help="order and charged lines")
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--memory", default="4g", help="of the Spark driver, which is all of a local Spark")
    parser.add_argument("--pack", default="cn-national")
    parser.add_argument("--results", type=Path, help="RESULTS.md in which the section spark is written")
    given = parser.parse_args()
    pack, account = load_pack(given.pack), Account()
    costs = [compare(rows, pack, account, given) for rows in given.rows]
    if given.results:
        command = " ".join(["python tests/benchmarks/spark_equality.py", *sys.argv[1:]])
        report.write_section(given.results, "spark", f"{report.machine()} Command: `{command}`.\n\n{sizing(costs)}")
    print(f"{account.passed} passed, {account.failed} failed")
    return int(account.failed > 0)


if __name__ == "__main__":
    sys.exit(main())
