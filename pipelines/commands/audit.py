"""``demo``, ``run``, ``detect``, ``publish``, ``schedule``, ``verify``: the audit and its stages."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.options import (
    DEFAULT_WORKSPACE,
    AsOfOption,
    CatalogueSchemaOption,
    CompleteOption,
    DirectOption,
    EngineOption,
    ExtractOption,
    FromOption,
    FullOption,
    InstitutionOption,
    JsonOption,
    KeyOption,
    MasterOption,
    MemoryOption,
    NoVaultOption,
    OnlyOption,
    PackOption,
    ProfileOption,
    SetOption,
    SparkConfOption,
    SparkFolderOption,
    SweepOption,
    ThreadsOption,
    ToOption,
    VaultOption,
    VerdictsOption,
    WorkspaceOption,
    settings_of,
)
from pipelines.console import progressing, say, show, show_json
from schemas.errors import NOT_ALL_RUNNABLE, OK, UsageError

if TYPE_CHECKING:
    from pipelines.settings import RunSettings


def register(app: typer.Typer) -> None:
    """Add the commands to the app."""
    for command in (demo, run, detect, publish, schedule, verify):
        app.command()(command)


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
    complete: CompleteOption = None,
    sweep: SweepOption = None,
    full: FullOption = False,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
    spark_folder: SparkFolderOption = None,
    spark_conf: SparkConfOption = None,
    verdicts: VerdictsOption = None,
    direct: DirectOption = False,
    json: JsonOption = False,
) -> int:
    """Ingest → gate → prepare → detect → rank → publish, as a Prefect flow."""
    settings = settings_of(
        workspace, extract, profile, as_of, from_, to, institution, pack, set_, only, threads, memory_limit,
        key_file, vault, no_vault, complete, sweep, full, engine, master, spark_folder, spark_conf,
        verdicts=verdicts,
    )  # fmt: skip
    return _audit(settings, direct, json)


def _audit(settings: RunSettings, direct: bool, as_json: bool) -> int:
    from pipelines import steps

    # What is wrong with the request is said at once, not after a server has been started to say it.
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


def _let_prefect_send_nothing() -> None:
    """No analytics, for the server that Prefect starts beside the flow too."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")


def _run_flow(settings: RunSettings, command: tuple[str, ...], step: Callable[[str], None]) -> Path:
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    # A busy machine may need longer than Prefect's twenty seconds to start its server.
    os.environ.setdefault("PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS", "180")
    _let_prefect_send_nothing()
    step("starting Prefect")
    from pipelines.flows.audit import audit
    from pipelines.flows.telling import progress

    progress.set(step)
    return Path(audit(settings.model_dump(mode="json"), list(command)))


def _tell(folder: Path, as_json: bool) -> int:
    from pipelines.incremental.telling import judging_in, told
    from pipelines.run_folder import read_rows
    from pipelines.steps import detector_rows

    rows, judging = detector_rows(folder), judging_in(folder)
    not_runnable = [row for row in rows if row["status"] == "not_runnable"]
    report = folder / "report" / "index.html"
    if as_json:
        leads = read_rows(folder / "leads.parquet").height
        show_json(
            {
                "run_id": folder.name,
                "run": str(folder),
                "report": str(report),
                "leads": leads,
                "detectors": rows,
                "judging": judging.model_dump(mode="json"),
            }
        )
    else:
        say(f"  {told(judging)}")
        for row in rows:
            say(
                f"  {row['detector_id']}: {row['status']}; {row['hits']} of {row['examined']} examined, "
                f"{row['exempt']} exempt" + (f"; {row['reason']}" if row["reason"] else "")
            )
        show(str(report))
    if not_runnable:
        say(f"published, but {len(not_runnable)} detectors were not runnable")
    return NOT_ALL_RUNNABLE if not_runnable else OK


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
    sweep: SweepOption = None,
    full: FullOption = False,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
    spark_folder: SparkFolderOption = None,
    spark_conf: SparkConfOption = None,
    catalogue_schema: CatalogueSchemaOption = None,
    verdicts: VerdictsOption = None,
) -> int:
    """Gate, prepare, detect and rank the warehouse as it stands; `publish` makes the result visible."""
    from pipelines.direct import detect_directly

    settings = settings_of(
        workspace, None, "canonical", as_of, from_, to, institution, pack, set_, only, threads, memory_limit,
        sweep=sweep, full=full, engine=engine, master=master, spark_folder=spark_folder, spark_conf=spark_conf,
        catalogue_schema=catalogue_schema, verdicts=verdicts,
    )  # fmt: skip
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

    settings = settings_of(
        workspace, extract, profile, None, None, None, None, pack, set_, only, None, None, key_file, vault, no_vault
    )
    steps.check_request(settings)
    _let_prefect_send_nothing()
    from pipelines.flows.server import scheduling_server

    with scheduling_server() as address:
        from pipelines.flows.audit import check_cron, serve

        check_cron(cron)
        say(f"serving {name} at {cron}; the schedule's API is {address}")
        serve(settings, cron, name)
    return OK


def verify(
    run_id: Annotated[str | None, typer.Argument(metavar="RUN", help="A published run; the newest by default.")] = None,
    workspace: WorkspaceOption = DEFAULT_WORKSPACE,
    extract: Annotated[
        list[Path] | None,
        typer.Option("--extract", help="Start from the run's extracts instead of the warehouse; repeat, oldest first."),
    ] = None,
    profile: Annotated[
        str | None, typer.Option("--profile", help="How the extracts are written; the run's own by default.")
    ] = None,
) -> int:
    """Make the run again in a clean workspace, compare findings, leads and pages; exit 4 names the first difference."""
    from pipelines.verification import verify_run

    with progressing("verify") as (step, _):
        manifest = verify_run(workspace, run_id, tuple(extract or ()), profile, progress=step)
    show(f"{manifest.run_id}: findings, leads and pages are what the manifest says")
    return OK
