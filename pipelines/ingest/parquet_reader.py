"""Parquet files: typed columns are read as the text that a canonical CSV would hold, then cast like any other."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.ingest.scratch import quoted, readable_path
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import OriginalText, Reading
from schemas.errors import InputError
from schemas.table import Kind

_LINE = "file_row_number"
_BATCH_ROWS = 65_536


def read_parquet(source: Source, scratch: Path) -> Iterator[Reading]:
    """The one reading of a Parquet file; ``source_row`` is the number of the row, from 1.

    Raises:
        InputError: the file is no Parquet file, a required column is missing, or a column has a type that its
            contents could not be taken from exactly.
    """
    schema = _schema(source)
    header = source.layout.match(schema.names, source.name)
    for name, at in header.positions.items():
        _refuse_type(source.layout.kinds[name], schema.field(at), source.name)
    used = sorted(header.positions.values())
    texts = ", ".join(f"{_text(schema.field(at))} as f{at}" for at in used)
    file = f"read_parquet({quoted(readable_path(source.path, scratch))}, {_LINE} = true, hive_partitioning = false)"
    yield Reading(
        header,
        relation=f"(select {_LINE} + 1 as line, {texts} from {file}) as typed_file",
        original_text=rows_as_csv(source.path, None),
        source_row="line",
        written_as="Parquet",
    )


def rows_as_csv(path: Path, columns: list[str] | None) -> OriginalText:
    """Gives rows of a Parquet file, by their number from 1, as lines of CSV; batch by batch, in bounded memory.

    Args:
        path: the Parquet file.
        columns: the columns to give; None for all.
    """

    def original_text(rows: Iterator[tuple[int, int]]) -> Iterator[str]:
        try:
            with pq.ParquetFile(path) as file:
                yield from _rows_of_batches(file.iter_batches(batch_size=_BATCH_ROWS, columns=columns), rows)
        except (pa.ArrowException, OSError):
            raise _unreadable(path.name) from None

    return original_text


def _rows_of_batches(batches: Iterator[pa.RecordBatch], rows: Iterator[tuple[int, int]]) -> Iterator[str]:
    batch, first, last = None, 1, 0
    for number, _count in rows:
        while batch is None or number > last:
            batch = next(batches)
            first, last = last + 1, last + batch.num_rows
        yield _csv_line([column[number - first].as_py() for column in batch.columns])


def _csv_line(values: list[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(values)
    return line.getvalue()


def _schema(source: Source) -> pa.Schema:
    try:
        schema = pq.read_schema(source.path)
    except (pa.ArrowException, OSError, UnicodeDecodeError):
        raise _unreadable(source.name) from None
    if _LINE in (name.lower() for name in schema.names):
        raise InputError(f"no column may be named {_LINE}", where=source.name)
    return schema


def _unreadable(file_name: str) -> InputError:
    return InputError("the file cannot be read as Parquet", allowed="an undamaged Parquet file", where=file_name)


def _refuse_type(kind: Kind, field: pa.Field, file_name: str) -> None:
    type_ = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if _is_text(type_) or pa.types.is_null(type_) or pa.types.is_integer(type_):
        return
    is_time = pa.types.is_date(type_) or (pa.types.is_timestamp(type_) and type_.tz is None)
    is_number = pa.types.is_floating(type_) or pa.types.is_decimal(type_) or pa.types.is_boolean(type_)
    if is_time or (is_number and kind not in (Kind.ID, Kind.CODE)):
        return
    raise InputError(
        f"the column {field.name} has a type that its values cannot be taken from exactly",
        got=str(field.type),
        allowed="text, or a whole number"
        if kind in (Kind.ID, Kind.CODE)
        else "text, number, date, or timestamp of local time without a zone",
        where=file_name,
    )


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def _text(field: pa.Field) -> str:
    column = '"' + field.name.replace('"', '""') + '"'
    # 15 significant digits, as a spreadsheet shows them: 0.1 + 0.2 was meant as 0.3.
    return f"format('{{:.15g}}', {column})" if pa.types.is_float64(field.type) else f"cast({column} as varchar)"
