"""CSV files: a quick reading where every line is one record, else a careful one that finds lines and faults."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.ingest.decoding import Decoded, decode_file
from pipelines.ingest.header import Header, match_header
from pipelines.ingest.records import read_records, split_fields, write_records
from pipelines.ingest.scratch import quoted, readable_path
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import Reading
from schemas.errors import InputError
from schemas.tables import TABLES


def read_csv(source: Source, scratch: Path) -> Iterator[Reading]:
    """Readings of a comma-separated file, the quick one first.

    Raises:
        InputError: the file cannot be decoded, has no header, or a required column is missing.
    """
    decoded = decode_file(source.path, scratch)
    header_line, names = _header_names(decoded.path, source.name)
    if len(names) == 1 and any(mark in names[0] for mark in "\t;|\x01"):
        raise InputError(
            "the file's columns are not separated by commas",
            got="a header of one column with another separator in it",
            allowed="comma-separated values",
            where=f"{source.name}, line {header_line}",
        )
    header = match_header(TABLES[source.table_name], names, source.name)
    return _readings(decoded, header, header_line, scratch)


def _readings(decoded: Decoded, header: Header, header_line: int, scratch: Path) -> Iterator[Reading]:
    # Lines equal to records means that no record spans lines and none is blank, so line numbers can be counted off.
    # A file of one column is left to the careful reading: there a blank line and an empty value look the same.
    if header_line == 1 and header.width > 1:
        yield Reading(
            header,
            relation=_relation(readable_path(decoded.path, scratch), [f"f{at}" for at in range(header.width)], True),
            original_text=lambda rows: _original_text(decoded.path, rows),
            has_odd_blanks=decoded.has_odd_blanks,
            row_count=decoded.line_count - 1,
        )
    plain = scratch / f"records_{len(list(scratch.iterdir()))}.csv"
    count = write_records(read_records(decoded.path, header.width, header_line), header.width, plain)
    own = ["line", "line_count", "fault"]
    yield Reading(
        header,
        relation=_relation(str(plain), [*own, *(f"f{at}" for at in range(header.width))], False),
        original_text=lambda rows: _original_text(decoded.path, rows),
        source_row="line",
        line_count="line_count",
        structure_fault="fault",
        row_count=count,
    )


def _relation(path: str, columns: list[str], has_header: bool) -> str:
    types = ", ".join(f"'{column}': 'VARCHAR'" for column in columns)
    return (
        f"read_csv({quoted(path)}, auto_detect = false, columns = {{{types}}}, header = {str(has_header).lower()}, "
        "delim = ',', quote = '\"', escape = '\"', strict_mode = true, compression = 'none', hive_partitioning = false)"
    )


def _header_names(path: Path, file_name: str) -> tuple[int, tuple[str, ...]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                names = split_fields(line)
                if names is None:
                    raise InputError(
                        "the header's quotation marks are not in order",
                        allowed="column names on one line",
                        where=f"{file_name}, line {number}",
                    )
                return number, names
    raise InputError(
        "the file is empty", got="blank lines only", allowed="a header and rows, or a header alone", where=file_name
    )


def _original_text(path: Path, rows: Iterator[tuple[int, int]]) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = enumerate(stream, start=1)
        for first, count in rows:
            wanted = (line for number, line in lines if number >= first)
            # The count comes first in zip, else it would take one line too many from the stream.
            yield "".join(line for _, line in zip(range(count), wanted, strict=False)).rstrip("\r\n")
