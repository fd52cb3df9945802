"""Writes the run folder that sample_run.json tells of.

Three patient leads (one with an exempt finding, one of unknown hours and no price), a practitioner, a detector that
could not run, and hostile names: markup and a formula.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.evidence import EVIDENCE_SCHEMAS
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA

SAMPLE = Path(__file__).with_name("sample_run.json")

SCHEMAS = {
    "findings": FINDING_SCHEMA,
    "leads": LEAD_SCHEMA,
    "detectors": DETECTOR_SCHEMA,
    "denominators": DENOMINATOR_SCHEMA,
    **{f"evidence/{stem}": schema for stem, schema in EVIDENCE_SCHEMAS.items()},
}


def write_run(folder: Path) -> Path:
    """Writes the run into ``folder`` and returns it."""
    told: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    (folder / "evidence").mkdir(parents=True, exist_ok=True)
    for stem, schema in SCHEMAS.items():
        rows = [_row(row | {"run_id": told["manifest"]["run_id"]}, schema) for row in told[stem]]
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / f"{stem}.parquet")
    for name in ("cards", "quality", "manifest"):
        (folder / f"{name}.json").write_text(json.dumps(told[name], ensure_ascii=False), encoding="utf-8")
    return folder


def write_earlier_run(folder: Path) -> Path:
    """Writes a run of before: without the doctor, with a lead that went, and with other findings of 0b5d77aa."""
    write_run(folder)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["run_id"] = "e0"
    manifest["identity"]["batches"] = ["b0"]
    manifest["identity"]["as_of"] = "2025-09-30"
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    _rewrite(folder / "leads.parquet", LEAD_SCHEMA, _earlier_lead)
    _rewrite(folder / "findings.parquet", FINDING_SCHEMA, _earlier_finding)
    _rewrite(folder / "detectors.parquet", DETECTOR_SCHEMA, _earlier_detector)
    (folder / "report/leads").mkdir(parents=True)
    (folder / "report/leads/dead0001.html").write_text("a page of before", encoding="utf-8")
    return folder


def _rewrite(path: Path, schema: pa.Schema, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    rows = [change(row) for row in pq.read_table(path).to_pylist()]
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), path)


def _earlier_lead(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"lead_id": "dead0001", "subject_id": "D099"} if row["lead_id"] == "a1c2d3e4" else row


def _earlier_finding(row: dict[str, Any]) -> dict[str, Any]:
    changes: dict[str, dict[str, Any]] = {
        "f000000000000001": {"amount_at_issue": Decimal("500.00")},
        "f000000000000002": {"finding_id": "f000000000000009"},
        "f000000000000003": {"exemption_id": None},
        "f000000000000006": {"finding_id": "f000000000000010", "subject_id": "D099", "practitioner_id": "D099"},
    }
    return row | changes.get(row["finding_id"], {})


def _earlier_detector(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"status": "not_runnable"} if row["detector_id"] == "ordering.outlier_practitioner" else row


def _row(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """A row with every column of the schema; what is not told is null."""
    return {field.name: _typed(row.get(field.name), field.type) for field in schema}


def _typed(value: Any, kind: pa.DataType) -> Any:
    """Money and moments are told as text, JSON columns as the value that they hold."""
    if value is None:
        return None
    if pa.types.is_decimal(kind):
        return Decimal(value)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else value
