"""Reading and writing the files of a run folder: Parquet in the declared schemas, JSON with sorted keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

ROWS_A_GROUP = 131_072
"""Rows of a Parquet row group: fixed, so that equal rows give equal bytes."""


def write_rows(path: Path, rows: pa.Table | pl.DataFrame, schema: pa.Schema) -> str:
    """Write rows in a declared schema; returns the SHA-256 of the file's bytes.

    The writer is single-threaded and writes no time of its own, so equal rows give equal bytes.
    """
    return write_pieces(path, [rows.to_arrow() if isinstance(rows, pl.DataFrame) else rows], schema)


def write_pieces(path: Path, pieces: Iterable[pa.Table], schema: pa.Schema) -> str:
    """Write rows that come piece by piece as ``write_rows`` would write them whole; a row group is held at a time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for group in _groups(pieces, schema):
            writer.write_table(group, row_group_size=ROWS_A_GROUP)
    return file_sha256(path)


def _groups(pieces: Iterable[pa.Table], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in groups of ``ROWS_A_GROUP``, the last one smaller, however they come; one group if there are none."""
    held, count, has_given = [schema.empty_table()], 0, False
    for piece in pieces:
        start = 0
        while start < piece.num_rows:
            part = piece.slice(start, ROWS_A_GROUP - count).select(schema.names).cast(schema)
            held, start, count = [*held, part], start + part.num_rows, count + part.num_rows
            if count == ROWS_A_GROUP:
                yield pa.concat_tables(held).combine_chunks()
                held, count, has_given = [schema.empty_table()], 0, True
    if count or not has_given:
        yield pa.concat_tables(held).combine_chunks()


def read_rows(path: Path) -> pl.DataFrame:
    """Rows of a Parquet file of a run folder."""
    return pl.read_parquet(path, glob=False)


def write_json(path: Path, value: object) -> None:
    """Write JSON with sorted keys, two spaces, Chinese as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def stacked(paths: Sequence[Path], schema: pa.Schema) -> pl.DataFrame:
    """Rows of several files of one schema, one below the other, in the order given."""
    empty = pl.from_arrow(schema.empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return pl.concat([empty, *(read_rows(path).cast(empty.schema) for path in paths)])
