"""A night that brings 1 % new lines, judged on top of the last run and judged whole, side by side.

    python tests/benchmarks/bench_incremental.py --rows 1000000 10000000

The newest visits of a generated warehouse are held back, the rest is judged, then the visits come as a batch: their
orders, charges, results and diagnoses, and with them the refunds of earlier lines that fall on those days. Every
detector that looks at one patient at a time is asked both ways and must find the same. Writes the section
``incremental`` of RESULTS.md beside this file.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl
import report
from generate_lines import CACHE, warehouse_of
from measuring import Measured, Stopwatch
from stages import Case

from detectors.catalogue import load_catalogue
from detectors.declaration import Detector
from detectors.runner import Request, reason_not_to_run
from detectors.settings import resolve
from pipelines.incremental import Prepared, State, Wanted, ask_or_update, prepare_or_update
from pipelines.ingest import present_columns
from pipelines.newest import newest_date
from pipelines.open_warehouse import HELD_LOG
from schemas.pack import load_pack

RESULTS = Path(__file__).with_name("RESULTS.md")
PACK = load_pack("cn-national")
OF_A_VISIT = ("encounter", "diagnosis", "procedure", "exam_order", "claim_line")
SUMS = ("prepare", "detect", "prepare, detect and close")


@dataclass(frozen=True)
class Judged:
    """One way of judging: what was prepared, what was found, and what it cost."""

    prepared: Prepared
    findings: dict[str, pl.DataFrame]
    measured: list[Measured]

    def cost(self, stage: str) -> tuple[float, float]:
        """Wall and CPU seconds of the stages whose name begins so; of all for the last of ``SUMS``."""
        own = [one for one in self.measured if stage == SUMS[2] or one.stage.startswith(stage)]
        return sum(one.seconds for one in own), sum(one.cpu_seconds for one in own)


def hold_back(connection: duckdb.DuckDBPyConnection, share: float) -> None:
    """Set the newest visits aside, with everything that names them, until they make up this share of the lines."""
    connection.execute("create schema held")
    connection.execute(
        "create table held.visit as with line as (select encounter_id, count(*) as lines from ("
        "select encounter_id from main.exam_order union all select encounter_id from main.claim_line) "
        "group by encounter_id), placed as (select e.encounter_id, sum(l.lines) over (order by e.started_at desc, "
        "e.encounter_id) as newer, sum(l.lines) over () as of_all from main.encounter as e "
        "inner join line as l on e.encounter_id = l.encounter_id) "
        f"select encounter_id from placed where newer <= of_all * {share}"
    )
    for name in OF_A_VISIT:
        _move(connection, name, "encounter_id in (select encounter_id from held.visit)")
    _move(connection, "exam_result", "order_id in (select order_id from held.exam_order)")


def _move(connection: duckdb.DuckDBPyConnection, name: str, condition: str) -> None:
    connection.execute(f"create table held.{name} as from main.{name} where {condition}")
    connection.execute(f"delete from main.{name} where {condition}")


def bring(connection: duckdb.DuckDBPyConnection) -> None:
    """Load what was held back as a batch of its own."""
    for name in (*OF_A_VISIT, "exam_result"):
        connection.execute(f"insert into main.{name} by name select * replace ('night' as batch_id) from held.{name}")


def judge(case: Case, batches: tuple[str, ...], *, full: bool) -> Judged:
    """Prepare, and ask every detector that looks at one patient at a time, with the warehouse opened as a run does."""
    watch = case.stopwatch()
    detectors = [one for one in load_catalogue() if one.is_by_patient]
    with _opened(case, watch, "prepare") as connection:
        as_of = newest_date(connection)
        request = Request(as_of, None, None, (), resolve(detectors, {}, ()), present_columns(connection), {})
        wanted = Wanted(State({}, as_of, batches), PACK, is_full=full, largest_share_pct=100)
        with watch.stage("prepare"):
            prepared = prepare_or_update(connection, wanted, detectors, request)
    findings, is_night = {}, bool(batches[1:]) and not full
    with _opened(case, watch, "detect", None if full else HELD_LOG) as connection:
        for detector in _runnable(detectors, request):
            with watch.stage(f"detect/{detector.id}") as rows:
                asked = ask_or_update(connection, detector, PACK, request, is_full=full)
                rows.append(asked.outcome.findings.height)
            if is_night and asked.how != "touched":
                raise SystemExit(f"{detector.id} was asked about everybody: {asked.how}")
            findings[detector.id] = asked.outcome.findings
    return Judged(prepared, findings, watch.measured)


@contextmanager
def _opened(case: Case, watch: Stopwatch, stage: str, log: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse; what closing it takes, above all writing its log into the file, is a stage of its own."""
    with ExitStack() as stack:
        yield stack.enter_context(case.opened(log))
        with watch.stage(f"close/{stage}"):
            stack.close()


