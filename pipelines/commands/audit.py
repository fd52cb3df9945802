"""``demo``, ``run``, ``ingest``, ``detect``, ``publish``, ``schedule``, ``verify``: the audit and its stages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.console import progressing, say, show, show_json
from schemas.errors import NOT_ALL_RUNNABLE, OK, UsageError

if TYPE_CHECKING:
    from pipelines.settings import RunSettings

DEFAULT_WORKSPACE = Path("workspace")

WorkspaceOption = Annotated[Path, typer.Option("--workspace", help="Folder of the warehouse and the runs.")]
ExtractOption = Annotated[Path, typer.Option("--extract", help="Folder of the extract's files.")]
ProfileOption = Annotated[str, typer.Option("--profile", help="How the extract is written.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", help="Last day that exists, YYYY-MM-DD.")]
FromOption = Annotated[str | None, typer.Option("--from", help="First day of flagged events, YYYY-MM-DD.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Last day of flagged events, YYYY-MM-DD.")]
InstitutionOption = Annotated[list[str] | None, typer.Option("--institution", help="Only this one; may be repeated.")]
PackOption = Annotated[str, typer.Option("--pack", help="Policy pack: a name or a folder.")]
SetOption = Annotated[list[str] | None, typer.Option("--set", help="DETECTOR.PARAM=VALUE; may be repeated.")]
OnlyOption = Annotated[list[str] | None, typer.Option("--only", help="Detector id or glob; may be repeated.")]
ThreadsOption = Annotated[int | None, typer.Option("--threads", min=1, help="DuckDB threads.")]
MemoryOption = Annotated[str | None, typer.Option("--memory-limit", help="DuckDB memory, such as 8GB.")]
DirectOption = Annotated[bool, typer.Option("--direct", help="Call the steps plainly, without Prefect.")]
KeyOption = Annotated[
    Path | None,
    typer.Option("--key-file", help="Pseudonym key, 32 or more random bytes, mode 0600; default: your own, made once."),
]
VaultOption = Annotated[
    Path | None, typer.Option("--vault", help="Encrypted file that leads pseudonyms back to ids; default: your own.")
]
NoVaultOption = Annotated[bool, typer.Option("--no-vault", help="Keep no way back from pseudonyms to ids.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (demo, run, ingest, detect, publish, schedule, verify):
        app.command()(command)


def _settings(
    workspace: Path,
    extract: Path | None,
    profile: str,
    as_of: str | None,
    from_: str | None,
    to: str | None,
    institution: list[str] | None,
    pack: str,
    set_: list[str] | None,
    only: list[str] | None,
    threads: int | None,
    memory_limit: str | None,
    key_file: Path | None = None,
    vault: Path | None = None,
    no_vault: bool = False,
) -> RunSettings:
    from pipelines.settings import RunSettings, parse_date

    return RunSettings(
        workspace=workspace,
        extract=extract,
        profile=profile,
        as_of=parse_date(as_of, "--as-of") if as_of is not None else None,
        window_from=parse_date(from_, "--from") if from_ is not None else None,
        window_to=parse_date(to, "--to") if to is not None else None,
        institutions=tuple(institution or ()),
        pack=pack,
        assignments=tuple(set_ or ()),
        only=tuple(only or ()),
        threads=threads,
        memory_limit=memory_limit,
        key_file=key_file,
        vault=vault,
        keep_vault=not no_vault,
    ).checked()


def demo(workspace: WorkspaceOption = DEFAULT_WORKSPACE, direct: DirectOption = False, json: JsonOption = False) -> int:
    """The main job on data_samples/, end to end, into ./workspace; prints where to look."""
    from pipelines.ingest.pseudonym_key import PUBLISHED_KEY
    from pipelines.settings import RunSettings

    extract = Path(__file__).resolve().parents[2] / "data_samples" / "extract"
    if not extract.is_dir():
        raise UsageError("the sample extract is not here", allowed="a checkout of the repository", where=str(extract))
    settings = RunSettings(
        workspace=workspace, extract=extract, pack="sample", key_file=PUBLISHED_KEY, keep_vault=False
    )
    code = _audit(settings, direct, json)
    if not json:
        say("open the report above in a browser; it works without a network")
    return code


def run(
    extract: ExtractOption,
    profile: ProfileOption,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_of: AsOfOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    institution: InstitutionOption = None,
    pack: PackOption = "cn-national",
    set_: SetOption = None,
    only: OnlyOption = None,
    threads: ThreadsOption = None,
    memory_limit: MemoryOption = None,
    key_file: KeyOption = None,
    vault: VaultOption = None,
    no_vault: NoVaultOption = False,
    direct: DirectOption = False,
    json: JsonOption = False,
) -> int:
    """Ingest → gate → prepare → detect → rank → publish, as a Prefect flow."""
    settings = _settings(
        workspace, extract, profile, as_of, from_, to, institution, pack, set_, only, threads, memory_limit,
        key_file, vault, no_vault,
    )  # fmt: skip
    return _audit(settings, direct, json)


def _audit(settings: RunSettings, direct: bool, as_json: bool) -> int:
    from pipelines import steps

    steps.check_request(settings)
    command = tuple(sys.argv[1:])
    with progressing("audit") as (step, count):
        folder = _run_directly(settings, command, step, count) if direct else _run_flow(settings, command, step)
    return _tell(folder, as_json)


def _run_directly(
    settings: RunSettings, command: tuple[str, ...], step: Callable[[str], None], count: Callable[[int, int], None]
) -> Path:
    from pipelines.direct import audit_directly

    return audit_directly(settings, command, progress=step, on_lead=count)


def _run_flow(settings: RunSettings, command: tuple[str, ...], step: Callable[[str], None]) -> Path:
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    step("starting Prefect")
    from pipelines.flows.audit import audit, progress

    progress.set(step)
    return audit(settings, command)


def _tell(folder: Path, as_json: bool) -> int:
    from pipelines.run_folder import read_rows
    from pipelines.steps import detector_rows

    rows = detector_rows(folder)
    not_runnable = [row for row in rows if row["status"] == "not_runnable"]
    report = folder / "report" / "index.html"
    if as_json:
        leads = read_rows(folder / "leads.parquet").height
        show_json({"run_id": folder.name, "run": str(folder), "report": str(report), "leads": leads, "detectors": rows})
    else:
        for row in rows:
            say(
                f"  {row['detector_id']}: {row['status']}; {row['hits']} of {row['examined']} examined, "
                f"{row['exempt']} exempt" + (f"; {row['reason']}" if row["reason"] else "")
            )
        show(str(report))
    if not_runnable:
        say(f"published, but {len(not_runnable)} detectors were not runnable")
    return NOT_ALL_RUNNABLE if not_runnable else OK


def ingest(
    extract: ExtractOption,
    profile: ProfileOption,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    key_file: KeyOption = None,
    vault: VaultOption = None,
    no_vault: NoVaultOption = False,
    json: JsonOption = False,
) -> int:
    """Take an extract in and account for every row; judge nothing."""
    from pipelines import steps
    from pipelines.settings import RunSettings
    from pipelines.workspace import Workspace

    settings = RunSettings(
        workspace=workspace,
        extract=extract,
        profile=profile,
        key_file=key_file,
        vault=vault,
        keep_vault=not no_vault,
    )
    with Workspace(workspace).locked(), progressing("ingest") as (step, _):
        outcome = steps.take_in(settings, step)
    if json:
        show_json(
            {"batch_id": outcome.batch_id, "is_new": outcome.is_new, "files": [f.model_dump() for f in outcome.files]}
        )
        return OK
    for file in outcome.files:
        show(
            f"{file.source_file}: {file.rows_in} rows in = {file.accepted} accepted + {file.quarantined} quarantined "
            f"+ {file.duplicate} duplicate + {file.superseded} superseded"
        )
    say(f"batch {outcome.batch_id}" + ("" if outcome.is_new else " was already there; nothing changed"))
    return OK


def detect(
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    as_of: AsOfOption = None,
    from_: FromOption = None,
    to: ToOption = None,
    institution: InstitutionOption = None,
    pack: PackOption = "cn-national",
    set_: SetOption = None,
    only: OnlyOption = None,
    threads: ThreadsOption = None,
    memory_limit: MemoryOption = None,
) -> int:
    """Gate, prepare, detect and rank the warehouse as it stands; `publish` makes the result visible."""
    from pipelines.direct import detect_directly

    settings = _settings(
        workspace, None, "canonical", as_of, from_, to, institution, pack, set_, only, threads, memory_limit
    )
    with progressing("detect") as (step, _):
        staged = detect_directly(settings, progress=step)
    show(staged.run_id)
    return OK


def publish(workspace: WorkspaceOption = DEFAULT_WORKSPACE, json: JsonOption = False) -> int:
    """Render and publish what `detect` left staged."""
    from pipelines.direct import publish_directly

    with progressing("publish") as (_, count):
        folder = publish_directly(workspace, tuple(sys.argv[1:]), on_lead=count)
    return _tell(folder, json)


def schedule(
    cron: Annotated[str, typer.Option("--cron", help='When, as cron has it: "0 2 * * *" is two at night.')],
    extract: ExtractOption,
    profile: ProfileOption,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    pack: PackOption = "cn-national",
    set_: SetOption = None,
    only: OnlyOption = None,
    key_file: KeyOption = None,
    vault: VaultOption = None,
    no_vault: NoVaultOption = False,
    name: Annotated[str, typer.Option("--name", help="Name of the deployment.")] = "nightly",
) -> int:
    """Serve the flow on a schedule with Prefect, until interrupted."""
    from pipelines import steps

    settings = _settings(
        workspace, extract, profile, None, None, None, None, pack, set_, only, None, None, key_file, vault, no_vault
    )
    steps.check_request(settings)
    from pipelines.flows.audit import check_cron, serve

    check_cron(cron)
    serve(settings, cron, name)
    return OK


def verify(
    run_id: Annotated[str | None, typer.Argument(metavar="RUN", help="A published run; the newest by default.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
) -> int:
    """Run again from the manifest and compare hashes; exit 4 where they differ."""
    from pipelines.direct import verify_directly

    with progressing("verify") as (step, _):
        manifest = verify_directly(workspace, run_id, progress=step)
    show(f"{manifest.run_id}: findings and leads are what the manifest says")
    return OK
