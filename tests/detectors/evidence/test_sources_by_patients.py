"""Where records come from: the same rows, however many patients are asked about at a time."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from detectors.engines.duckdb import DuckDBEngine, open_warehouse
from detectors.evidence import OF_SO_MANY_PATIENTS, evidence_rows
from detectors.evidence.wanted import wanted_of
from pipelines import cli
from pipelines.workspace import Workspace


def test_a_few_patients_at_a_time_give_the_rows_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Workspace(tmp_path / "workspace")
    assert cli.run(["demo", "--direct", "--workspace", str(place.root)]) == 0
    run = place.published()
    monkeypatch.setitem(OF_SO_MANY_PATIENTS, "sources", 7)
    wanted = wanted_of(pl.read_parquet(run / "findings.parquet"), pl.read_parquet(run / "leads.parquet"))
    assert wanted.patients.height > 3 * 7
    with open_warehouse(place.warehouse) as connection:
        rows = dict(evidence_rows(DuckDBEngine(connection), wanted))
        asked = pl.DataFrame(pl.from_arrow(pa.concat_tables(rows["sources"])))
    assert asked.equals(pl.read_parquet(run / "evidence" / "sources.parquet"))
    assert asked["patient_id"].n_unique() > 3 * 7
