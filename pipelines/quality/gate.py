"""The gate between ingest and detectors: may the warehouse be trusted, and which tables not?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import duckdb

from pipelines.quality.checks import Check, checks_of, file_checks
from schemas.card import Text
from schemas.errors import GateError
from schemas.quality import FileAccount, QualityCheck, QualityReport
from schemas.table import Severity
from schemas.tables import NEEDED_TO_START, TABLES

if TYPE_CHECKING:
    from pipelines.quality.suites import Count, Counter

_NOTHING = Text(en="A seeded fault.", zh="预置的错误。")
_CANARY_ROWS = "select * from (values (1, 'a'), (1, 'b'), (null, 'c'), (-1, null)) as seeded(id, choice)"
_CANARY = (
    (Check("canary", "has_rows", Severity.BLOCKING, _NOTHING, "has_rows"), 0),
    (Check("canary", "present", Severity.BLOCKING, _NOTHING, "present", "id"), 1),
    (Check("canary", "in_choices", Severity.BLOCKING, _NOTHING, "in_choices", "choice", choices=("a",)), 2),
    (Check("canary", "not_below", Severity.BLOCKING, _NOTHING, "not_below", "id", minimum=0), 1),
    (
        Check(
            "canary",
            "broken_rows",
            Severity.BLOCKING,
            _NOTHING,
            "broken_rows",
            query="select unnest(range(1, count(*))) as broken from t group by t.id having count(*) > 1",
        ),
        1,
    ),
)
"""One check of each rule over four seeded rows, with the violations that it must count."""


def check_warehouse(connection: duckdb.DuckDBPyConnection, files: Sequence[FileAccount]) -> QualityReport:
    """Judge every loaded table of a warehouse.

    A failed check is told in the report, not raised: see ``require_passable``. A table counts as loaded where the
    batch ledger names it; patient, institution and encounter are always judged. Rows must be committed.

    Args:
        connection: an open warehouse; nothing is written to it.
        files: what became of each file of the run, for the report and the quarantine checks.

    Raises:
        GateError: the gate itself failed: anything raised inside it, or the canary found that it cannot fail.
    """
    from pipelines.quality.suites import counting

    verdicts: list[QualityCheck] = []
    row_counts: dict[str, int] = {}
    with counting(connection) as counter:
        _require_canary(counter)
        loaded = loaded_tables(connection)
        for name in loaded:
            checks = checks_of(TABLES[name], loaded)
            counts = counter.count_table(name, checks)
            row_counts[name] = counts["has_rows"].examined
            verdicts += [_verdict(check, counts[check.name]) for check in checks]
    return QualityReport(checks=(*verdicts, *file_checks(files)), files=tuple(files), row_counts=row_counts)


def require_passable(report: QualityReport) -> None:
    """Let a report pass unless a blocking check failed.

    Raises:
        GateError: names each failed blocking check with its counts.
    """
    if report.blocking:
        failed = ", ".join(f"{c.table_name}.{c.name} ({c.violated} of {c.examined})" for c in report.blocking)
        raise GateError(
            "the data cannot be trusted: a blocking quality check failed",
            got=failed,
            allowed="no violation of a blocking check",
            where="the extract's files of these tables; see quality.json",
        )


def loaded_tables(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Names of the tables to judge, in the order of loading: those in the batch ledger, and those needed to start."""
    in_ledger = {str(row[0]) for row in connection.execute("select distinct table_name from ledger.file").fetchall()}
    return tuple(name for name in TABLES if name in in_ledger or name in NEEDED_TO_START)


def _require_canary(counter: Counter) -> None:
    counts: Mapping[str, Count] = counter.count_few(_CANARY_ROWS, [check for check, _ in _CANARY])
    missed = [check.name for check, expected in _CANARY if counts[check.name].violated != expected]
    if missed:
        raise GateError(
            "the quality gate missed faults that were seeded to test it",
            got=", ".join(missed),
            allowed="every seeded fault is counted",
            where="pipelines/quality/suites.py",
        )


def _verdict(check: Check, count: Count) -> QualityCheck:
    return QualityCheck(
        table_name=check.table_name,
        name=check.name,
        severity=check.severity,
        prose=check.prose,
        passed=count.violated <= check.tolerated_share * count.examined,
        examined=count.examined,
        violated=count.violated,
        tolerated_share=check.tolerated_share,
    )
