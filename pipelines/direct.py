"""The same steps as the flow, called one after the other: no orchestration, no server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pipelines import steps
from pipelines.settings import RunSettings
from pipelines.staged_run import Staged, staged_run
from pipelines.staged_run import stage as stage_run
from pipelines.turns import ask_each
from pipelines.workspace import Workspace
from schemas.errors import InputError


def audit_directly(
    settings: RunSettings,
    command: tuple[str, ...] = (),
    *,
    progress: steps.Progress = steps.silent,
    on_lead: Callable[[int, int], None] | None = None,
) -> Path:
    """The whole audit of one workspace under its run lock; returns the folder of the published run.

    Raises:
        ExamAuditError: as the steps raise it; nothing is published then.
    """
    started_at = datetime.now(UTC)
    steps.check_request(settings)
    with Workspace(settings.workspace).locked():
        if settings.extract is not None:
            progress("ingest")
            steps.take_in(settings, progress)
        staged = detect_once(settings, progress)
        return _publish(staged, started_at, command, progress, on_lead)


def detect_directly(settings: RunSettings, *, progress: steps.Progress = steps.silent) -> Staged:
    """Judge the warehouse as it stands and leave the run staged.

    Raises:
        UsageError: there is no such workspace, or it holds no warehouse.
    """
    steps.check_request(settings)
    if settings.catalogue_schema is None:
        Workspace(settings.workspace).refuse_absent()
    with Workspace(settings.workspace).locked():
        return detect_once(settings, progress)


def publish_directly(
    workspace: Path, command: tuple[str, ...] = (), *, on_lead: Callable[[int, int], None] | None = None
) -> Path:
    """Render and publish the run that ``detect_directly`` left staged.

    Raises:
        UsageError: there is no such workspace. InputError: nothing is staged in it.
    """
    started_at = datetime.now(UTC)
    Workspace(workspace).refuse_absent()
    with Workspace(workspace).locked():
        staged = staged_run(Workspace(workspace))
        if staged is None or not (staged.folder / "leads.parquet").exists():
            raise InputError("nothing is staged", allowed="run `exam-audit detect` first", where=str(workspace))
        return _publish(staged, started_at, command, steps.silent, on_lead)


def detect_once(settings: RunSettings, progress: steps.Progress) -> Staged:
    """Gate, prepare, judge and rank a warehouse whose run lock the caller holds; the run is left staged."""
    progress("quality gate")
    staged = stage_run(settings, steps.check_quality(settings))
    steps.prepare_tables(staged, lambda table: progress(f"prepare {table}"))

    def ask(detector_id: str) -> None:
        progress(f"detect {detector_id}")
        steps.ask(staged, detector_id)

    ask_each(staged, ask)
    steps.ask_sweeps(staged, progress)
    progress("rank")
    steps.rank(staged)
    return staged


def _publish(
    staged: Staged,
    started_at: datetime,
    command: tuple[str, ...],
    progress: steps.Progress,
    on_lead: Callable[[int, int], None] | None,
) -> Path:
    progress("render")
    steps.write_manifest(staged, started_at, command)
    steps.render(staged, on_lead)
    return steps.publish(staged)
