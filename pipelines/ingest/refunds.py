"""Settlements that were refunded as a whole: their lines, and those of the refund, are void and net to nothing."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.ingest.mapping import SourceView
from schemas.profile_shapes import Refunds

VOID_CLAIMS = "void_claims"
"""Temporary table of one ingest: claim ids whose lines are void."""


def find_void_claims(connection: duckdb.DuckDBPyConnection, refunds: Refunds, views: Sequence[SourceView]) -> None:
    """Make ``VOID_CLAIMS`` from the settlements of an extract."""
    connection.execute(f"create or replace temp table {VOID_CLAIMS} (claim_id varchar)")
