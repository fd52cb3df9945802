"""The workspace folder: where a warehouse, quarantine and runs stand, who may write, and how a run is published."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError, LockedError, UsageError

COMPARED_WITH = "previous"
"""File in a run's folder that holds the id of the run it was compared with."""


@dataclass(frozen=True)
class Workspace:
    """Paths of one workspace (DESIGN §4.6); nothing is made before it is needed."""

    root: Path

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.root / "warehouse.duckdb"

    @property
    def runs(self) -> Path:
        """Published runs, one folder each."""
        return self.root / "runs"

    @property
    def latest(self) -> Path:
        """Text file with the newest published run_id."""
        return self.runs / "latest"

    @property
    def staging(self) -> Path:
        """Where a run is built before it is published."""
        return self.root / "staging"

    @property
    def cases(self) -> Path:
        """The case store, where it is SQLite."""
        return self.root / "cases.sqlite"

    @property
    def signing_key(self) -> Path:
        """The key that signs the rows of workbooks; made on first use, readable by its owner only."""
        return self.root / "sheets.key"

    def refuse_absent(self) -> None:
        """Refuse a workspace that is not there yet, for commands that only look at what others left in it.

        Raises:
            UsageError: there is no such folder, or no warehouse in it; nothing is made.
        """
        if not self.warehouse.is_file():
            raise UsageError(
                "there is no warehouse in this workspace" if self.root.is_dir() else "there is no such workspace",
                got=str(self.root),
                allowed="a workspace that `exam-audit ingest`, `run` or `demo` has filled",
                where="--workspace",
            )

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the one run lock; the kernel lets it go when the process ends, however it ends.

        Raises:
            LockedError: another process holds it.
            UsageError: the workspace cannot be made or written.
        """
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise UsageError(
                "the workspace cannot be written",
                got=error.strerror or "an operating-system error",
                allowed="a folder that you may write",
                where=f"--workspace {self.root}",
            ) from error
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockedError(
                    "another run holds this workspace", allowed="one run at a time", where=str(self.root)
                ) from None
            yield
        finally:
            os.close(handle)

    def fresh_staging(self, run_id: str) -> Path:
        """An empty folder to build a run in; leftovers of runs that were cut off are removed."""
        shutil.rmtree(self.staging, ignore_errors=True)
        folder = self.staging / run_id
        folder.mkdir(parents=True)
        return folder

    def publish(self, run_id: str) -> Path:
        """Make a staged run visible by one atomic rename, then point ``latest`` at it.

        A run of the same id that stands already is the same run: it gives way to the new copy.
        """
        target = self.runs / run_id
        self.runs.mkdir(exist_ok=True)
        replaced = self.staging / f"{run_id}.replaced"
        if earlier := self.before(run_id):
            (self.staging / run_id / COMPARED_WITH).write_text(f"{earlier.name}\n", encoding="utf-8")
        _swap(self.staging / run_id, target, replaced)
        self._point_latest(run_id)
        shutil.rmtree(self.staging, ignore_errors=True)
        return target

    def put_back(self, redrawn: Path) -> Path:
        """Put a run that was drawn again in the place of itself; which run is the newest stays as it is."""
        target = self.runs / redrawn.name
        _swap(redrawn, target, redrawn.with_name(f"{redrawn.name}.replaced"))
        return target

    def before(self, run_id: str) -> Path | None:
        """Folder of the run that was the newest before this one; None for the first, or where it was removed.

        A run that is made again keeps the run it was compared with, which the file ``previous`` in its folder names.
        """
        newest = _named_in(self.latest, self.runs)
        is_made_again = newest is not None and newest.name == run_id
        return standing(compared_with(self.runs / run_id) if is_made_again else newest)

    def _point_latest(self, run_id: str) -> None:
        beside = self.runs / ".latest"
        beside.write_text(f"{run_id}\n", encoding="utf-8")
        beside.replace(self.latest)

    def published(self, run_id: str | None = None) -> Path:
        """Folder of a published run; the newest where none is named.

        Raises:
            InputError: nothing was published yet.
            UsageError: there is no such run.
        """
        if run_id is None:
            if not self.latest.exists():
                raise InputError(
                    "no run is published in this workspace",
                    allowed="make one with `exam-audit run` or `exam-audit demo`",
                    where=str(self.root),
                )
            run_id = self.latest.read_text(encoding="utf-8").strip()
        folder = self.runs / run_id
        if not folder.is_dir() or run_id != folder.name:
            known = sorted(path.name for path in self.runs.glob("*") if path.is_dir()) if self.runs.is_dir() else []
            raise UsageError("no such run", got=run_id, allowed=", ".join(known) or "none", where=str(self.runs))
        return folder


def compared_with(run: Path) -> Path | None:
    """Folder of the run that a run was compared with, whether it still stands or not; None for a first run."""
    return _named_in(run / COMPARED_WITH, run.parent)


def standing(run: Path | None) -> Path | None:
    """The run, where it is whole: its manifest is what is written last; None where it was removed or never was."""
    return run if run is not None and (run / "manifest.json").is_file() else None


def _named_in(file: Path, runs: Path) -> Path | None:
    """Folder of the run whose id stands in a text file."""
    run_id = file.read_text(encoding="utf-8").strip() if file.exists() else ""
    return runs / run_id if run_id else None


def _swap(made: Path, target: Path, replaced: Path) -> None:
    """Rename what was made into its place; what stood there gives way."""
    if target.exists():
        target.rename(replaced)
    made.rename(target)
