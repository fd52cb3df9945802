"""The stages of an audit over a generated warehouse, each measured: prepare by step, detectors by part, leads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import polars as pl
from measuring import Measured, Stopwatch
from record import Record

from detectors import runner
from detectors.catalogue import load_catalogue
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.evidence import evidence_rows
from detectors.evidence.wanted import wanted_of
from detectors.leads.grouping import leads_of
from detectors.policy import load_policy
from detectors.prepared import STEPS, prepare
from detectors.settings import resolve
from pipelines.quality.gate import check_warehouse
from pipelines.run_folder import read_rows, stacked, write_pieces, write_rows
from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.finding import FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.pack import load_pack

AS_OF = date(2025, 12, 31)
PACK = "cn-national"


@dataclass(frozen=True)
class Case:
    """One size: its warehouse, how many lines it holds, what DuckDB may take, and where measured stages are kept."""

    lines: int
    warehouse: Path
    threads: int
    memory_limit: str
    record: Record | None = None

    @property
    def folder(self) -> Path:
        """Where the warehouse, its spill and the parts lie."""
        return self.warehouse.parent

    def stopwatch(self) -> Stopwatch:
        """Measures this case."""
        keep = self.record.add if self.record else lambda _: None
        return Stopwatch(self.lines, self.folder / "spill", keep)

    def has(self, stage: str) -> bool:
        """Whether a stage of this case was measured before the campaign was cut off."""
        kept = self.record.measured() if self.record else []
        return any(one.stage == stage and one.lines == self.lines for one in kept)

    @contextmanager
    def opened(self, log: str | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse as a run opens it, with a log of its own where the run holds it open."""
        connection = open_warehouse(self.warehouse, threads=self.threads, memory_limit=self.memory_limit, log=log)
        try:
            create_tables(connection)
            yield connection
        finally:
            connection.close()


def measure_gate(case: Case) -> list[Measured]:
    """The quality gate over the whole warehouse, once Great Expectations is loaded."""
    import_module("pipelines.quality.suites")
    watch = case.stopwatch()
    with case.opened() as connection, watch.stage("gate") as rows:
        report = check_warehouse(connection, [])
        rows.append(sum(report.row_counts.values()))
    return watch.measured


def measure_prepare(case: Case) -> list[Measured]:
    """Every prepared table in turn, but those that stand from a campaign that was cut off."""
    watch = case.stopwatch()
    with case.opened() as connection:
        engine = DuckDBEngine(connection)
        load_policy(engine, load_pack(PACK))
        bound = {"as_of": AS_OF, "default_retest_hours": None}
        for step in (step for step in STEPS if not case.has(f"prepare/{step}")):
            with watch.stage(f"prepare/{step}") as rows:
                rows.append(prepare(engine, bound, steps=[step])[step])
    return watch.measured


PARTS = {
    "_frame": ("question", "denominator"),
    "answer_exemptions": ("exemptions",),
    "findings_of": ("findings",),
    "_denominators": ("counting",),
}
"""The runner's functions that ask one detector → what each of their calls does, in turn."""


LIBRARIES = ("scipy.stats", "sklearn.ensemble", "sqlglot.dialects.duckdb")
"""What detectors load where they first use it."""


def measure_detector(case: Case, detector_id: str) -> list[Measured]:
    """One detector in its parts, and whole; its findings are kept for the leads.

    A run asks its detectors one after another and loads their libraries once, so the one detector of this process is
    asked when they are loaded, and what loading them takes is a stage of its own, counted once.
    """
    watch, parts = case.stopwatch(), case.stopwatch()
    with watch.stage("load/libraries"):
        for name in LIBRARIES:
            import_module(name)
    detector = next(detector for detector in load_catalogue() if detector.id == detector_id)
    with case.opened() as connection, _parts_measured(parts, detector_id):
        request = _request(connection)
        with watch.stage(f"detect/{detector_id}") as rows:
            outcome = runner.run_detector(DuckDBEngine(connection), detector, load_pack(PACK), request)
            rows.append(outcome.findings.height)
        with watch.stage(f"write/{detector_id}") as rows:
            findings = outcome.findings.with_columns(pl.lit("bench").alias("run_id"))
            write_rows(case.folder / "parts" / f"{detector_id}.parquet", findings, FINDING_SCHEMA)
            rows.append(findings.height)
    return [*watch.measured, *parts.measured]


def _request(connection: duckdb.DuckDBPyConnection) -> runner.Request:
    rows = connection.execute("select table_name, columns_present from ledger.file").fetchall()
    parameters = resolve(load_catalogue(), load_pack(PACK).parameters)
    present = {table: frozenset(columns) for table, columns in rows}
    return runner.Request(AS_OF, None, None, (), parameters, present, {})


@contextmanager
def _parts_measured(watch: Stopwatch, detector_id: str) -> Iterator[None]:
    """The runner's parts measured from outside, so that the product needs no hooks for it."""

    def measuring(names: Iterator[str], part: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*given: Any, **named: Any) -> Any:
            with watch.stage(f"part/{detector_id}/{next(names)}") as rows:
                answer = part(*given, **named)
                rows.append(answer.height)
            return answer

        return measured

    wrapped: Mapping[str, Any] = {
        function: measuring(iter(names), getattr(runner, function)) for function, names in PARTS.items()
    }
    with patch.multiple(runner, **wrapped):
        yield


def measure_leads(case: Case) -> list[Measured]:
    """Grouping and ranking of all findings, the evidence rows of the first leads, and writing them."""
    watch = case.stopwatch()
    parts = sorted((case.folder / "parts").glob("*.parquet"))
    with case.opened() as connection:
        with watch.stage("rank/leads") as rows:
            findings = stacked(parts, FINDING_SCHEMA)
            leads = leads_of(findings, load_catalogue())
            rows.append(leads.height)
        with watch.stage("rank/evidence"):
            wanted = wanted_of(findings, leads)
            del findings
            for name, pieces in evidence_rows(DuckDBEngine(connection), wanted):
                write_pieces(case.folder / "ranked" / f"{name}.parquet", pieces, EVIDENCE_SCHEMAS[name])
        with watch.stage("rank/write"):
            named = leads.with_columns(pl.lit("bench").alias("run_id"))
            write_rows(case.folder / "ranked" / "leads.parquet", named, LEAD_SCHEMA)
    return watch.measured


def pairs_found(case: Case, detector_id: str) -> int:
    """How many findings a detector gave when it was measured."""
    return read_rows(case.folder / "parts" / f"{detector_id}.parquet").height
