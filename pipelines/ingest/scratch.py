"""A private corner of the workspace for one ingest, and links by which DuckDB can read files of any name."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".ingest-"


@contextmanager
def private_scratch(workspace: Path) -> Iterator[Path]:
    """A folder of mode 0700 inside the workspace that is gone afterwards.

    Leavings of an ingest that was killed are removed first: whoever holds the warehouse is the only ingest here.
    """
    workspace.mkdir(parents=True, exist_ok=True)
    for stale in workspace.glob(f"{_PREFIX}*"):
        shutil.rmtree(stale, ignore_errors=True)
    scratch = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workspace))
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def private_spill(workspace: Path) -> Iterator[None]:
    """The folder to which DuckDB spills, of mode 0700 while an extract is taken in, and gone afterwards.

    What is spilled then may be rows as the extract has them. Leavings of an ingest that was killed are removed first.
    """
    spill = workspace / "spill"
    shutil.rmtree(spill, ignore_errors=True)
    spill.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(spill, ignore_errors=True)


def readable_path(path: Path, scratch: Path) -> str:
    """A path by which DuckDB reads exactly this file.

    DuckDB takes ``* ? [`` in a path as a pattern and would read other files that match, and its list of allowed
    folders refuses escaped patterns. A link of a plain name in a folder with a random one can match nothing else.
    """
    if path.parent == scratch:
        return str(path)
    link = scratch / f"link_{len(list(scratch.iterdir()))}{path.suffix.lower()}"
    link.symlink_to(path.resolve())
    return str(link)


def quoted(path: str) -> str:
    """A path as a string literal of SQL."""
    return "'" + path.replace("'", "''") + "'"
