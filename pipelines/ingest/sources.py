"""Which files of an extract hold which canonical table, and the hash of what is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import InputError
from schemas.tables import TABLES

SUFFIXES = (".csv", ".parquet", ".xlsx")
"""File formats that are read, by the end of the file's name."""


@dataclass(frozen=True)
class Source:
    """One file of an extract.

    Attributes:
        path: where it is.
        name: relative to the extract, with forward slashes; stands in ``source_file``.
        table_name: the canonical table it holds.
        content_sha256: hash of its bytes.
    """

    path: Path
    name: str
    table_name: str
    content_sha256: str

    @property
    def suffix(self) -> str:
        """End of the file's name in lower case, one of ``SUFFIXES``."""
        return self.path.suffix.lower()


@dataclass(frozen=True)
class Extract:
    """The files of an extract in loading order, and the names of those that no profile rule knows."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]


def find_sources(folder: Path) -> Extract:
    """The files of a canonical extract: ``<table>.csv``, ``.parquet`` or ``.xlsx``, in any case, any subset of tables.

    Raises:
        InputError: no such folder, no file of a known name, two files for one table, or an empty file.
    """
    if not folder.exists():
        raise InputError("the extract does not exist", got=str(folder), allowed="a folder", where="--extract")
    if not folder.is_dir():
        raise InputError("the extract is not a folder", got=str(folder), allowed="a folder", where="--extract")
    entries = sorted(folder.iterdir())
    known = [entry for entry in entries if _table_name(entry) is not None]
    ignored = tuple(entry.name for entry in entries if _table_name(entry) is None)
    if not known:
        raise InputError(
            "the extract holds no file that is named as a canonical table",
            got=f"{len(ignored)} other files",
            allowed=f"<table>{', <table>'.join(SUFFIXES)} with <table> one of {', '.join(TABLES)}",
            where=str(folder),
        )
    _refuse_two_files_for_one_table(known)
    sources = [Source(path, path.name, _table_name(path) or "", _sha256(path)) for path in known]
    order = list(TABLES)
    return Extract(tuple(sorted(sources, key=lambda source: order.index(source.table_name))), ignored)


def identify_batch(profile: str, sources: Sequence[Source]) -> str:
    """batch_id: 16 hexadecimal digits that depend on profile, tables and contents, and not on names or order."""
    contents = sorted((source.table_name, source.content_sha256) for source in sources)
    return hashlib.sha256(json.dumps([profile, contents]).encode()).hexdigest()[:16]


def _table_name(path: Path) -> str | None:
    name = path.stem.lower()
    return name if name in TABLES and path.suffix.lower() in SUFFIXES and path.is_file() else None


def _refuse_two_files_for_one_table(paths: Sequence[Path]) -> None:
    first: dict[str, Path] = {}
    for path in paths:
        table_name = path.stem.lower()
        if table_name in first:
            raise InputError(
                f"two files hold the table {table_name}",
                got=f"{first[table_name].name} and {path.name}",
                allowed="one file a table",
                where=str(path.parent),
            )
        first[table_name] = path


def _sha256(path: Path) -> str:
    if path.stat().st_size == 0:
        raise InputError(
            "the file is empty", got="0 bytes", allowed="a header and rows, or a header alone", where=path.name
        )
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
