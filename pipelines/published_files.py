"""Whether a published run is what its own lists say: nothing changed, nothing missing, nothing put beside it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from pipelines.run_folder import file_sha256
from pipelines.workspace import COMPARED_WITH
from schemas.errors import IntegrityError
from schemas.manifest import Manifest
from schemas.review_snapshot import REVIEW_FILE

WORKBOOK = "leads.xlsx"
REPORT_LIST = "report/MANIFEST.sha256"

BESIDE = (WORKBOOK, REVIEW_FILE, REPORT_LIST, "manifest.json", COMPARED_WITH)
"""Files of a run that no list names: they hold the lists, change with reviews, or are filled in."""

DETECTORS = "detectors.parquet"
MADE_ANEW = (DETECTORS, "settings.json")
"""Listed files that another run of equal identity writes otherwise: they hold seconds, and where the run was made."""


def refuse_changed(run: Path, manifest: Manifest) -> None:
    """Compare every file of a run's folder with the lists of the run.

    Raises:
        IntegrityError: a file differs, is missing or was added; the message names the first one.
    """
    if not manifest.run_id == manifest.identity.run_id == run.name:
        raise IntegrityError(
            "the manifest is not that of this run",
            got=manifest.run_id,
            allowed="the run_id that its identity gives, which names the folder too",
            where=str(run / "manifest.json"),
        )
    listed = manifest.results | manifest.files | report_hashes(run)
    present = {path.relative_to(run).as_posix() for path in run.rglob("*") if not path.is_dir()}
    refuse_first_difference(run, listed, present - set(BESIDE), "the published file")


def refuse_first_difference(
    folder: Path, hashes: Mapping[str, str], present: Collection[str], what: str, unlisted: str = "the manifest"
) -> None:
    """Hold the files of a folder to a list of hashes, by name.

    Args:
        folder: where the files stand.
        hashes: SHA-256 by path below the folder.
        present: paths that stand there; one that the list lacks is refused, too.
        what: what such a file is called in a message.
        unlisted: what lacks a file that is not in the list.
    """
    for name in sorted({*hashes, *present}):
        if name not in hashes:
            told = f"{what} is not in {unlisted}"
        elif not (folder / name).is_file():
            told = f"{what} is missing"
        elif file_sha256(folder / name) != hashes[name]:
            told = f"{what} differs from the manifest"
        else:
            continue
        raise IntegrityError(told, got=name, where=str(folder))


def report_hashes(run: Path) -> dict[str, str]:
    """The report's own list of hashes, by path below the run.

    Raises:
        IntegrityError: it is missing or no such list.
    """
    try:
        lines = (run / REPORT_LIST).read_text(encoding="utf-8").splitlines()
        return {f"report/{name}": sha256 for sha256, name in (line.split("  ", 1) for line in lines)}
    except (ValueError, OSError):
        raise IntegrityError(
            "the report's list of hashes is damaged", got=REPORT_LIST, where=str(run / "report")
        ) from None
