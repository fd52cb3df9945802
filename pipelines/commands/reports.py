"""``report lead / bundle / refresh``: pages of a published run, one by one, packed, or fit to be shared."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.leads import RunOption
from pipelines.commands.options import DEFAULT_WORKSPACE, WorkspaceOption
from pipelines.console import say, show
from schemas.errors import OK

app = typer.Typer(help="Pages of a published run.", no_args_is_help=True)


class Redaction(StrEnum):
    """How much may leave the house."""

    NONE = "none"
    SHARED = "shared"


RedactionOption = Annotated[
    Redaction,
    typer.Option("--redaction", help="shared: persons and records masked, small numbers withheld."),
]


@app.command("lead")
def lead(
    lead_id: Annotated[str, typer.Argument(metavar="LEAD_ID")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    single_file: Annotated[bool, typer.Option("--single-file", help="One file with everything in it.")] = False,
    redaction: RedactionOption = Redaction.NONE,
    pdf: Annotated[bool, typer.Option("--pdf", help="Also print it to A4 with the Chromium that is here.")] = False,
) -> int:
    """Render the evidence page and the fact confirmation sheet of one lead, also beyond the rendered top."""
    from pipelines.workspace import Workspace
    from reports.render import print_page, render_lead, sheet_of

    folder, is_shared = Workspace(workspace).published(run), redaction is Redaction.SHARED
    page = render_lead(folder, lead_id, single_file=single_file, is_shared=is_shared)
    show(str(page))
    if pdf:
        show(str(print_page(folder, page)))
    sheet = sheet_of(folder, lead_id)
    if not (single_file or is_shared) and sheet.is_file():
        say(f"fact confirmation sheet: {print_page(folder, sheet) if pdf else sheet}")
    return OK


@app.command("bundle")
def bundle(
    out: Annotated[Path, typer.Option("--out", help="File to write: a ZIP, or with --redaction shared one page.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    redaction: RedactionOption = Redaction.NONE,
) -> int:
    """Pack the report to be handed over, or write the summary of it that may be shared with anybody."""
    from pipelines.workspace import Workspace
    from reports.sharing.drawn import write_archive, write_shared_summary

    write = write_shared_summary if redaction is Redaction.SHARED else write_archive
    show(str(write(Workspace(workspace).published(run), out)))
    return OK


@app.command("refresh")
def refresh(workspace: WorkspaceOption = DEFAULT_WORKSPACE, run: RunOption = None) -> int:
    """Draw a run's pages again with the verdicts that came in since."""
    from pipelines.redrawing import redraw
    from pipelines.workspace import Workspace

    show(str(redraw(Workspace(workspace), run, progress=say) / "report" / "index.html"))
    return OK
