"""Rows that come in pieces are written as the same rows in one."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines import run_folder
from pipelines.run_folder import write_pieces, write_rows

SCHEMA = pa.schema([("n", pa.int64()), ("word", pa.string())])


def rows(count: int) -> pa.Table:
    """Columns in another order and of a wider kind than the schema's, as engines hand them over."""
    words = pa.array([f"w{n % 7}" if n % 5 else None for n in range(count)], pa.large_string())
    return pa.table({"word": words, "n": pa.array(range(count), pa.int32())})


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30, 57])
@pytest.mark.parametrize("size", [1, 7, 10, 25])
def test_the_size_of_the_pieces_does_not_show_in_the_file(
    count: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_folder, "ROWS_A_GROUP", 10)
    whole = rows(count)
    pieces = (whole.slice(start, size) for start in range(0, count, size))
    sha256 = write_pieces(tmp_path / "pieces.parquet", pieces, SCHEMA)
    assert sha256 == write_rows(tmp_path / "whole.parquet", whole, SCHEMA)
    assert pq.read_table(tmp_path / "pieces.parquet").equals(whole.select(SCHEMA.names).cast(SCHEMA))
    groups = pq.read_metadata(tmp_path / "pieces.parquet")
    assert [groups.row_group(n).num_rows for n in range(groups.num_row_groups)][:-1] == [10] * ((count - 1) // 10)
