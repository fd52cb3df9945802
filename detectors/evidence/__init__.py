"""Rows that evidence pages are drawn from, asked of the warehouse for the subjects and events of the leads only."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from detectors.engines.protocol import Engine
from schemas.evidence import EVIDENCE_SCHEMAS


def evidence_rows(engine: Engine, findings: pl.DataFrame, leads: pl.DataFrame) -> dict[str, pa.Table]:
    """One Arrow table for each name in ``schemas.evidence.EVIDENCE_SCHEMAS``, in stable order.

    Args:
        engine: holds the prepared tables of the run.
        findings: all findings of the run, exempt ones too.
        leads: the leads whose subjects the rows are wanted for.
    """
    shown = findings.join(leads.select("subject_type", "subject_id"), on=["subject_type", "subject_id"], how="semi")
    patients = shown.select("patient_id").drop_nulls().unique().sort("patient_id")
    events = (
        pl.concat([shown.select(pl.col(name).alias("event_id")) for name in ("index_event_id", "flagged_event_id")])
        .drop_nulls()
        .unique()
        .sort("event_id")
    )
    engine.put("work.lead_patient", patients.to_arrow())
    engine.put("work.lead_event", events.to_arrow())
    return {name: _answer(engine, name, schema) for name, schema in EVIDENCE_SCHEMAS.items()}


def _answer(engine: Engine, name: str, schema: pa.Schema) -> pa.Table:
    statement = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    return engine.answer(statement, {}).select(schema.names).cast(schema)
