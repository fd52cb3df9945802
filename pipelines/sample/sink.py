"""Writes canonical tables and truth files, one chunk after another, never holding more than one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import polars as pl
import pyarrow.parquet as pq

from schemas.tables import TABLES

Format = Literal["csv", "parquet"]
"""Formats in which an extract can be written; truth is CSV always."""


class Sink:
    """Open files of one folder, one a table; use it as a context manager.

    Args:
        folder: made where absent; files of the same names are replaced.
        file_format: csv or parquet.
        columns: table → its columns in order; a file is made for each, with a header even where no row comes.
    """

    def __init__(self, folder: Path, file_format: Format, columns: dict[str, tuple[str, ...]]) -> None:
        self.rows: Counter[str] = Counter(dict.fromkeys(columns, 0))
        self._format, self._columns, self._folder = file_format, columns, folder
        self._texts: dict[str, IO[bytes]] = {}
        self._parquets: dict[str, pq.ParquetWriter] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        """Open every file and write the CSV headers."""
        for name, columns in self._columns.items():
            for suffix in ("csv", "parquet"):
                (self._folder / f"{name}.{suffix}").unlink(missing_ok=True)
            if self._format == "csv":
                self._texts[name] = (self._folder / f"{name}.csv").open("wb")
                self._texts[name].write((",".join(columns) + "\n").encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every file; a Parquet table without rows becomes an empty file of the right columns."""
        if self._format == "parquet" and error is None:
            for name in set(self._columns) - set(self._parquets):
                self.write(name, pl.DataFrame(schema=dict.fromkeys(self._columns[name], pl.String)))
        for handle in (*self._texts.values(), *self._parquets.values()):
            handle.close()

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Append rows to a table; the columns must be the declared ones."""
        ordered = frame.select(self._columns[name])
        self.rows[name] += ordered.height
        if self._format == "csv":
            ordered.write_csv(self._texts[name], include_header=False)
            return
        table = ordered.with_columns(pl.all().cast(pl.String)).to_arrow()
        if name not in self._parquets:
            path = self._folder / f"{name}.parquet"
            self._parquets[name] = pq.ParquetWriter(path, table.schema, compression="zstd")
        self._parquets[name].write_table(table)

    def write_all(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """Append rows to several tables."""
        for name, frame in frames.items():
            self.write(name, frame)


def canonical_columns() -> dict[str, tuple[str, ...]]:
    """Columns of every canonical table."""
    return {name: table.column_names for name, table in TABLES.items()}
