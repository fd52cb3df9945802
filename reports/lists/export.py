"""The list of leads on its own: XLSX, CSV, JSON, Parquet, or the national platform's shape of an audit result."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import pyarrow as pa
import pyarrow.parquet as pq

from reports.lists.platform import platform_results
from reports.lists.rows import flat, lead_records
from reports.lists.safe_text import safe_text
from reports.lists.sheet import LEAD_COLUMNS
from reports.lists.workbook import write_sheets
from reports.run_folder import Run, read_run
from schemas.errors import UsageError
from schemas.lead import LEAD_SCHEMA

Format: TypeAlias = Literal["xlsx", "csv", "json", "parquet", "nhsa"]
"""Formats of a list; ``nhsa`` is the shape of the national platform, as JSON."""

FORMATS: tuple[str, ...] = get_args(Format)


def export_leads(run: Path, format: Format | str, out: Path, key: bytes) -> Path:
    """Writes a run's leads to a file and returns its path.

    CSV is UTF-8 with a byte-order mark (spreadsheets read it as such), one header row of column names, lists joined
    by ``"; "``, text that starts like a formula quoted. JSON is a list of objects with typed numbers and lists.
    Parquet holds the same columns, money as decimals, lists as lists. XLSX is the workbook that inspectors fill in.

    Args:
        run: the run folder.
        format: one of ``FORMATS``.
        out: the file to write; its folder must be there.
        key: the workspace's signing key, for the rows of the workbook.

    Raises:
        UsageError: an unknown format, no such folder to write to, or the run lacks one of its files.
    """
    if format not in FORMATS:
        raise UsageError("unknown format", got=str(format), allowed=", ".join(FORMATS), where="format")
    if not out.parent.is_dir():
        raise UsageError(
            "the folder of the list does not exist",
            got=str(out.parent),
            allowed="a file in a folder that is there",
            where="--out",
        )
    if out.is_dir():
        raise UsageError("the list would stand where a folder is", got=str(out), allowed="a file", where="--out")
    read = read_run(run)
    if format == "xlsx":
        return write_sheets(read, out, key)
    writers: dict[str, Callable[[Run, Path], None]] = {
        "csv": _write_csv,
        "json": _write_json,
        "parquet": _write_parquet,
        "nhsa": _write_platform,
    }
    writers[format](read, out)
    return out


def _write_json(run: Run, out: Path) -> None:
    records = [{name: _json_value(value) for name, value in record.items()} for record in lead_records(run)]
    out.write_text(json.dumps(records, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_platform(run: Run, out: Path) -> None:
    told = {"result": list(platform_results(run))}
    out.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_parquet(run: Run, out: Path) -> None:
    """The columns of leads.parquet in their types, with the names of subject and institution as texts."""
    kinds = {field.name: field.type for field in LEAD_SCHEMA}
    schema = pa.schema([(column.name, kinds.get(column.name, pa.string())) for column in LEAD_COLUMNS])
    pq.write_table(pa.Table.from_pylist(list(lead_records(run)), schema=schema), out)


def _write_csv(run: Run, out: Path) -> None:
    with out.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([column.name for column in LEAD_COLUMNS])
        writer.writerows([_csv_value(value) for value in record.values()] for record in lead_records(run))


def _csv_value(value: Any) -> str | int | float | Decimal | None:  # noqa: ANN401  # a Parquet cell
    """Text quoted where it must be, moments as ISO, numbers as they are."""
    plain = flat(value)
    if isinstance(plain, str):
        return safe_text(plain)
    return plain.isoformat(sep=" ") if isinstance(plain, datetime) else plain  # type: ignore[return-value]


def _json_value(value: Any) -> Any:  # noqa: ANN401  # a Parquet cell
    """Money as a number, moments as ISO text."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime) else value
