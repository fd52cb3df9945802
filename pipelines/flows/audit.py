"""The audit as a Prefect flow: ingest → gate → stage → prepare → ask each detector → rank → render → publish.

Tasks pass paths and ids, never frames. Only faults of the machine are retried; a wrong option or a wrong extract
would be as wrong the second time. Artifacts hold aggregates only.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from prefect import flow, task
from prefect.artifacts import (
    create_link_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.client.schemas.schedules import CronSchedule

from pipelines import steps
from pipelines.flows import telling
from pipelines.settings import RunSettings
from pipelines.staged_run import Staged
from pipelines.staged_run import stage as stage_run
from pipelines.turns import ask_each
from pipelines.workspace import Workspace
from schemas.errors import ExamAuditError, UsageError


def _is_passing(_task: object, _run: object, state: Any) -> bool:  # noqa: ANN401 - Prefect's own signature
    """Whether a second try can help: an operating-system fault may pass, one of our own errors will not."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, OSError) and not isinstance(error, ExamAuditError)


PROGRESS_KEY = "exam-audit-progress"

_TASK: dict[str, Any] = {
    "retries": 2,
    "retry_delay_seconds": 2,
    "retry_condition_fn": _is_passing,
    "persist_result": False,
    "cache_result_in_memory": True,
}


@task(name="ingest", **_TASK)
def ingest(settings: RunSettings) -> str:
    """Take the extract in; returns the batch_id."""
    return steps.take_in(settings).batch_id


@task(name="gate", **_TASK)
def gate(settings: RunSettings) -> Any:  # noqa: ANN401 - a Prefect future's value
    """Judge the warehouse with Great Expectations."""
    return steps.check_quality(settings)


@task(name="stage", **_TASK)
def stage(settings: RunSettings, report: Any) -> Staged:  # noqa: ANN401 - a Prefect future's value
    """Fix the run's identity and open its staging folder."""
    return stage_run(settings, report)


@task(name="prepare", **_TASK)
def prepare(staged: Staged) -> dict[str, int]:
    """Build the prepared tables."""
    return steps.prepare_tables(staged)


@task(name="detect", task_run_name="detect {detector_id}", **_TASK)
def detect(staged: Staged, detector_id: str) -> dict[str, object]:
    """Ask one detector."""
    return steps.ask(staged, detector_id)


@task(name="sweep", **_TASK)
def sweep(staged: Staged) -> int:
    """Ask how the hits hang on the parameters that the settings name."""
    return steps.ask_sweeps(staged)


@task(name="rank", **_TASK)
def rank(staged: Staged) -> int:
    """Group and rank leads."""
    return steps.rank(staged)


@task(name="render", **_TASK)
def render(staged: Staged, started_at: datetime, command: tuple[str, ...]) -> int:
    """Write the manifest, the report, the evidence pages and the workbook."""
    steps.write_manifest(staged, started_at, command)
    return steps.render(staged)


@task(name="publish", **_TASK)
def publish(staged: Staged) -> Path:
    """Make the run visible."""
    return steps.publish(staged)


@flow(name="exam-audit")
def audit(settings: dict[str, object], command: list[str] | None = None) -> str:
    """The whole audit of one workspace under its run lock; returns the path of the published run.

    A served flow is loaded without this module's names, so its parameters are of types that need none.

    Args:
        settings: ``RunSettings`` as JSON gives it.
        command: the words of the command line, for the manifest.

    Raises:
        ExamAuditError: as the steps raise it; nothing is published then.
    """
    return str(_audited(RunSettings.model_validate(settings), tuple(command or ())))


def _audited(settings: RunSettings, command: tuple[str, ...]) -> Path:
    started_at = datetime.now(UTC)
    steps.check_request(settings)
    with Workspace(settings.workspace).locked():
        say = telling.progress.get()
        if settings.extract is not None:
            say("ingest")
            ingest(settings)
        say("quality gate")
        staged = stage(settings, gate(settings))
        say("prepare")
        prepare(staged)
        _ask_each(staged, say)
        if settings.sweeps:
            say("sweep")
            sweep(staged)
        say("rank")
        rank(staged)
        say("render")
        render(staged, started_at, command)
        run = publish(staged)
    _tell(run)
    return run


def _ask_each(staged: Staged, say: steps.Progress) -> None:
    """Every chosen detector, each a task, with a progress artifact."""
    artifact = cast(UUID, create_progress_artifact(progress=0.0, description="detectors asked", key=PROGRESS_KEY))
    step = 100.0 / len(staged.identity.detectors_chosen)
    done = count(1)

    def ask(detector_id: str) -> None:
        say(f"detect {detector_id}")
        detect(staged, detector_id)

    ask_each(staged, ask, lambda _: update_progress_artifact(artifact, progress=step * next(done)))


def _tell(run: Path) -> None:
    """Artifacts of a finished run: n of N by detector, and where the report stands."""
    columns = ("detector_id", "status", "reason", "examined", "hits", "exempt", "seconds")
    table = [{name: row[name] for name in columns} for row in steps.detector_rows(run)]
    create_table_artifact(key="exam-audit-detectors", table=table, description="detector × examined × hits × exempt")
    create_link_artifact(
        key="exam-audit-report", link=(run / "report" / "index.html").resolve().as_uri(), link_text="run report"
    )


def check_cron(cron: str) -> None:
    """Refuse a schedule that Prefect could not keep.

    Raises:
        UsageError: not a cron expression.
    """
    try:
        CronSchedule(cron=cron)
    except ValueError:
        raise UsageError(
            "--cron needs a cron expression", got=cron, allowed='five fields such as "0 2 * * *"', where="--cron"
        ) from None


def serve(settings: RunSettings, cron: str, name: str) -> None:
    """Serve the flow on a schedule until the process ends; a served schedule is not paused when it stops."""
    audit.serve(
        name=name,
        cron=cron,
        parameters={"settings": settings.model_dump(mode="json")},
        pause_on_shutdown=False,
        print_starting_message=True,
    )
