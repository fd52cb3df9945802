"""A night that brings 1 % new lines, judged on top of the last run and judged whole, side by side.

    python tests/benchmarks/bench_incremental.py --rows 1000000 10000000

The newest visits of a generated warehouse are held back, the rest is judged, then the visits come as a batch: their
orders, charges, results and diagnoses, and with them the refunds of earlier lines that fall on those days. Every
detector that looks at one patient at a time is asked both ways and must find the same: one after the other about
everybody, and about a night's patients as many at a time as there are threads, which is what a run does. What a night
remembers is folded once in a while; that is measured after it, and a night's part of it told beside the detectors'
time. Writes the section ``incremental`` of RESULTS.md beside this file, or ``nights in a row`` where several come.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import report
from generate_lines import CACHE, warehouse_of
from measuring import Measured, Stopwatch
from stages import Case

from detectors.catalogue import load_catalogue
from detectors.declaration import Detector
from detectors.runner import Outcome, Request, reason_not_to_run
from detectors.settings import resolve
from pipelines.incremental import Asked, Prepared, State, Wanted, ask_or_update, prepare_or_update
from pipelines.incremental.asking import ORDER
from pipelines.incremental.layers import LARGEST_SHARE_PCT, fold, last_asked, standing
from pipelines.ingest import present_columns
from pipelines.newest import newest_date
from pipelines.open_warehouse import HELD_LOG
from pipelines.turns import at_once
from schemas.pack import load_pack

RESULTS = Path(__file__).with_name("RESULTS.md")
PACK = load_pack("cn-national")
OF_A_VISIT = ("encounter", "diagnosis", "procedure", "exam_order", "claim_line")
SUMS = ("prepare", "detect", "prepare, detect and close")
FOLD = "fold"
SECTIONS = ("incremental", "nights in a row")


@dataclass(frozen=True)
class Judged:
    """One way of judging: what was prepared, whether layers were folded then, what was found, and what it cost."""

    prepared: Prepared
    is_folded: bool
    outcomes: dict[str, Outcome]
    measured: list[Measured]

    def cost(self, stage: str) -> tuple[float, float]:
        """Wall and CPU seconds of the stages whose name begins so; of all for the last of ``SUMS``."""
        of_run = [one for one in self.measured if one.stage != FOLD or stage == FOLD]
        own = [one for one in of_run if stage == SUMS[2] or one.stage == stage]
        return sum(one.seconds for one in own), sum(one.cpu_seconds for one in own)

    def seconds(self, detector_id: str) -> float:
        """Wall seconds of one detector; at night others were asked at the same time."""
        return float(str(self.outcomes[detector_id].row["seconds"]))


def hold_back(connection: duckdb.DuckDBPyConnection, share: float, nights: int) -> None:
    """Set the newest visits aside, with everything that names them: this share of the lines for each night."""
    connection.execute("create schema held")
    connection.execute(
        "create table held.visit as with line as (select encounter_id, count(*) as lines from ("
        "select encounter_id from main.exam_order union all select encounter_id from main.claim_line) "
        "group by encounter_id), placed as (select e.encounter_id, sum(l.lines) over (order by e.started_at desc, "
        "e.encounter_id) as newer, sum(l.lines) over () as of_all from main.encounter as e "
        "inner join line as l on e.encounter_id = l.encounter_id) "
        f"select encounter_id, {nights} - cast(floor((newer - 1) / (of_all * {share})) as integer) as night "
        f"from placed where newer <= of_all * {share * nights}"
    )
    for name in OF_A_VISIT:
        _move(connection, name, "encounter_id in (select encounter_id from held.visit)")
    _move(connection, "exam_result", "order_id in (select order_id from held.exam_order)")
    connection.execute("delete from ledger.batch")
    for sequence, batch_id in enumerate(batches_until(nights)):
        connection.execute("insert into ledger.batch (batch_id, sequence) values ($1, $2)", [batch_id, sequence])


def batches_until(night: int) -> tuple[str, ...]:
    """What is loaded after so many nights."""
    return ("bench", *(f"night {number}" for number in range(1, night + 1)))


def _move(connection: duckdb.DuckDBPyConnection, name: str, condition: str) -> None:
    connection.execute(f"create table held.{name} as from main.{name} where {condition}")
    connection.execute(f"delete from main.{name} where {condition}")


def bring(connection: duckdb.DuckDBPyConnection, night: int) -> None:
    """Load what was held back for a night as a batch of its own."""
    of_night = f"(select encounter_id from held.visit where night = {night})"
    belongs = dict.fromkeys(OF_A_VISIT, f"encounter_id in {of_night}")
    belongs["exam_result"] = f"order_id in (select order_id from held.exam_order where encounter_id in {of_night})"
    for name, condition in belongs.items():
        connection.execute(
            f"insert into main.{name} by name select * replace ('night {night}' as batch_id) from held.{name} "
            f"where {condition}"
        )


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
        is_folded = _layers(connection) == 1
    is_night = bool(batches[1:]) and not full
    with _opened(case, watch, "detect", None if full else HELD_LOG) as connection, watch.stage("detect"):
        asked = _asked(connection, {one.id: one for one in detectors}, request, case.threads if is_night else 1, full)
    for id_, one in asked.items():
        if is_night and one.how != "touched":
            raise SystemExit(f"{id_} was asked about everybody: {one.how}")
    return Judged(prepared, is_folded, {id_: asked[id_].outcome for id_ in sorted(asked)}, watch.measured)


def _layers(connection: duckdb.DuckDBPyConnection) -> int | None:
    """How many layers of findings the memory has at most."""
    ((most,),) = connection.execute("select max(len(layers)) from remembered.detector").fetchall()
    return most


def fold_after(case: Case, night: Judged) -> None:
    """Fold what a night remembered, which a run does while it prepares a later one, and see that all stands."""
    watch = case.stopwatch()
    with case.opened() as connection:
        with watch.stage(FOLD):
            fold(connection)
        for id_, outcome in night.outcomes.items():
            asked = last_asked(connection, id_)
            if asked is None or len(asked.layers) != 1:
                raise SystemExit(f"{id_} was not folded")
            stood = standing(connection, id_, asked.layers, asked.layers[-1])
            if not stood.sort(ORDER, nulls_last=True).equals(outcome.findings):
                raise SystemExit(f"{id_} has other findings after folding")
    night.measured.extend(watch.measured)


def _asked(
    connection: duckdb.DuckDBPyConnection, by_id: Mapping[str, Detector], request: Request, threads: int, full: bool
) -> dict[str, Asked]:
    """Every detector that can run, asked as a run does: those of a night as many at a time as there are threads."""
    asked: dict[str, Asked] = {}

    def ask(detector_id: str) -> None:
        with closing(connection.cursor()) as cursor:
            asked[detector_id] = ask_or_update(cursor, by_id[detector_id], PACK, request, is_full=full)

    at_once(ask, [id_ for id_, one in by_id.items() if reason_not_to_run(one, request) is None], threads)
    return asked


@contextmanager
def _opened(case: Case, watch: Stopwatch, stage: str, log: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """The open warehouse; what closing it takes, above all writing its log into the file, is a stage of its own."""
    with ExitStack() as stack:
        yield stack.enter_context(case.opened(log))
        with watch.stage(f"close/{stage}"):
            stack.close()


def nightly(rows: int, given: argparse.Namespace) -> str:
    """Both ways at one size, as a table; ends the campaign where they find different things."""
    with tempfile.TemporaryDirectory(dir=given.cache) as folder:
        path = Path(folder) / "warehouse.duckdb"
        shutil.copyfile(warehouse_of(rows, given.cache), path)
        case = Case(rows, path, given.threads, given.memory_limit)
        with case.opened() as connection:
            hold_back(connection, given.share, given.nights)
        judge(case, batches_until(0), full=False)
        nights = []
        for number in range(1, given.nights + 1):
            with case.opened() as connection:
                bring(connection, number)
            nights.append(judge(case, batches_until(number), full=False))
        with case.opened() as connection:
            lines = _lines(connection, "touched_main.claim_line") + _lines(connection, "touched_main.exam_order")
        fold_after(case, nights[-1])
        whole = judge(case, batches_until(given.nights), full=True)
    for id_, outcome in whole.outcomes.items():
        other = nights[-1].outcomes[id_]
        if not (outcome.findings.equals(other.findings) and outcome.denominators.equals(other.denominators)):
            raise SystemExit(f"{id_} finds other things night after night than in a full run")
    return _table(rows, given.share, lines, nights, whole)


def _lines(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {table}").fetchall()
    return int(count)


def _table(rows: int, share: float, lines: int, nights: Sequence[Judged], whole: Judged) -> str:
    night = nights[-1]
    prepared = night.prepared
    head = (
        f"{rows:,} lines, {share:.0%} of them new{_which(nights)}; "
        f"{prepared.judged_again:,} of {prepared.patients:,} patients touched "
        f"({prepared.judged_again / prepared.patients:.1%}), with {lines:,} lines of theirs ({lines / rows:.1%}).\n\n"
        "| stage | full s | night s | share | full CPU s | night CPU s | share |\n|---|---:|---:|---:|---:|---:|---:|\n"
    )
    stages = [
        _line(one, whole.cost(one), night.cost(one)) for one in (*SUMS[:2], "close/prepare", "close/detect", SUMS[2])
    ]
    every = math.ceil(LARGEST_SHARE_PCT / 100 * prepared.patients / prepared.judged_again)
    (wall, cpu), (fold_wall, fold_cpu) = night.cost("detect"), night.cost(FOLD)
    with_fold = (wall + fold_wall / every, cpu + fold_cpu / every)
    stages += [
        f"| fold | | {fold_wall:.2f} | | | {fold_cpu:.2f} | |",
        _line(f"detect, with a fold every {every} nights", whole.cost("detect"), with_fold),
    ]
    detectors = [_detector_line(id_, whole.seconds(id_), night.seconds(id_)) for id_ in whole.outcomes]
    return head + "\n".join([*stages, *detectors]) + _in_a_row(nights, whole)


def _which(nights: Sequence[Judged]) -> str:
    return f", on the last of {len(nights)} such nights" if nights[1:] else ""


def _in_a_row(nights: Sequence[Judged], whole: Judged) -> str:
    """Each night's seconds, where there are several, and what all of them took for each full run's detect time."""
    if not nights[1:]:
        return ""
    columns = ("night", "patients touched", "prepare s", "detect s", "share of full", "folded before")
    head = f"\n\n| {' | '.join(columns)} |\n{'|---:' * len(columns)}|\n"
    full, _ = whole.cost("detect")
    rows = [
        f"| {number} | {one.prepared.judged_again:,} | {one.cost('prepare')[0]:.2f} | {one.cost('detect')[0]:.2f} "
        f"| {one.cost('detect')[0] / full:.1%} | {'yes' if one.is_folded and number > 1 else ''} |"
        for number, one in enumerate(nights, start=1)
    ]
    mean = sum(one.cost("detect")[0] for one in nights) / len(nights)
    return head + "\n".join([*rows, f"| mean | | | {mean:.2f} | {mean / full:.1%} | |"])


def _line(stage: str, whole: tuple[float, float], night: tuple[float, float]) -> str:
    wall, cpu = (now / then if then else 0.0 for now, then in zip(night, whole, strict=True))
    return f"| {stage} | {whole[0]:.2f} | {night[0]:.2f} | {wall:.1%} | {whole[1]:.2f} | {night[1]:.2f} | {cpu:.1%} |"


def _detector_line(id_: str, whole: float, night: float) -> str:
    return f"| detect/{id_} | {whole:.2f} | {night:.2f} | {night / whole if whole else 0.0:.1%} | | | |"


def main() -> None:
    """Run the sizes asked for and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000])
    parser.add_argument("--share", type=float, default=0.01, help="new lines as a share of all")
    parser.add_argument("--nights", type=int, default=1, help="how many such nights in a row; the last one is shown")
    parser.add_argument("--memory-limit", default="9GB")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--results", type=Path, default=RESULTS)
    given = parser.parse_args()
    command = " ".join(["python tests/benchmarks/bench_incremental.py", *sys.argv[1:]])
    how = "Only detectors that look at one patient at a time; those of a night overlap."
    told = [f"{report.machine()} Command: `{command}`. {how}"]
    for rows in given.rows:
        told.append(nightly(rows, given))
        report.write_section(given.results, SECTIONS[given.nights > 1], "\n\n".join(told))


if __name__ == "__main__":
    main()
