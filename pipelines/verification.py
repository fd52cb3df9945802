"""``verify``: make a published run again in a clean workspace and compare findings, leads and pages byte for byte."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from pipelines import steps
from pipelines.case_store import refuse_unknown_reviews
from pipelines.direct import detect_once
from pipelines.published_files import (
    DETECTORS,
    MADE_ANEW,
    REPORT_LIST,
    WORKBOOK,
    refuse_changed,
    refuse_first_difference,
    report_hashes,
)
from pipelines.redrawing import draw_what_was_asked_for
from pipelines.run_folder import read_rows
from pipelines.settings import RunSettings
from pipelines.signing_key import signing_key
from pipelines.staged_run import Staged
from pipelines.verdict_file import SNAPSHOT
from pipelines.workspace import COMPARED_WITH, Workspace, compared_with, standing
from schemas.errors import IntegrityError
from schemas.manifest import Manifest
from schemas.review_snapshot import REVIEW_FILE

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
        refuse_changed(run, manifest)
        refuse_unknown_reviews(place, run)
        settings = _read(run / "settings.json", RunSettings)
        with _clean_workspace(place, bool(extracts)) as clean:
            again = {"workspace": clean.root, "full": True, "verdicts": _verdicts_of(run), "learns_from_cases": False}
            settings = settings.model_copy(update=again)
            for extract in extracts:
                progress(f"ingest {extract.name}")
                own = {"extract": extract, "profile": profile or settings.profile}
                steps.take_in(settings.model_copy(update=own), progress)
            _make_again(settings, run, manifest, progress)
            _compare_workbook(place, run, clean.staging / run.name)
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
    again = steps.listed_files(staged.folder)
    made = {name: sha256 for name, sha256 in (manifest.results | manifest.files).items() if name not in MADE_ANEW}
    refuse_first_difference(staged.folder, made, set(again) - set(MADE_ANEW), "the file made again")
    told = [read_rows(folder / DETECTORS).drop("seconds") for folder in (run, staged.folder)]
    if not told[0].equals(told[1]):
        raise IntegrityError("the file made again differs from the manifest", got=DETECTORS, where=str(staged.folder))
    progress("render")
    _draw_again(staged, run)
    hashes = report_hashes(run)
    printed = {name.removesuffix(".html") + ".pdf" for name in hashes if name.endswith(".html")}
    listed = {name: sha256 for name, sha256 in hashes.items() if name not in printed}
    drawn = {path.relative_to(staged.folder).as_posix() for path in (staged.folder / "report").rglob("*.*")}
    refuse_first_difference(staged.folder, listed, drawn - {REPORT_LIST}, "the page drawn again", "the report's list")


def _draw_again(staged: Staged, run: Path) -> None:
    """Draw the report as the run did, and what was asked for since; a printed page holds the time of its printing."""
    from reports.render import render_run

    for name in (REVIEW_FILE, "manifest.json"):
        if (run / name).is_file():
            shutil.copyfile(run / name, staged.folder / name)
    drawn = render_run(staged.folder, top=staged.settings.top, previous=_before(run))
    draw_what_was_asked_for(run, staged.folder, frozenset(drawn))


def _compare_workbook(place: Workspace, run: Path, again: Path) -> None:
    """Hold the run's workbook to one that is made again; verdicts may have been filled in since.

    Raises:
        IntegrityError: it is missing, or says something else.
    """
    from reports.lists import first_difference, write_workbook

    if not (run / WORKBOOK).is_file():
        raise IntegrityError("the published file is missing", got=WORKBOOK, where=str(run))
    has_key = place.signing_key.is_file()
    made = write_workbook(again, signing_key(place) if has_key else b"")
    if where := first_difference(run / WORKBOOK, made, () if has_key else ("signature",)):
        raise IntegrityError(
            "the workbook says something else than the run",
            got=f"{WORKBOOK}: {where}",
            allowed="the workbook as it was published, verdicts filled in or not",
            where=str(run),
        )


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


def _read(path: Path, kind: type[Value]) -> Value:
    """A JSON file of a published run.

    Raises:
        IntegrityError: it is not what was written there.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except (ValueError, OSError):
        raise IntegrityError("a file of the published run is damaged", got=path.name, where=str(path)) from None
