"""Writes the run folder that sample_run.json tells of.

Three patient leads (one with an exempt finding, one of unknown hours and no price), a practitioner, a detector that
could not run, and hostile names: markup and a formula.
"""

from __future__ import annotations

import json
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
