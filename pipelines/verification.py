"""``verify``: make a published run again in a clean workspace and compare findings, leads and pages byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from pipelines import steps
from pipelines.direct import detect_once
from pipelines.run_folder import file_sha256
from pipelines.settings import RunSettings
from pipelines.staged_run import Staged
from pipelines.verdict_file import SNAPSHOT
from pipelines.workspace import COMPARED_WITH, Workspace, compared_with, standing
from schemas.errors import IntegrityError
from schemas.manifest import Manifest

Value = TypeVar("Value", bound=BaseModel)


def verify_run(
    workspace: Path,
    run_id: str | None = None,
    extracts: Sequence[Path] = (),
    profile: str | None = None,
    *,
    progress: steps.Progress = steps.silent,
) -> Manifest:
    """Compare a published run with its own hashes, judge again from its manifest, draw its pages again, and compare.

    The workspace is only read: the run is made again in a folder ``verify`` beside its runs, over a copy of the
    warehouse or, where extracts are named, over a warehouse that is built from them; the folder is removed afterwards.

    Args:
        workspace: where the run was published.
        run_id: the run; the newest by default.
        extracts: the folders that the run's batches came from, oldest first. None: the warehouse as it stands.
        profile: how the extracts are written, where it differs from the run's own profile.
        progress: called with the name of each step.

    Returns:
        The run's manifest.

    Raises:
        UsageError: there is no such workspace or run, or an extract cannot be read.
        IntegrityError: a published file, or what is made again, differs; the message names the first such file.
    """
    place = Workspace(workspace)
    place.refuse_absent()
    with place.locked():
        run = place.published(run_id)
        manifest = _read(run / "manifest.json", Manifest)
        _compare(run, manifest.results | manifest.files | _report_hashes(run), "the published file")
        settings = _read(run / "settings.json", RunSettings)
        with _clean_workspace(place, bool(extracts)) as clean:
            again = {"workspace": clean.root, "full": True, "verdicts": _verdicts_of(run), "learns_from_cases": False}
            settings = settings.model_copy(update=again)
            for extract in extracts:
                progress(f"ingest {extract.name}")
                own = {"extract": extract, "profile": profile or settings.profile}
                steps.take_in(settings.model_copy(update=own), progress)
            _make_again(settings, run, manifest, progress)
    return manifest


def _make_again(settings: RunSettings, run: Path, manifest: Manifest, progress: steps.Progress) -> None:
    """Judge and draw in the clean workspace, comparing what the manifest and the report's list of hashes name."""
    staged = detect_once(settings, progress)
    if staged.identity != manifest.identity:
        raise IntegrityError(
            "the run cannot be made again here: what goes in has changed",
            got=", ".join(_changed(staged, manifest)),
            allowed="the batches, pack, catalogue and program of the manifest; name the extracts of an older run "
            "with --extract",
            where=str(run / "manifest.json"),
        )
    _compare(staged.folder, manifest.results, "the file made again")
    progress("render")
    _compare(staged.folder, _drawn_again(staged, run), "the page drawn again")


def _drawn_again(staged: Staged, run: Path) -> dict[str, str]:
    """Draw the report as the run did; returns what its list of hashes says of the pages that publishing draws.

    Pages that were asked for one by one link to those that stood at that time: they are held by the list alone.
    """
    from reports.render import render_run

    for path in sorted(run.iterdir()):
        if path.is_file() and not (staged.folder / path.name).exists():
            shutil.copyfile(path, staged.folder / path.name)
    render_run(staged.folder, top=staged.settings.top, previous=_before(run))
    return {name: sha256 for name, sha256 in _report_hashes(run).items() if (staged.folder / name).exists()}


def _before(run: Path) -> Path | None:
    """The run that this one was compared with.

    Raises:
        IntegrityError: it is no longer there, so that the page of changes cannot be drawn again.
    """
    before = compared_with(run)
    if before is not None and not standing(before):
        raise IntegrityError(
            "the run before this one was removed, so the changes since then cannot be drawn again",
            got="no such folder",
            allowed=f"the run that the file `{COMPARED_WITH}` names",
            where=str(before),
        )
    return before


@contextmanager
def _clean_workspace(place: Workspace, is_empty: bool) -> Iterator[Workspace]:
    """A workspace that holds a copy of the warehouse, or nothing; removed at the end, however it ends."""
    root = place.root / "verify"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(mode=0o700)
    try:
        for path in [] if is_empty else place.root.glob(f"{place.warehouse.name}*"):
            shutil.copyfile(path, root / path.name)
        yield Workspace(root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


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
