"""``catalogue suggest / accept``: proposals that map local items and departments, for an analyst to check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import DEFAULT_WORKSPACE, WorkspaceOption
from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, InputError

if TYPE_CHECKING:
    from detectors.engines.duckdb import DuckDBEngine

app = typer.Typer(help="Mapping of local items and departments to a policy pack.", no_args_is_help=True)

PackOption = Annotated[str, typer.Option("--pack", help="Policy pack: a name or a folder.")]
OutOption = Annotated[Path | None, typer.Option("--out", help="CSV file to write; without it nothing is written.")]
AcceptOption = Annotated[
    float | None,
    typer.Option(
        "--accept-above",
        min=0,
        max=1,
        help="Write rows of at least this confidence, ready for use; the rest to a file …_to_review.csv beside it.",
    ),
]
DepartmentsOption = Annotated[bool, typer.Option("--departments", help="Departments instead of items.")]
OverwriteOption = Annotated[bool, typer.Option("--overwrite", help="Write over files that are there.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the proposals as JSON.")]


@app.callback()
def root() -> None:
    """Mapping of local items and departments to a policy pack."""


@app.command("suggest")
def suggest(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    pack: PackOption = "cn-national",
    out: OutOption = None,
    accept_above: AcceptOption = None,
    departments: DepartmentsOption = False,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> int:
    """Propose, by name, the pack's item for each local item (or the national department for each local one)."""
    from pipelines.suggest.sheets import department_sheet, item_sheet

    with _warehouse(workspace) as engine:
        sheet = department_sheet(engine) if departments else item_sheet(engine, pack)
    accepted, rest = sheet.split(accept_above)
    written = [] if out is None else sheet.write(out, accept_above, overwrite)
    if json:
        show_json([{**row, "accepted": True} for row in accepted] + [{**row, "accepted": False} for row in rest])
    else:
        for title, rows in (("accepted", accepted), ("to look at", rest)):
            show_table(f"{len(rows)} {title}", sheet.shown, [[row[column] for column in sheet.shown] for row in rows])
    for path in written:
        say(f"wrote {path}")
    say(f"{len(accepted)} accepted, {len(rest)} to look at")
    return OK


@app.command("accept")
def accept(
    sheets: Annotated[list[Path], typer.Argument(metavar="SHEET...", help="Worksheets with 1 under accept, or maps.")],
    out: Annotated[Path, typer.Option("--out", help="The item_map.csv to write.")],
    pack: PackOption = "cn-national",
    overwrite: OverwriteOption = False,
) -> int:
    """Make an item_map.csv of the rows that an analyst accepted, checked against the pack."""
    from pipelines.suggest.accept import accept_sheets
    from schemas.pack import load_pack

    count = accept_sheets(sheets, load_pack(pack), out, overwrite)
    show(str(out))
    say(f"{count} rows; put the file into the folder of an overlay pack")
    return OK


@contextmanager
def _warehouse(workspace: Path) -> Iterator[DuckDBEngine]:
    from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
    from pipelines.workspace import Workspace

    path = Workspace(workspace).warehouse
    if not path.is_file():
        raise InputError(
            "there is no warehouse in this workspace", allowed="fill one with `exam-audit ingest`", where=str(workspace)
        )
    connection = open_warehouse(path)
    try:
        create_tables(connection)
        yield DuckDBEngine(connection)
    finally:
        connection.close()
