"""``leads list / export``: what a run found, read from its published files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.options import DEFAULT_WORKSPACE, JsonOption, WorkspaceOption
from pipelines.console import say, show, show_json, show_table
from schemas.errors import OK, UsageError

app = typer.Typer(help="Ranked leads of a published run.", no_args_is_help=True)

RunOption = Annotated[str | None, typer.Option("--run", help="A published run; the newest by default.")]
FORMATS = ("xlsx", "csv", "json", "parquet", "nhsa")
LISTED = [
    "rank",
    "lead_id",
    "score",
    "probability",
    "grade",
    "title_zh",
    "institution_id",
    "institution_name",
    "finding_count",
    "amount_at_issue",
]
PRECISION = (
    "detector_id",
    "reviewed",
    "substantiated",
    "precision",
    "precision_low",
    "precision_high",
    "probability",
    "is_demoted",
)


@app.command("list")
def list_(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    top: Annotated[int, typer.Option("--top", min=1, help="How many.")] = 20,
    capacity: Annotated[
        int | None,
        typer.Option(
            "--capacity", min=1, help="How many can be looked at; 5 % are leads by lot, 5 % unflagged cases by lot."
        ),
    ] = None,
    max_per_institution: Annotated[
        int | None, typer.Option("--max-per-institution", min=1, help="At most as many of one institution.")
    ] = None,
    json: JsonOption = False,
) -> int:
    """The ranked leads, best first; with --capacity the list that a team can work through."""
    from detectors.leads.capacity import team_list, within_capacity
    from pipelines.ranking import drawn_of, with_institution_names
    from pipelines.run_folder import read_rows
    from pipelines.workspace import Workspace

    folder = Workspace(workspace).published(run)
    leads = read_rows(folder / "leads.parquet")
    if capacity is None:
        leads = within_capacity(leads, top, max_per_institution, folder.name, 0.0).drop("chosen_by")
    else:
        leads = team_list(leads, drawn_of(folder), capacity, max_per_institution, folder.name)
    if json:
        show_json(leads.to_dicts())
        return OK
    names = [*LISTED, "chosen_by"] if capacity is not None else LISTED
    show_table(f"{leads.height} leads", names, with_institution_names(leads, folder).select(names).rows())
    if capacity is not None and (leads["chosen_by"] == "unflagged_lot").any():
        say("unflagged_lot: drawn by lot to learn what is missed; no suspicion. 随机抽查，不构成任何怀疑。")
    return OK


@app.command("precision")
def precision(workspace: WorkspaceOption = DEFAULT_WORKSPACE, run: RunOption = None, json: JsonOption = False) -> int:
    """What reviews said of each detector by the run's verdicts: precision with its 95 % Wilson interval."""
    from json import loads

    from pipelines.workspace import Workspace

    path = Workspace(workspace).published(run) / "precision.json"
    if not path.exists():
        raise UsageError("this run tells no precision", allowed="a run of this version", where=str(path))
    records = sorted(loads(path.read_text(encoding="utf-8")), key=lambda one: (-one["reviewed"], one["detector_id"]))
    if json:
        show_json(records)
        return OK
    show_table(f"{len(records)} detectors", PRECISION, [[record[name] for name in PRECISION] for record in records])
    return OK


@app.command("export")
def export(
    out: Annotated[Path, typer.Option("--out", help="File to write.")],
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    run: RunOption = None,
    format_: Annotated[
        str | None, typer.Option("--format", help="xlsx, csv, json, parquet or nhsa; by the file's ending.")
    ] = None,
) -> int:
    """The ranked leads as XLSX, CSV, JSON, Parquet, or in the national platform's shape (nhsa).

    Some codes of nhsa are proposals to be checked against the receiving platform (reports/lists/README.md).
    """
    from pipelines.signing_key import signing_key
    from pipelines.workspace import Workspace
    from reports.lists import PROPOSED, export_leads

    chosen = (format_ or out.suffix.removeprefix(".")).lower()
    if chosen not in FORMATS:
        raise UsageError("no such format", got=chosen or "none", allowed=", ".join(FORMATS), where="--format or --out")
    place = Workspace(workspace)
    export_leads(place.published(run), chosen, out, signing_key(place) if chosen == "xlsx" else b"")
    if chosen == "nhsa":
        say(f"{', '.join(PROPOSED)} are proposals: check their codes against the receiving platform before sending")
        say("以上字段为建议值，报送前须与接收平台的字典核对；见 reports/lists/README.md")
    show(str(out))
    return OK
