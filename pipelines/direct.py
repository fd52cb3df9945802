"""The same steps as the flow, called one after the other: no orchestration, no server."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from pipelines import steps
from pipelines.asking import clear_away
from pipelines.run_folder import file_sha256
from pipelines.settings import RunSettings
from pipelines.staged_run import Staged, staged_run
from pipelines.staged_run import stage as stage_run
from pipelines.verdict_file import SNAPSHOT
from pipelines.workspace import Workspace
from schemas.errors import InputError, IntegrityError
from schemas.manifest import Manifest


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
        staged = _detect(settings, progress)
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
        return _detect(settings, progress)


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


def verify_directly(workspace: Path, run_id: str | None, *, progress: steps.Progress = steps.silent) -> Manifest:
    """Judge again from a run's manifest and compare; leaves nothing behind.

    Raises:
        IntegrityError: the run's files, or what is found now, differ from the manifest.
    """
    place = Workspace(workspace)
    place.refuse_absent()
    with place.locked():
        run = place.published(run_id)
        manifest = _read(run / "manifest.json", Manifest)
        _compare(run, manifest.results | manifest.files | _report_hashes(run), "the published file")
        settings = _read(run / "settings.json", RunSettings)
        try:
            again = {"workspace": workspace, "full": True, "verdicts": _verdicts_of(run)}
            staged = _detect(settings.model_copy(update=again), progress)
            if staged.identity != manifest.identity:
                raise IntegrityError(
                    "the run cannot be made again here: what goes in has changed",
                    got=", ".join(_changed(staged, manifest)),
                    allowed="the batches, pack, catalogue and program of the manifest",
                    where=str(run / "manifest.json"),
                )
            _compare(staged.folder, manifest.results, "the file made again")
        finally:
            shutil.rmtree(place.staging, ignore_errors=True)
            clear_away(settings.model_copy(update={"workspace": workspace}))
    return manifest


def _verdicts_of(run: Path) -> Path | None:
    """The run's own copy of the verdicts that it was ranked by, None where there were none."""
    return run / SNAPSHOT if (run / SNAPSHOT).exists() else None


def _changed(staged: Staged, manifest: Manifest) -> list[str]:
    now, then = staged.identity.model_dump(), manifest.identity.model_dump()
    return [name for name in sorted(now) if now[name] != then[name]]


def _compare(folder: Path, hashes: Mapping[str, str], what: str) -> None:
    for name, sha256 in sorted(hashes.items()):
        if not (folder / name).is_file() or file_sha256(folder / name) != sha256:
            raise IntegrityError(f"{what} differs from the manifest", got=name, where=str(folder))


Value = TypeVar("Value", bound=BaseModel)


def _read(path: Path, kind: type[Value]) -> Value:
    """A JSON file of a published run.

    Raises:
        IntegrityError: it is not what was written there.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except (ValueError, OSError):
        raise IntegrityError("a file of the published run is damaged", got=path.name, where=str(path)) from None


def _report_hashes(run: Path) -> dict[str, str]:
    """The report's own list of hashes, by path below the run."""
    try:
        lines = (run / "report" / "MANIFEST.sha256").read_text(encoding="utf-8").splitlines()
        return {f"report/{name}": sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
    except (ValueError, OSError):
        raise IntegrityError("the report's list of hashes is damaged", where=str(run / "report")) from None


def _detect(settings: RunSettings, progress: steps.Progress) -> Staged:
    progress("quality gate")
    staged = stage_run(settings, steps.check_quality(settings))
    steps.prepare_tables(staged, lambda table: progress(f"prepare {table}"))
    for detector_id in staged.identity.detectors_chosen:
        progress(f"detect {detector_id}")
        steps.ask(staged, detector_id)
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
