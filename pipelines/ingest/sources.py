"""Which files of an extract are of which kind, and the hash of what is in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path

from pipelines.ingest.decoding import Decoded, utf8_text
from pipelines.ingest.layouts import layouts_of
from pipelines.ingest.locate import Layout, fold_name
from pipelines.ingest.workbook import WORKBOOK_SUFFIXES, TakenSheet, sheet_sha256, sheets_of
from schemas.errors import InputError
from schemas.profile_shapes import Profile
from schemas.tables import TABLES

SUFFIXES = (".csv", ".parquet", ".xlsx", ".xls", ".txt", ".tsv")
"""File formats, by the end of the file's name."""

TEXT_SUFFIXES = (".csv", ".txt", ".tsv")
"""Those of delimited text."""


COMPANIONS = ("~$", "._")
"""How names of files begin that a spreadsheet or a Mac leaves beside the real ones."""


@dataclass(frozen=True)
class Source:
    """One file of an extract.

    Attributes:
        path: where it is.
        name: relative to the extract, with forward slashes; stands in ``source_file``.
        kind: the profile's name of such files: for canonical extracts, the table.
        layout: what a reader must know of such files.
        content_sha256: hash of its bytes; of one of several sheets, of them and the sheet's name.
        sheet: the sheet that is meant, where the workbook holds several tables or names none.
        text: what is known of a text that is UTF-8 already; it is found out while the bytes are hashed.
    """

    path: Path
    name: str
    kind: str
    layout: Layout
    content_sha256: str
    sheet: str | None = None
    text: Decoded | None = None

    @property
    def table_name(self) -> str:
        """The kind, which in a canonical extract is the table."""
        return self.kind

    @property
    def suffix(self) -> str:
        """End of the file's name in lower case, one of ``SUFFIXES``."""
        return self.path.suffix.lower()


@dataclass(frozen=True)
class Extract:
    """The files of an extract in loading order, and the names of those that no profile rule knows."""

    sources: tuple[Source, ...]
    ignored: tuple[str, ...]


def require_folder(folder: Path) -> None:
    """That an extract is there at all, which can be known before anything else is done.

    Raises:
        InputError: no such folder.
    """
    if not folder.exists():
        raise InputError("the extract does not exist", got=str(folder), allowed="a folder", where="--extract")
    if not folder.is_dir():
        raise InputError("the extract is not a folder", got=str(folder), allowed="a folder", where="--extract")


def find_sources(folder: Path, profile: Profile) -> Extract:
    """The files of an extract: those whose name fits a kind of the profile and whose format is read, in any case.

    Raises:
        InputError: no such folder, no file of a known name, two files for one canonical table, a file that fits two
            kinds equally, or an empty file.
    """
    require_folder(folder)
    entries = sorted(folder.iterdir())
    read = [sources_in(entry, profile) for entry in entries]
    sources = [source for found in read for source in found.sources]
    ignored = tuple(name for found in read for name in found.ignored)
    if not sources:
        raise _none_known(folder, profile, len(ignored))
    if profile.tables_as_sources:
        _refuse_two_files_for_one_table(folder, sources)
    order = list(layouts_of(profile))
    return Extract(tuple(sorted(sources, key=lambda source: order.index(source.kind))), ignored)


def sources_in(path: Path, profile: Profile) -> Extract:
    """What one file holds for a profile: itself, several of its sheets, or nothing.

    Raises:
        InputError: a name fits two kinds equally, the file is empty, or a workbook cannot be opened whose name says
            no kind.
    """
    kind = kind_of(path, profile)
    if path.name.startswith(COMPANIONS):
        return Extract((), (path.name,))
    if not (path.suffix.lower() in WORKBOOK_SUFFIXES and path.is_file() and path.stat().st_size):
        return Extract((), (path.name,)) if kind is None else Extract((source_of(path, kind, profile),), ())
    if kind is not None and profile.tables_as_sources:
        return Extract((source_of(path, kind, profile),), ())
    layouts = {} if profile.tables_as_sources else layouts_of(profile)
    sheets = sheets_of(path, kind, layouts, lambda name: _kind_by_name(name, profile, path.name))
    if sheets is None:
        return Extract((), (path.name,)) if kind is None else Extract((source_of(path, kind, profile),), ())
    found = tuple(_of_sheet(path, sheet, profile, len(sheets.taken) == 1) for sheet in sheets.taken)
    return Extract(found, tuple(f"{path.name}, sheet {name}" for name in sheets.left))


