"""Rows that evidence pages are drawn from, asked of the warehouse for the subjects and events of the leads only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from detectors.engines.protocol import Engine
from detectors.evidence.wanted import Wanted
from schemas.evidence import EVIDENCE_SCHEMAS


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
        yield name, _pieces(engine, name, schema)


def _pieces(engine: Engine, name: str, schema: pa.Schema) -> Iterator[pa.Table]:
    statement = (Path(__file__).parent / f"{name}.sql").read_text(encoding="utf-8")
    yield schema.empty_table()
    for batch in engine.stream(statement, {}):
        yield pa.Table.from_batches([batch]).select(schema.names).cast(schema)
