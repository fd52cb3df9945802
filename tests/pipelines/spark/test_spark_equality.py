"""Spark answers as DuckDB does: every prepared table, every detector of the catalogue, and the evidence beside them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from detectors.catalogue import load_catalogue
from detectors.declaration import Detector
from detectors.evidence import evidence_rows
from detectors.evidence.wanted import wanted_of
from detectors.leads.grouping import leads_of
from detectors.leads.unflagged import Scope, unflagged_by_lot
from detectors.prepared import STEPS, reversal_account
from detectors.runner import Outcome
from schemas.evidence import EVIDENCE_SCHEMAS

CATALOGUE = load_catalogue()
Outcomes = Mapping[tuple[str, str], Outcome]


@pytest.mark.parametrize("step", STEPS)
def test_a_prepared_table_holds_the_same_rows(both: Any, step: str) -> None:
    ours, theirs = both.rows_of(f"prepared.{step}")
    assert theirs.equals(ours)


@pytest.mark.parametrize("detector", CATALOGUE, ids=lambda detector: detector.id)
def test_a_detector_finds_the_same(outcomes: Outcomes, detector: Detector) -> None:
    ours, theirs = outcomes["duckdb", detector.id], outcomes["spark", detector.id]
    assert theirs.findings.schema == ours.findings.schema
    assert theirs.findings.to_dicts() == ours.findings.to_dicts()
    assert theirs.denominators.equals(ours.denominators)
    assert theirs.row | {"seconds": 0} == ours.row | {"seconds": 0}


def test_evidence_and_the_account_of_refunds_are_the_same(both: Any, outcomes: Outcomes) -> None:
    findings = pl.concat([outcomes["duckdb", one.id].findings for one in CATALOGUE])
    leads = leads_of(findings.with_columns(pl.lit("r").alias("run_id")), CATALOGUE)
    ours, theirs = (
        {name: pa.concat_tables(pieces) for name, pieces in evidence_rows(engine, wanted_of(findings, leads))}
        for engine in both.engines
    )
    assert reversal_account(both.spark) == reversal_account(both.duckdb)
    assert [name for name in EVIDENCE_SCHEMAS if not theirs[name].equals(ours[name])] == []
    assert all(ours[name].num_rows for name in EVIDENCE_SCHEMAS)


@pytest.mark.parametrize("institutions", [(), ("HI0",)])
def test_the_lot_draws_the_same_cases(both: Any, outcomes: Outcomes, institutions) -> None:
    findings = pl.concat([outcomes["duckdb", one.id].findings for one in CATALOGUE])
    scope = Scope(date(2025, 12, 31), None, None, institutions)
    ours, theirs = (unflagged_by_lot(engine, findings, scope, "r") for engine in both.engines)
    assert theirs[0] == ours[0] > 0
    assert theirs[1].equals(ours[1])
    assert ours[1].height > 0
