"""Rows that evidence pages are drawn from, asked of the warehouse for the subjects and events of the leads only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pyarrow as pa

from detectors.engines.protocol import Engine
from detectors.evidence.wanted import Wanted
from schemas.evidence import EVIDENCE_SCHEMAS

OF_SO_MANY_PATIENTS = {"sources": 100_000}
"""Evidence that joins whole extracts: asked for so many patients at a time, so that memory holds the rows joined."""


def evidence_rows(engine: Engine, wanted: Wanted) -> Iterator[tuple[str, Iterator[pa.Table]]]:
    """The rows of each name in ``schemas.evidence.EVIDENCE_SCHEMAS``, in stable order, a piece at a time.

    In a large run they are a good part of all that was prepared, more than memory holds. Read the pieces of one name
    before asking for the next.

    Args:
        engine: holds the prepared tables of the run.
        wanted: of whom and of what, see ``wanted_of``.
    """
    engine.put("work.lead_patient", wanted.patients.to_arrow())
    engine.put("work.lead_event", wanted.events.to_arrow())
    engine.put("work.compared_unit", wanted.units.to_arrow())
    engine.put("work.drawn_family", wanted.families.to_arrow())
    for name, schema in EVIDENCE_SCHEMAS.items():
        if name in OF_SO_MANY_PATIENTS:
            yield name, _pieces_of_patients(engine, name, schema, wanted.patients.sort("patient_id"))
        else:
            yield name, _pieces(engine, name, schema)


def _pieces_of_patients(engine: Engine, name: str, schema: pa.Schema, patients: pl.DataFrame) -> Iterator[pa.Table]:
    """Pieces asked for some patients after the others, in the order of their ids, by which the answer is sorted."""
    yield schema.empty_table()
    for some in patients.iter_slices(OF_SO_MANY_PATIENTS[name]):
        engine.put("work.lead_patient", some.to_arrow())
        yield from _pieces(engine, name, schema)
    engine.put("work.lead_patient", patients.to_arrow())


def _pieces(engine: Engine, name: str, schema: pa.Schema) -> Iterator[pa.Table]:
    statement = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    yield schema.empty_table()
    for batch in engine.stream(statement, {}):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
