"""What a profile says of each kind of file, as readers need it: its header names, its kinds, what stands round it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pipelines.ingest.header import Header
from pipelines.ingest.locate import Layout, fold_name, table_layout
from schemas.errors import InputError
from schemas.profile_shapes import Profile, SourceColumn, SourceFile
from schemas.table import Kind
from schemas.tables import TABLES

_IDS = (Kind.ID, Kind.CODE)
_TIMES = (Kind.DATE, Kind.MOMENT)


def layouts_of(profile: Profile) -> dict[str, Layout]:
    """The layout of each kind of file of a profile, by the name of the source."""
    if profile.tables_as_sources:
        return {name: table_layout(table) for name, table in TABLES.items()}
    return {name: _source_layout(source, source_kinds(profile, name)) for name, source in profile.source.items()}


def headers_of(name: str, column: SourceColumn) -> tuple[str, ...]:
    """The header names that a source column may have, the likeliest first."""
    return column.aliases or (name,)


def _source_layout(source: SourceFile, kinds: Mapping[str, Kind]) -> Layout:
    names = {
        name: tuple(fold_name(alias) for alias in headers_of(name, column)) for name, column in source.columns.items()
    }
    return Layout(
        match=lambda header, file_name: match_source_header(source.columns, header, file_name),
        kinds=kinds,
        accepted=frozenset(alias for aliases in names.values() for alias in aliases),
        required=tuple(frozenset(names[name]) for name, column in source.columns.items() if column.required),
        has_preamble=source.has_preamble,
        has_footers=source.has_footers,
        sheet_names=frozenset(fold_name(name) for name in source.sheets),
    )


def source_kinds(profile: Profile, source: str) -> dict[str, Kind]:
    """What each column of a source holds, as far as its uses tell: an id, a moment, a number, else text."""
    uses: dict[str, list[Kind]] = {name: [] for name in profile.source[source].columns}
    for column, kind in _uses(profile, source):
        if column in uses:
            uses[column].append(kind)
    return {name: _kind(kinds) for name, kinds in uses.items()}


def _kind(kinds: Sequence[Kind]) -> Kind:
    if any(kind in _IDS for kind in kinds):
        return Kind.ID
    if any(kind in _TIMES for kind in kinds):
        return Kind.MOMENT
    return kinds[0] if kinds else Kind.TEXT


def _uses(profile: Profile, source: str) -> Iterator[tuple[str, Kind]]:
    for mapping in profile.table:
        prefix = "" if mapping.from_ == source else f"{source}."
        for name, origin in mapping.columns.items():
            kind = TABLES[mapping.name].column(name).kind
            for column in origin.columns:
                if column.startswith(prefix):
                    # A code that is mapped to other words may be a number in the sheet: that does no harm.
                    yield column.removeprefix(prefix), Kind.TEXT if origin.map and kind in _IDS else kind
        for join in mapping.joins:
            if join.source == source:
                yield from ((other, Kind.ID) for other in join.on.values())


def lenient_layout(profile: Profile, kind: str, seen: list[tuple[str, ...]]) -> Layout:
    """The layout of a kind of file that lets columns be missing, and puts the header's names into ``seen``."""
    source = profile.source[kind]
    columns = {name: column.model_copy(update={"required": False}) for name, column in source.columns.items()}

    def match(names: Sequence[str | None], file_name: str) -> Header:
        seen.append(tuple(name or "" for name in names))
        return match_source_header(columns, names, file_name)

    return replace(layouts_of(profile)[kind], match=match)


def match_source_header(columns: Mapping[str, SourceColumn], names: Sequence[str | None], file_name: str) -> Header:
    """Header names matched to the columns of a source by their aliases, the first alias that is there.

    Raises:
        InputError: there is no header, a required column is missing, or a column stands twice.
    """
    folded = [fold_name(name) for name in names]
    if not any(folded):
        raise InputError("the file has no header", allowed=", ".join(columns), where=file_name)
    positions: dict[str, int] = {}
    for name, column in columns.items():
        there = [alias for alias in map(fold_name, headers_of(name, column)) if alias in folded]
        if there and folded.count(there[0]) > 1 and not column.may_repeat:
            raise InputError(f"the column {name} stands twice in the header", allowed="once", where=file_name)
        if there:
            positions[name] = folded.index(there[0])
    unknown = tuple(
        (names[at] or "").strip() or f"(column {at + 1})" for at in range(len(folded)) if at not in positions.values()
    )
    for name, column in columns.items():
        if column.required and name not in positions:
            raise _missing(name, headers_of(name, column), unknown, file_name)
    return Header(len(folded), positions, unknown)


def _missing(name: str, headers: Sequence[str], unknown: Sequence[str], file_name: str) -> InputError:
    near = nearest(headers, unknown)
    return InputError(
        f"the required column {name} is missing",
        got=f"a column named {near}" if near else "no column of a similar name",
        allowed=f"a column named {' or '.join(headers)}; a profile of your own may add an alias",
        where=file_name,
    )


def nearest(headers: Sequence[str], unknown: Sequence[str]) -> str | None:
    """The unknown header name that is most like one of these; None where none is much like them."""
    by_name = {fold_name(name): name for name in reversed(unknown)}
    found = [
        (difflib.SequenceMatcher(None, fold_name(header), near).ratio(), near)
        for header in headers
        for near in difflib.get_close_matches(fold_name(header), sorted(by_name), n=1, cutoff=0.6)
    ]
    return by_name[max(found)[1]] if found else None
