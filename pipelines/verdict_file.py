"""Verdicts of reviews, read from a CSV or Parquet file: the snapshot that a run's ranking rests on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from schemas.errors import InputError, UsageError
from schemas.verdict import OUTCOMES, VERDICT_SCHEMA

COLUMNS = tuple(VERDICT_SCHEMA.names)
SNAPSHOT = "verdicts.parquet"
"""Name of the copy that a run keeps, so that it can be made again."""


@dataclass(frozen=True)
class VerdictSnapshot:
    """Verdicts as a run takes them: rows of ``VERDICT_SCHEMA``, sorted, and the hash of what they say."""

    rows: pl.DataFrame

    @property
    def sha256(self) -> str:
        """SHA-256 of the sorted rows: neither the file's format nor the order of its rows matters."""
        return hashlib.sha256(self.rows.write_csv().encode()).hexdigest()


def read_verdicts(path: Path) -> VerdictSnapshot:
    """The verdicts of a file, ``.parquet`` or else CSV in UTF-8; doubled rows count once.

    Raises:
        UsageError: there is no such file.
        InputError: it cannot be read, lacks a column, or holds an outcome or a day that is none.
    """
    if not path.is_file():
        raise UsageError("no such file of verdicts", got=str(path), allowed="a CSV or Parquet file", where="--verdicts")
    rows = _read(path)
    missing = [name for name in COLUMNS if name not in rows.columns]
    if missing:
        raise InputError(
            "the verdicts lack columns", got=", ".join(missing), allowed=", ".join(COLUMNS), where=str(path)
        )
    text = rows.select(pl.col(name).cast(pl.String).str.strip_chars() for name in COLUMNS)
    strange = text.filter(~pl.col("outcome").is_in(OUTCOMES).fill_null(False)).height
    cast = text.with_columns(pl.col("decided_on").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False))
    undated = cast.filter(pl.col("decided_on").is_null() | pl.col("finding_id").is_null()).height
    if strange or undated:
        raise InputError(
            "the verdicts hold rows that say nothing",
            got=f"{strange} rows with an unknown outcome, {undated} without a finding or a day",
            allowed=f"outcome one of {', '.join(OUTCOMES)}; finding_id filled; decided_on as YYYY-MM-DD",
            where=str(path),
        )
    return VerdictSnapshot(cast.unique().sort(*COLUMNS))


def _read(path: Path) -> pl.DataFrame:
    try:
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path, glob=False)
        return pl.read_csv(path.read_bytes(), infer_schema=False)
    except (pl.exceptions.PolarsError, OSError, ValueError):
        raise InputError(
            "the verdicts cannot be read", allowed="CSV in UTF-8 with a header, or Parquet", where=str(path)
        ) from None
