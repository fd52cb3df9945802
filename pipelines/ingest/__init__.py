"""Ingest: decode, check, cast, quarantine, load exactly once, and account for every row."""

from pipelines.ingest.batch import BatchOutcome, ingest_extract
from pipelines.ingest.present import present_columns

__all__ = ["BatchOutcome", "ingest_extract", "present_columns"]
