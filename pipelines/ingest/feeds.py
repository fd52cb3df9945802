"""Which files feed which canonical tables, and the staging of each: read once, mapped, cast, protected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.ingest.csv_reader import read_csv
from pipelines.ingest.drift import refuse_retyped
from pipelines.ingest.layouts import nearest
from pipelines.ingest.mapping import MappedRows, map_rows
from pipelines.ingest.numbering import SourceView, is_numbered_within
from pipelines.ingest.parquet_reader import read_parquet
from pipelines.ingest.persons import person_columns, with_persons
from pipelines.ingest.pseudonym import Protection, drop_protected, protect_staged
from pipelines.ingest.refunds import VOID_CLAIMS, drop_refunds, find_void_claims, keep_own_voids
from pipelines.ingest.rounded import mark_rounded_ids
from pipelines.ingest.sources import Source
from pipelines.ingest.staged import Reading
from pipelines.ingest.staging import drop_staged, stage_file, stage_rows, stage_source
from pipelines.ingest.xlsx_reader import read_xlsx
from schemas.errors import InputError
from schemas.profile_shapes import Profile, TableMapping
from schemas.tables import TABLES

_READERS: dict[str, Callable[[Source, Path], Iterator[Reading]]] = {
    ".csv": read_csv,
    ".txt": read_csv,
    ".tsv": read_csv,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
    ".xls": read_xlsx,
}


@dataclass(frozen=True)
class Feed:
    """One file on its way into one canonical table.

    Attributes:
        source: the file.
        table_name: the canonical table.
        view: name of the staged view.
        mapping: how; None where the file's columns are the table's own.
        part: 1, or more where a file feeds a table several times.
    """

    source: Source
    table_name: str
    view: str
    mapping: TableMapping | None = None
    part: int = 1

    @property
    def quarantine_name(self) -> str:
        """Name of its quarantine file, without the suffix."""
        if self.mapping is None:
            return self.source.name
        return f"{self.source.name}.{self.table_name}{f'-{self.part}' if self.part > 1 else ''}"


@dataclass(frozen=True)
class StagedFeed:
    """A feed whose rows stand in its view.

    Attributes:
        feed, reading: what was read.
        present: canonical columns for which the file had something.
        duplicate: rows that a derived table folded into one with the same key.
        set_aside: rows that are no rows of the table, by reason.
    """

    feed: Feed
    reading: Reading
    present: tuple[str, ...]
    duplicate: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)


def plan_feeds(profile: Profile, sources: Sequence[Source]) -> tuple[Feed, ...]:
    """Every feed of an extract, in the order of loading."""
    if profile.tables_as_sources:
        return tuple(Feed(source, source.kind, f"staged_{source.kind}") for source in sources)
    kinds = {source.kind for source in sources}
    planned: list[Feed] = []
    for table_name in TABLES:
        for mapping in profile.table:
            if mapping.name != table_name or kinds & set(mapping.when_absent):
                continue
            for source in sources:
                if source.kind == mapping.from_:
                    part = 1 + sum(one.source == source and one.table_name == table_name for one in planned)
                    planned.append(Feed(source, table_name, f"staged_{len(planned)}", mapping, part))
    return tuple(planned)


def is_independent(feed: Feed) -> bool:
    """Whether what the feed brings depends on its own file alone; refunds find lines of earlier batches anyway."""
    return feed.mapping is None or not (feed.mapping.joins or is_numbered_within(feed.mapping))


def stage_tables(
    connection: duckdb.DuckDBPyConnection,
    feeds: Sequence[Feed],
    scratch: Path,
    protection: Protection | None,
    on_file: Callable[[str], None],
) -> Iterator[StagedFeed]:
    """Stage files whose columns are the tables' own: one pass a file."""
    for feed in feeds:
        on_file(feed.source.name)
        table = TABLES[feed.table_name]
        readings = read_file(feed.source, scratch)
        reading = stage_file(connection, table, readings, view=feed.view, file_name=feed.source.name)
        yield _finish(connection, StagedFeed(feed, reading, tuple(reading.header.positions)), protection)


def stage_mapped(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    sources: Sequence[Source],
    feeds: Sequence[Feed],
    scratch: Path,
    protection: Protection | None,
    on_file: Callable[[str], None],
) -> Iterator[StagedFeed]:
    """Read every file that a feed needs into text, then map and cast feed by feed."""
    read: dict[str, tuple[Reading, SourceView, str]] = {}
    for at, source in enumerate(sources):
        if source.kind in _needed(profile, feeds):
            on_file(source.name)
            view = _source_view(at)
            reading = stage_source(connection, read_file(source, scratch), view=view, file_name=source.name)
            own = SourceView(view, frozenset(reading.header.positions), source.name, str(source.path))
            read[source.name] = (reading, own, source.kind)
    views: dict[str, list[SourceView]] = {}
    for _reading, file, kind in read.values():
        views.setdefault(kind, []).append(file)
    if profile.refunds is not None:
        find_void_claims(connection, profile.refunds, views.get(profile.refunds.source, ()))
    for feed in feeds:
        reading, own, _kind = read[feed.source.name]
        rows = _map(connection, profile, feed, own, views, protection)
        if _is_hint_without_columns(feed, rows):
            yield _nothing(connection, feed, reading, rows)
            continue
        _refuse_missing(feed, rows, reading)
        stage_rows(connection, TABLES[feed.table_name], rows.texts, rows.present, feed.view)
        if rows.own_voids is not None:
            keep_own_voids(connection, rows.own_voids)
        staged = _account(connection, StagedFeed(feed, reading, rows.present), rows)
        yield _finish(connection, staged, protection)


