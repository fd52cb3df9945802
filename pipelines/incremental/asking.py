"""Asking a detector: about the touched patients alone where the last answer can be built upon, else about everybody."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

import detectors
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine
from detectors.runner import Outcome, Request, examined_by_month, found, judged, not_run, outcome_of, reason_not_to_run
from pipelines.incremental.layers import (
    LastAsked,
    forget_detector,
    kept_examined,
    last_asked,
    latest_update,
    remember_detector,
    standing,
)
from pipelines.incremental.lineage import (
    EXEMPTIONS_READ,
    Lineage,
    lineage_of,
    registers_read,
    tables_read,
    uses_as_value,
)
from pipelines.incremental.narrowed import owner_columns, using, views_after
from pipelines.incremental.remembered import (
    KEPT_SCHEMA,
    Connection,
    Touched,
    last_update,
    remembered_state,
)
from pipelines.incremental.touched import OF_AN_INSTITUTION, changed_registers
from schemas.pack import Pack

ORDER = ("institution_id", "occurred_at", "flagged_event_id", "finding_id")
"""Order of a detector's findings, as ``detectors.findings`` gives them."""

DAY_PARAMETERS = frozenset({"as_of", "to_day"})
"""Parameters of a question that move with the as-of date."""


@dataclass(frozen=True)
class Asked:
    """What became of one detector, and how it was asked.

    Attributes:
        outcome: its row, findings and denominators.
        how: ``touched``, ``stands`` or ``whole: …`` with the reason.
    """

    outcome: Outcome
    how: str


def ask_or_update(
    connection: Connection, detector: Detector, pack: Pack, request: Request, *, is_full: bool = False
) -> Asked:
    """Ask a detector by the shortest way that gives the same answer.

    Args:
        connection: the warehouse; its prepared tables are those of the run (see ``preparing``).
        detector: who is asked.
        pack: the policy pack.
        request: what is asked.
        is_full: ask about everybody whatever is remembered.
    """
    lacking = reason_not_to_run(detector, request)
    if lacking is not None:
        forget_detector(connection, detector.id)
        return Asked(not_run(detector, lacking), "not runnable")
    started = time.perf_counter()
    key = asked_key(detector, request)
    lineage = lineage_of(owner_columns())
    asked = last_asked(connection, detector.id)
    how = "whole: --full was given" if is_full else _way(connection, detector, request, key, asked, lineage)
    unjudged = None
    if asked is not None and how == "stands":
        findings = standing(connection, detector.id, asked.layers, asked.layers[-1])
        examined = kept_examined(connection, detector.id)
    elif asked is not None and how == "touched":
        findings, examined = _ask_touched(connection, detector, pack, request, asked, lineage)
    else:
        findings, examined, unjudged = judged(DuckDBEngine(connection), detector, pack, request)
        _remember_whole(connection, detector, key, findings, examined, lineage)
    outcome = outcome_of(detector, _ordered(findings), examined, time.perf_counter() - started, unjudged)
    return Asked(outcome, how)


def is_short(connection: Connection, detector: Detector, request: Request) -> bool:
    """Whether a detector will be asked about a night's patients alone, or not at all since what it found stands."""
    if reason_not_to_run(detector, request) is not None:
        return False
    key, asked = asked_key(detector, request), last_asked(connection, detector.id)
    return _way(connection, detector, request, key, asked, lineage_of(owner_columns())) in ("touched", "stands")


def _way(
    connection: Connection,
    detector: Detector,
    request: Request,
    key: str,
    asked: LastAsked | None,
    lineage: Lineage,
) -> str:
    """``stands``, ``touched``, or ``whole`` with the reason."""
    if not lineage.is_by_patient(detector):
        return "whole: it compares patients with each other"
    state = remembered_state(connection)
    if state is None or asked is None:
        return "whole: it was not asked in the run before"
    if asked.key != key:
        return "whole: its question, its settings or what it reads changed"
    if asked.state_id == state.id:
        return "stands"
    update = last_update(connection)
    if update is None or (asked.state_id, state.id) != (update.from_state, update.to_state):
        return "whole: it was not asked in the run before"
    return _what_moved(connection, detector, request, update)


def _what_moved(connection: Connection, detector: Detector, request: Request, update: Touched) -> str:
    if request.as_of != update.from_as_of and uses_as_value(detector.question, DAY_PARAMETERS):
        return "whole: it reckons with the as-of date, which moved"
    read = registers_read(detector.question) - set(OF_AN_INSTITUTION)
    moved = changed_registers(connection, read) if read else frozenset()
    return f"whole: registers changed: {', '.join(sorted(moved))}" if moved else "touched"


def _ask_touched(
    connection: Connection, detector: Detector, pack: Pack, request: Request, asked: LastAsked, lineage: Lineage
) -> tuple[pl.DataFrame, pl.DataFrame]:
    read = tables_read(detector.question) | EXEMPTIONS_READ
    stood = standing(connection, detector.id, asked.layers, latest_update(connection))
    with using(connection, views_after(connection, lineage, read, built=True)):
        engine = DuckDBEngine(connection)
        fresh, _ = found(engine, detector, pack, request)
        counted = examined_by_month(engine, detector, request)
    _remember(connection, detector, asked.key, fresh, counted, asked.layers)
    examined = kept_examined(connection, detector.id)
    if _names_nobody(fresh):
        forget_detector(connection, detector.id)
    return pl.concat([stood, fresh.cast(stood.schema)]), examined


def _remember_whole(
    connection: Connection,
    detector: Detector,
    key: str,
    findings: pl.DataFrame,
    examined: pl.DataFrame,
    lineage: Lineage,
) -> None:
    """Remember what was found of everybody, where it can be built upon."""
    if lineage.is_by_patient(detector) and not _names_nobody(findings):
        _remember(connection, detector, key, findings, examined, ())
    else:
        forget_detector(connection, detector.id)


def _names_nobody(findings: pl.DataFrame) -> bool:
    """Whether a finding has no patient: nobody could tell later whether it still stands."""
    return findings["patient_id"].null_count() > 0


def _remember(
    connection: Connection,
    detector: Detector,
    key: str,
    findings: pl.DataFrame,
    examined: pl.DataFrame,
    upon: Sequence[int],
) -> None:
    state = remembered_state(connection)
    if state is not None:
        remember_detector(connection, detector.id, (key, state.id), findings, examined, upon=upon)


def _ordered(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.sort(ORDER, nulls_last=True)


def asked_key(detector: Detector, request: Request) -> str:
    """Hash of all that decides a detector's answer beside the prepared tables and the as-of date."""
    parts = [
        detector.sha256,
        detector.version,
        [(p.name, p.value) for p in request.parameters[detector.id]],
        [request.window_from, request.window_to],
        sorted(request.institutions),
        sorted(request.present),
        KEPT_SCHEMA.names,
        code_sha256(),
        pl.__version__,
    ]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()


@cache
def code_sha256() -> str:
    """SHA-256 of the modules that make findings of answers."""
    digest = hashlib.sha256()
    for path in sorted(Path(detectors.__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
