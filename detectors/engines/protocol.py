"""What an engine can do: run a statement, and answer a question with Arrow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Protocol, TypeAlias

import pyarrow as pa

Bound: TypeAlias = int | float | str | bool | date | None
"""A value that may be bound to a ``$parameter``."""


class Engine(Protocol):
    """Runs SQL in DuckDB dialect over schemas main, pack and prepared.

    Parameters that a statement does not name are left out by the engine, so callers may pass all that they have.
    """

    name: str

    def answer(self, sql: str, parameters: Mapping[str, Bound]) -> pa.Table:
        """Rows of a question, as Arrow."""
        ...

    def stream(self, sql: str, parameters: Mapping[str, Bound]) -> pa.RecordBatchReader:
        """Rows of a question piece by piece, where they may be more than memory holds; nothing else runs meanwhile."""
        ...

    def store(self, table: str, sql: str, parameters: Mapping[str, Bound]) -> int:
        """Replace ``schema.table`` by the rows of a question; returns how many rows it has."""
        ...

    def put(self, table: str, rows: pa.Table) -> None:
        """Replace ``schema.table`` by rows that the caller holds."""
        ...