def read_file(source: Source, scratch: Path) -> Iterator[Reading]:
    """Readings of a file by its format, the quickest first."""
    return _READERS[source.suffix](source, scratch)


def _source_view(at: int) -> str:
    return f"source_{at}"


def _needed(profile: Profile, feeds: Sequence[Feed]) -> set[str]:
    mappings = [feed.mapping for feed in feeds if feed.mapping is not None]
    kinds = {mapping.from_ for mapping in mappings} | {join.source for one in mappings for join in one.joins}
    return kinds | ({profile.refunds.source} if profile.refunds else set())


def _map(
    connection: duckdb.DuckDBPyConnection,
    profile: Profile,
    feed: Feed,
    own: SourceView,
    views: Mapping[str, Sequence[SourceView]],
    protection: Protection | None,
) -> MappedRows:
    mapping = feed.mapping
    if mapping is None:
        raise AssertionError("only mapped feeds are mapped")
    return map_rows(
        TABLES[feed.table_name],
        mapping,
        with_persons(connection, mapping, own, feed.view, protection),
        views,
        is_scoped=profile.scope_ids_by == "institution",
        void_claims=VOID_CLAIMS if profile.refunds else None,
    )


def _missing(feed: Feed, rows: MappedRows) -> list[str]:
    return [name for name in TABLES[feed.table_name].required_columns if name not in rows.present]


def _is_hint_without_columns(feed: Feed, rows: MappedRows) -> bool:
    """Whether a table that is made of hints (departments, doctors) finds none in this file: that refuses no file."""
    is_hint = feed.mapping is not None and (feed.mapping.distinct or feed.mapping.optional)
    return is_hint and bool(_missing(feed, rows))


def _nothing(connection: duckdb.DuckDBPyConnection, feed: Feed, reading: Reading, rows: MappedRows) -> StagedFeed:
    """A feed without rows; those of the file are set aside as ``column_missing``."""
    texts = f"select * from ({rows.texts}) as none_taken where false"
    stage_rows(connection, TABLES[feed.table_name], texts, rows.present, feed.view)
    counted = dict(connection.execute(rows.account).fetchall())
    count = sum(counted.values())
    staged = StagedFeed(feed, reading, (), set_aside={"column_missing": count} if count else {})
    return _finish(connection, staged, None)


def _refuse_missing(feed: Feed, rows: MappedRows, reading: Reading) -> None:
    missing = _missing(feed, rows)
    if missing and feed.mapping is not None:
        columns = feed.mapping.columns[missing[0]].columns
        near = nearest(columns, reading.header.unknown)
        raise InputError(
            f"the required column {missing[0]} of {feed.table_name} cannot be filled",
            got=f"none of the columns {', '.join(columns)}{f'; a column named {near}' if near else ''}",
            allowed="at least one of them, or a profile of your own that says where else it stands",
            where=feed.source.name,
        )


def _account(connection: duckdb.DuckDBPyConnection, staged: StagedFeed, rows: MappedRows) -> StagedFeed:
    mapping = staged.feed.mapping
    if mapping is None or not (mapping.where or mapping.distinct):
        return staged
    counted = dict(connection.execute(rows.account).fetchall())
    taken = counted.pop(None, 0)
    ((kept,),) = connection.execute(f"select count(*) from {staged.feed.view}").fetchall()
    duplicate = taken - kept if mapping.distinct else 0
    return StagedFeed(staged.feed, staged.reading, staged.present, duplicate, counted)


def _finish(connection: duckdb.DuckDBPyConnection, staged: StagedFeed, protection: Protection | None) -> StagedFeed:
    feed = staged.feed
    mark_rounded_ids(connection, TABLES[feed.table_name], f"{feed.view}_cast", staged.present)
    refuse_retyped(connection, TABLES[feed.table_name], feed.view, staged.present, feed.source.name)
    if protection is not None:
        protect_staged(connection, TABLES[feed.table_name], feed.view, protection)
    # What the reader left out counts once, also where the file feeds the table several times.
    left_out = Counter(row.kind for row in staged.reading.set_aside) if feed.part == 1 else Counter[str]()
    aside = left_out + Counter(staged.set_aside)
    return StagedFeed(feed, staged.reading, staged.present, staged.duplicate, dict(sorted(aside.items())))


def drop_feeds(connection: duckdb.DuckDBPyConnection, feeds: Sequence[Feed], sources: Sequence[Source]) -> None:
    """Drop every temporary view and table of an ingest."""
    for feed in feeds:
        drop_protected(connection, feed.view)
        drop_staged(connection, feed.view)
        connection.execute(f"drop view if exists {feed.view}_persons")
        for at in range(len(person_columns(feed.mapping)) if feed.mapping else 0):
            connection.execute(f"drop table if exists {feed.view}_person_{at}")
    for at, _source in enumerate(sources):
        drop_staged(connection, _source_view(at))
    drop_refunds(connection)
    connection.execute("drop table if exists derived_practitioner")
