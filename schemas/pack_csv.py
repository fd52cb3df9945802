"""Reads one CSV of a policy pack into typed rows; every fault names file, line and column, and what is allowed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

from schemas.errors import PackError
from schemas.table import Column, Kind, Table

Row: TypeAlias = dict[str, Any]
"""A typed row by column name: every declared column is there, None where the cell is empty."""

_SPOILT_NUMBER = re.compile(r"\d+(\.\d+)?[eE]\+\d+")
_DAY = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})")
_TRUE, _FALSE = ("1", "true"), ("0", "false")


@dataclass(frozen=True)
class Line:
    """A row and the physical line of the file on which it starts, 1 = header."""

    number: int
    row: Row


def decode(path: Path) -> str:
    """Text of a pack file: UTF-8 (a byte order mark is tolerated), else GB18030 as Excel in Chinese saves it.

    Raises:
        PackError: a byte fits neither; the offset says where.
    """
    raw = path.read_bytes()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        offset = fault.start
    try:
        return raw.decode("gb18030").lstrip("\ufeff")
    except UnicodeDecodeError as fault:
        raise PackError(
            "a pack file is not text",
            got=f"a byte that no allowed encoding has, at offset {max(offset, fault.start)}",
            allowed="UTF-8 or GB18030 (in Excel: save as CSV UTF-8)",
            where=str(path),
        ) from None


def read_table(path: Path, table: Table) -> tuple[Line, ...]:
    """Typed rows of a pack CSV in file order; empty lines are passed over.

    Args:
        path: the CSV file; its header holds the table's required columns and any of the others, in any order.
        table: the declaration that the file must keep.

    Raises:
        PackError: an unknown, missing or repeated column, a bad value, a repeated key, or overlapping periods.
    """
    records = _records(path)
    header_line, header = next(records, (1, []))
    names = [name.strip() for name in header]
    while names and not names[-1]:
        names.pop()
    _check_header(path, header_line, names, table)
    lines = tuple(
        Line(number, _typed(path, number, names, cells, table))
        for number, cells in records
        if any(cell.strip() for cell in cells)
    )
    _check_periods(path, table, lines)
    return lines


def _records(path: Path) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(decode(path), newline=""), strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as fault:
            raise PackError(
                "a line is not CSV",
                got=str(fault),
                allowed="comma-separated cells, quotes doubled inside quotes",
                where=f"{path} line {start}",
            ) from None
        yield start, cells


def _check_header(path: Path, number: int, names: Sequence[str], table: Table) -> None:
    where = f"{path} line {number}"
    unknown = [name for name in names if name not in table.column_names]
    if unknown:
        raise PackError("unknown column", got=", ".join(unknown), allowed=", ".join(table.column_names), where=where)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise PackError("a column stands twice", got=", ".join(repeated), allowed="each once", where=where)
    missing = [name for name in table.required_columns if name not in names]
    if missing:
        raise PackError(
            f"missing column {', '.join(missing)}",
            got=", ".join(names) or "no header",
            allowed=f"a header with {', '.join(table.required_columns)}",
            where=where,
        )


def _typed(path: Path, number: int, names: Sequence[str], cells: Sequence[str], table: Table) -> Row:
    if any(cell.strip() for cell in cells[len(names) :]):
        raise PackError(
            "a line has more cells than the header",
            got=f"{len(cells)} cells",
            allowed=f"{len(names)} cells; quote a cell that holds a comma",
            where=f"{path} line {number}",
        )
    given = dict(zip(names, cells, strict=False))
    row = {column.name: _value(path, number, column, given.get(column.name, "").strip()) for column in table.columns}
    for column in table.columns:
        if row[column.name] is None and column.stands_in is not None:
            row[column.name] = row[column.stands_in]
    return row


def _value(path: Path, number: int, column: Column, text: str) -> object:
    where = f"{path} line {number}, column {column.name}"
    if not text:
        if column.required:
            raise PackError("an empty cell in a required column", got="nothing", allowed=_allowed(column), where=where)
        return None
    try:
        value = _PARSERS[column.kind](text, column)
    except (ValueError, InvalidOperation):
        raise PackError(
            f"not a valid {column.kind.value}", got="a cell that does not fit", allowed=_allowed(column), where=where
        ) from None
    if column.minimum is not None and isinstance(value, int | float | Decimal) and value < column.minimum:
        raise PackError("a number is too small", got="a cell below it", allowed=_allowed(column), where=where)
    return value


def _allowed(column: Column) -> str:
    words = {
        Kind.CHOICE: ", ".join(column.choices),
        Kind.FLAG: "0 or 1",
        Kind.INTEGER: "a whole number",
        Kind.MEASURE: "a number",
        Kind.QUANTITY: "a number with at most 4 decimals",
        Kind.MONEY: "a number with at most 2 decimals",
        Kind.DATE: "YYYY-MM-DD",
        Kind.CODE: "text (format the column as text before saving)",
    }.get(column.kind, "text")
    bound = "" if column.minimum is None else f" of at least {column.minimum}"
    return f"{words}{bound}" + (f", in {column.unit}" if column.unit else "")


def _text(text: str, column: Column) -> str:
    if column.kind in (Kind.ID, Kind.CODE) and _SPOILT_NUMBER.fullmatch(text):
        raise ValueError(column.name)
    return text


def _choice(text: str, column: Column) -> str:
    if text not in column.choices:
        raise ValueError(column.name)
    return text


def _flag(text: str, column: Column) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError(column.name)
    return text.lower() in _TRUE


def _integer(text: str, column: Column) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", text):
        raise ValueError(column.name)
    return int(text)


def _measure(text: str, column: Column) -> float:
    if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", text):
        raise ValueError(column.name)
    return float(text)


def _decimal(text: str, column: Column) -> Decimal:
    places = 2 if column.kind is Kind.MONEY else 4
    if not re.fullmatch(rf"[+-]?[0-9]{{1,{18 - places}}}(\.[0-9]{{1,{places}}})?", text):
        raise ValueError(column.name)
    return Decimal(text).quantize(Decimal(1).scaleb(-places))


def _date(text: str, column: Column) -> date:
    match = _DAY.fullmatch(text)
    if match is None:
        raise ValueError(column.name)
    return date(int(match[1]), int(match[3]), int(match[4]))


_PARSERS: dict[Kind, Callable[[str, Column], object]] = {
    Kind.ID: _text,
    Kind.CODE: _text,
    Kind.TEXT: _text,
    Kind.CHOICE: _choice,
    Kind.FLAG: _flag,
    Kind.INTEGER: _integer,
    Kind.MEASURE: _measure,
    Kind.QUANTITY: _decimal,
    Kind.MONEY: _decimal,
    Kind.DATE: _date,
}


def key_of(table: Table, row: Row) -> tuple[str, ...]:
    """The row's key as text, empty where a key column is null: what overlays replace and sorting goes by."""
    return tuple("" if row[name] is None else str(row[name]) for name in table.key)


