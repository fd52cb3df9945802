"""The two worksheets: items to item_map.csv, departments to department.csv."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from detectors.engines.duckdb import DuckDBEngine
from pipelines.suggest.candidates import candidates_of
from pipelines.suggest.departments import propose_departments
from pipelines.suggest.files import check_free, review_path, write_sheet
from pipelines.suggest.item_rows import ITEM_MAP_COLUMNS, ODD_CODE, WORKSHEET, is_odd, propose_items, worksheet_row
from pipelines.suggest.local_items import unmapped_items
from pipelines.suggest.propose import Proposer
from schemas.pack import load_pack

Row = dict[str, Any]

DEPARTMENT_QUESTION = (Path(__file__).resolve().parent / "local_departments.sql").read_text(encoding="utf-8")

DEPARTMENT_COLUMNS = (
    "institution_id",
    "department_code",
    "department_name",
    "national_department_code",
    "is_icu",
    "is_emergency",
)
"""Columns of the canonical table, so that an accepted file is an extract's department.csv."""

DEPARTMENT_WORKSHEET = (
    *DEPARTMENT_COLUMNS[:4],
    "national_department_name",
    "confidence",
    "runner_up_national_department_code",
    "runner_up_national_department_name",
    "runner_up_confidence",
    "rows",
    "note",
    *DEPARTMENT_COLUMNS[4:],
)

NO_DEPARTMENT = "no national department fits the code or the name"


@dataclass(frozen=True)
class Sheet:
    """Proposals, one row each.

    Attributes:
        columns: of the worksheet that an analyst edits.
        clean_columns: of the file that is used as it is.
        shown: columns of the table on a terminal.
        rows: every proposal; ``note`` is empty where nothing but confidence decides.
    """

    columns: tuple[str, ...]
    clean_columns: tuple[str, ...]
    shown: tuple[str, ...]
    rows: tuple[Row, ...]

    def split(self, accept_above: float | None) -> tuple[list[Row], list[Row]]:
        """Rows that may be used as they are, and rows to look at; all are to be looked at without a limit."""

        def is_sure(row: Row) -> bool:
            return accept_above is not None and not row["note"] and row["confidence"] >= accept_above

        return [row for row in self.rows if is_sure(row)], [row for row in self.rows if not is_sure(row)]

    def write(self, out: Path, accept_above: float | None, overwrite: bool) -> list[Path]:
        """Write the worksheet, or what was accepted and, beside it, the worksheet of the rest.

        Raises:
            UsageError: a file is there and ``overwrite`` is not given, or the folder is not there.
        """
        accepted, rest = self.split(accept_above)
        plan: list[tuple[Path, tuple[str, ...], list[Row]]] = [(out, self.columns, rest)]
        if accept_above is not None:
            plan = [(out, self.clean_columns, accepted), (review_path(out), self.columns, rest)]
        check_free([path for path, _columns, _rows in plan], overwrite)
        for path, columns, rows in plan:
            write_sheet(path, columns, rows)
        return [path for path, _columns, _rows in plan]


def item_sheet(engine: DuckDBEngine, pack_name: str) -> Sheet:
    """Proposals for the local items that a pack neither lists nor maps, by code.

    Raises:
        PackError: there is no such pack, or it is faulty.
    """
    pack = load_pack(pack_name)
    items = unmapped_items(engine, pack)
    source = f"proposed from the name, pack {pack.name} {pack.version}"
    proposals = propose_items(Proposer(candidates_of(pack)), items)
    return Sheet(
        columns=WORKSHEET,
        clean_columns=ITEM_MAP_COLUMNS,
        shown=("local_item_code", "local_item_name", "item_code", "item_name", "confidence", "rows", "note"),
        rows=tuple(worksheet_row(one, source) for one in proposals),
    )


def department_sheet(engine: DuckDBEngine) -> Sheet:
    """Proposals for departments without a national code, by institution and code."""
    return Sheet(
        columns=DEPARTMENT_WORKSHEET,
        clean_columns=DEPARTMENT_COLUMNS,
        shown=(
            "institution_id",
            "department_code",
            "department_name",
            "national_department_code",
            "national_department_name",
            "confidence",
            "rows",
            "note",
        ),
        rows=tuple(_department_row(row) for row in engine.answer(DEPARTMENT_QUESTION, {}).to_pylist()),
    )


def _department_row(local: Row) -> Row:
    row: Row = dict.fromkeys(DEPARTMENT_WORKSHEET)
    row |= {column: local[column] for column in DEPARTMENT_COLUMNS if column in local}
    row |= {"rows": local["rows_seen"], "note": ODD_CODE if is_odd(local["department_code"]) else ""}
    proposal = propose_departments(local["department_code"], local["department_name"])
    for prefix, (department, confidence) in zip(("", "runner_up_"), proposal.departments, strict=False):
        row[f"{prefix}national_department_code"] = department.code
        row[f"{prefix}national_department_name"] = department.name
        row[f"{prefix}confidence"] = confidence
    return row if proposal.departments else row | {"note": NO_DEPARTMENT}