def _runnable(detectors: Sequence[Detector], request: Request) -> list[Detector]:
    return [one for one in detectors if reason_not_to_run(one, request) is None]


def nightly(rows: int, share: float, given: argparse.Namespace) -> str:
    """Both ways at one size, as a table; ends the campaign where they find different things."""
    with tempfile.TemporaryDirectory(dir=given.cache) as folder:
        path = Path(folder) / "warehouse.duckdb"
        shutil.copyfile(warehouse_of(rows, given.cache), path)
        case = Case(rows, path, given.threads, given.memory_limit)
        with case.opened() as connection:
            connection.execute("delete from ledger.batch")
            connection.execute("insert into ledger.batch (batch_id, sequence) values ('bench', 1), ('night', 2)")
            hold_back(connection, share)
        judge(case, ("bench",), full=False)
        with case.opened() as connection:
            bring(connection)
        night = judge(case, ("bench", "night"), full=False)
        with case.opened() as connection:
            lines = _lines(connection, "touched_main.claim_line") + _lines(connection, "touched_main.exam_order")
        whole = judge(case, ("bench", "night"), full=True)
    for id_, findings in whole.findings.items():
        if not findings.equals(night.findings[id_]):
            raise SystemExit(f"{id_} finds other things night after night than in a full run")
    return _table(rows, share, lines, night, whole)


def _lines(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _table(rows: int, share: float, lines: int, night: Judged, whole: Judged) -> str:
    prepared = night.prepared
    head = (
        f"{rows:,} lines, {share:.0%} of them new; {prepared.judged_again:,} of {prepared.patients:,} patients touched "
        f"({prepared.judged_again / prepared.patients:.1%}), with {lines:,} lines of theirs ({lines / rows:.1%}).\n\n"
        "| stage | full s | night s | share | full CPU s | night CPU s | share |\n|---|---:|---:|---:|---:|---:|---:|\n"
    )
    stages = [*SUMS[:2], "close/prepare", "close/detect", SUMS[2], *(f"detect/{id_}" for id_ in whole.findings)]
    return head + "\n".join(_line(stage, whole.cost(stage), night.cost(stage)) for stage in stages)


def _line(stage: str, whole: tuple[float, float], night: tuple[float, float]) -> str:
    wall, cpu = (now / then if then else 0.0 for now, then in zip(night, whole, strict=True))
    return f"| {stage} | {whole[0]:.2f} | {night[0]:.2f} | {wall:.1%} | {whole[1]:.2f} | {night[1]:.2f} | {cpu:.1%} |"


def main() -> None:
    """Run the sizes asked for and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--share", type=float, default=0.01, help="new lines as a share of all")
    parser.add_argument("--memory-limit", default="9GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    command = " ".join(["python tests/benchmarks/bench_incremental.py", *sys.argv[1:]])
    told = [f"{report.machine()} Command: `{command}`. Only detectors that look at one patient at a time."]
    for rows in given.rows:
        told.append(nightly(rows, given.share, given))
        report.write_section(given.results, "incremental", "\n\n".join(told))


if __name__ == "__main__":
    main()
