"""Rows that evidence pages are drawn from, asked of the warehouse for the subjects and events of the leads only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from detectors.engines.protocol import Engine
from schemas.evidence import EVIDENCE_SCHEMAS

FINDING_COLUMNS = ("subject_type", "subject_id", "patient_id", "index_event_id", "flagged_event_id")
"""What ``evidence_rows`` reads of a finding: a caller who is short of memory keeps no more."""


def evidence_rows(
    engine: Engine, findings: pl.DataFrame, leads: pl.DataFrame
) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """The rows of each name in ``schemas.evidence.EVIDENCE_SCHEMAS``, in stable order, a piece at a time.

    In a large run they are a good part of all that was prepared, more than memory holds. Read the pieces of one name
    before asking for the next.

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
    for name, schema in EVIDENCE_SCHEMAS.items():
        yield name, _pieces(engine, name, schema)


def _pieces(engine: Engine, name: str, schema: pa.Schema) -> Iterator[pa.Table]:
    statement = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    yield schema.empty_table()
    for batch in engine.stream(statement, {}):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