def _of_sheet(path: Path, sheet: TakenSheet, profile: Profile, is_only: bool) -> Source:
    book = replace(source_of(path, sheet.kind, profile), sheet=sheet.name)
    if is_only:
        return book
    sha256 = sheet_sha256(book.content_sha256, sheet.name)
    return replace(book, name=f"{path.name}#{sheet.name}", content_sha256=sha256)


def source_of(path: Path, kind: str, profile: Profile) -> Source:
    """A file taken for that kind.

    Raises:
        InputError: the file is empty.
    """
    if path.stat().st_size == 0:
        raise InputError(
            "the file is empty", got="0 bytes", allowed="a header and rows, or a header alone", where=path.name
        )
    # Hashing lets other threads run: the text is decoded meanwhile, which every new file needs anyway.
    with ThreadPoolExecutor(max_workers=1) as pool:
        hashed = pool.submit(_sha256, path)
        text = utf8_text(path) if path.suffix.lower() in TEXT_SUFFIXES else None
        return Source(path, path.name, kind, layouts_of(profile)[kind], hashed.result(), text=text)


def identify_batch(profile: str, sources: Sequence[Source]) -> str:
    """batch_id: 16 hexadecimal digits that depend on profile, kinds and contents, and not on names or order."""
    contents = sorted((source.kind, source.content_sha256) for source in sources)
    return hashlib.sha256(json.dumps([profile, contents]).encode()).hexdigest()[:16]


def kind_of(path: Path, profile: Profile) -> str | None:
    """The kind of a file by its name: the one whose longest fitting pattern is longest; None where none fits.

    Raises:
        InputError: patterns of two kinds fit equally.
    """
    if path.suffix.lower() not in SUFFIXES or path.name.startswith(COMPANIONS) or not path.is_file():
        return None
    return _kind_by_name(path.stem, profile, path.name)


def _kind_by_name(written: str, profile: Profile, where: str) -> str | None:
    name = written.lower()
    if profile.tables_as_sources:
        return name if name in TABLES else None
    folded = fold_name(written)
    meant = [kind for kind, source in profile.source.items() if folded in map(fold_name, source.sheets)]
    if len(meant) == 1:
        return meant[0]
    fits = sorted(
        ((len(pattern), kind) for kind, source in profile.source.items() for pattern in source.files
         if fnmatchcase(name, pattern.lower())),
        reverse=True,
    )  # fmt: skip
    best = sorted({kind for length, kind in fits if length == fits[0][0]})
    if len(best) > 1:
        raise InputError(
            "the file's name fits two kinds of file equally",
            got=" and ".join(best),
            allowed="another name, or a longer pattern in the profile",
            where=where,
        )
    return best[0] if best else None


def _none_known(folder: Path, profile: Profile, ignored: int) -> InputError:
    if profile.tables_as_sources:
        allowed = f"<table>{', <table>'.join(SUFFIXES)} with <table> one of {', '.join(TABLES)}"
        wrong = "the extract holds no file that is named as a canonical table"
    else:
        patterns = [pattern for source in profile.source.values() for pattern in source.files]
        allowed = f"{', '.join(patterns)} with {' or '.join(SUFFIXES)}"
        wrong = f"the extract holds no file that the profile {profile.name} knows"
    return InputError(wrong, got=f"{ignored} other files", allowed=allowed, where=str(folder))


def _refuse_two_files_for_one_table(folder: Path, sources: Sequence[Source]) -> None:
    first: dict[str, Source] = {}
    for source in sources:
        if source.kind in first:
            raise InputError(
                f"two files hold the table {source.kind}",
                got=f"{first[source.kind].name} and {source.name}",
                allowed="one file a table",
                where=str(folder),
            )
        first[source.kind] = source


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