def _check_periods(path: Path, table: Table, lines: Sequence[Line]) -> None:
    by_key: dict[tuple[str, ...], list[Line]] = {}
    for line in lines:
        where = f"{path} line {line.number}, column valid_to"
        first, last = _period(line.row)
        if last <= first:
            raise PackError(
                "a validity period ends before it begins",
                got="valid_to not after valid_from",
                allowed="valid_to is the first day on which the row no longer holds",
                where=where,
            )
        by_key.setdefault(key_of(table, line.row), []).append(line)
    for same in by_key.values():
        _check_apart(path, table, sorted(same, key=lambda line: (_period(line.row), line.number)))


def _check_apart(path: Path, table: Table, same: Sequence[Line]) -> None:
    for earlier, later in pairwise(same):
        if _period(later.row)[0] >= _period(earlier.row)[1]:
            continue
        numbers = sorted((earlier.number, later.number))
        alike = _period(earlier.row) == _period(later.row)
        raise PackError(
            "a key stands twice" if alike else "validity periods of one key overlap",
            got=f"lines {numbers[0]} and {numbers[1]}",
            allowed=f"one row at a time for each {', '.join(table.key)}",
            where=f"{path} line {numbers[1]}, column {', '.join(table.key)}",
        )


def _period(row: Row) -> tuple[date, date]:
    return row["valid_from"] or date.min, row["valid_to"] or date.max
