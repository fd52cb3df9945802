"""Writes what leaves the house: the report as one archive, whole or as a summary."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from reports.bundle import inlined
from reports.pages import page
from reports.run_folder import read_run
from reports.sharing.summary import summary
from schemas.errors import UsageError

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""Time of every entry of an archive, so that equal contents give equal bytes."""


def write_archive(run: Path, target: Path) -> Path:
    """Packs a run's report and workbook into a ZIP that opens from a USB stick; returns its path.

    Pages link to each other by relative paths and load nothing from a network.

    Raises:
        UsageError: the run has no report.
    """
    report = run / "report"
    if not (report / "index.html").is_file():
        raise UsageError("the run has no report", got="nothing", allowed="a published run", where=str(report))
    files = {f"report/{path.relative_to(report).as_posix()}": path for path in report.rglob("*") if path.is_file()}
    files |= {path.name: path for path in (run / "leads.xlsx", run / "manifest.json") if path.is_file()}
    return _packed({name: path.read_bytes() for name, path in files.items()}, f"exam-audit-{run.name}", target)


def write_shared_summary(run: Path, target: Path) -> Path:
    """Writes the summary of a run in which no small number can be worked out; returns its path.

    It is one HTML file, in a ZIP where the target's name ends so.
    """
    read = read_run(run)
    assets = inlined("run_report.css", has_figures=False)
    text = page("sharing/summary.html.j2", summary=summary(read), manifest=read.manifest, assets=assets).encode()
    if target.suffix.lower() == ".zip":
        return _packed({"summary.html": text}, f"exam-audit-{run.name}-shared", target)
    return _replaced(text, target)


def _packed(contents: dict[str, bytes], top: str, target: Path) -> Path:
    with tempfile.SpooledTemporaryFile(max_size=1 << 26) as held:
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(contents):
                archive.writestr(zipfile.ZipInfo(f"{top}/{name}", EARLIEST), contents[name], zipfile.ZIP_DEFLATED)
        held.seek(0)
        return _replaced(held.read(), target)


def _replaced(content: bytes, target: Path) -> Path:
    """Write a file in one step: it stands whole or not at all."""
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_bytes(content)
        shutil.move(beside, target)
    except OSError as error:
        raise UsageError(
            "the file cannot be written",
            got=error.strerror or "an operating-system error",
            allowed="a file in a folder that you may write",
            where=str(target),
        ) from None
    return target
