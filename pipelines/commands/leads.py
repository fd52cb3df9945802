"""``leads list / export`` and ``report lead``: what a run found, read from its published files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from pipelines.console import show, show_json, show_table
from schemas.errors import OK, UsageError

app = typer.Typer(help="Ranked leads of a published run.", no_args_is_help=True)
report_app = typer.Typer(help="Pages of a published run.", no_args_is_help=True)

RunOption = Annotated[str | None, typer.Option("--run", help="A published run; the newest by default.")]
FORMATS = ("xlsx", "csv", "json")


@app.command("list")
def list_(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many.")] = 20,
    json: JsonOption = False,
) -> int:
    """The ranked leads, best first."""
    from pipelines.run_folder import read_rows
    from pipelines.workspace import Workspace

    leads = read_rows(Workspace(workspace).published(run) / "leads.parquet").head(top)
    if json:
        show_json(leads.to_dicts())
        return OK
    names = ("rank", "lead_id", "score", "grade", "title_zh", "institution_id", "finding_count", "amount_at_issue")
    show_table(f"{leads.height} leads", names, leads.select(names).rows())
    return OK


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    format_: Annotated[str | None, typer.Option("--format", help="xlsx, csv or json; by the file's ending.")] = None,
) -> int:
    """The ranked leads as XLSX, CSV or JSON."""
    from pipelines.workspace import Workspace
    from reports.lists import export_leads

    chosen = (format_ or out.suffix.removeprefix(".")).lower()
    if chosen not in FORMATS:
        raise UsageError("no such format", got=chosen or "none", allowed=", ".join(FORMATS), where="--format or --out")
    export_leads(Workspace(workspace).published(run), chosen, out)
    show(str(out))
    return OK


@report_app.command("lead")
def lead(
    lead_id: Annotated[str, typer.Argument(metavar="LEAD_ID")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    single_file: Annotated[bool, typer.Option("--single-file", help="One file with everything in it.")] = False,
) -> int:
    """Render the evidence page of one lead, also beyond the rendered top."""
    from pipelines.workspace import Workspace
    from reports.render import render_lead

    show(str(render_lead(Workspace(workspace).published(run), lead_id, single_file=single_file)))
    return OK
