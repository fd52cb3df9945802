"""A profile explained against a file: what is used, missing, unknown, and how values convert; nothing is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from detectors.engines.duckdb import create_tables, open_warehouse
from pipelines.ingest.casting import value
from pipelines.ingest.drift import refuse_retyped
from pipelines.ingest.feeds import read_file
from pipelines.ingest.layouts import headers_of, lenient_layout, nearest
from pipelines.ingest.mapping import MappedRows, map_rows
from pipelines.ingest.numbering import SourceView
from pipelines.ingest.persons import with_persons
from pipelines.ingest.sources import SUFFIXES, Source, find_sources, sources_in
from pipelines.ingest.staged import Reading
from pipelines.ingest.staging import stage_rows, stage_source
from schemas.errors import InputError
from schemas.profile_report import ColumnUse, Conversion, ProfileReport
from schemas.profile_shapes import ColumnMapping, Profile, SourceColumn, SourceFile, TableMapping
from schemas.table import Column, Table
from schemas.tables import TABLES

ROWS_LOOKED_AT = 100_000
"""Rows of a table whose values are converted."""

_PATTERNS_SHOWN = 5
_PATTERN_LENGTH = 30


def explain(path: Path, profile: Profile) -> tuple[ProfileReport, ...]:
    """A report of one file, or of every known file of a folder.

    Raises:
        InputError: no such file, no file that the profile knows, or one that cannot be read at all.
    """
    if path.is_dir():
        return tuple(_explain_source(source, profile) for source in find_sources(path, profile).sources)
    if not path.is_file():
        raise InputError("the file does not exist", got=str(path), allowed="a file or a folder", where="FILE")
    sources = sources_in(path, profile).sources
    if not sources:
        patterns = [pattern for source in as_mapped(profile).source.values() for pattern in source.files]
        raise InputError(
            "the profile does not know a file of this name",
            got=path.name,
            allowed=f"{', '.join(patterns)} with {' or '.join(SUFFIXES)}",
            where=f"profile {profile.name}",
        )
    return tuple(_explain_source(source, profile) for source in sources)


def _explain_source(found: Source, profile: Profile) -> ProfileReport:
    kind, mapped = found.kind, as_mapped(profile)
    names: list[tuple[str, ...]] = []
    source = replace(found, layout=lenient_layout(mapped, kind, names))
    with _bench(source.path) as (connection, scratch):
        reading = stage_source(connection, read_file(source, scratch), view="checked", file_name=source.name)
        own = SourceView("checked", frozenset(reading.header.positions))
        uses = _uses(mapped, kind, reading, names[-1])
        told = _Told(connection, mapped, kind, own, source.name)
        told.look()
        missing = [f"the required column {use.column} is missing" for use in uses if use.required and not use.header]
        ((rows,),) = connection.execute("select count(*) from checked").fetchall()
    return ProfileReport(
        source_file=source.name,
        kind=kind,
        written_as=reading.written_as,
        rows=rows,
        set_aside=dict(sorted(Counter(row.kind for row in reading.set_aside).items())),
        columns=uses,
        unused=reading.header.unknown,
        tables=told.tables,
        excluded=told.excluded,
        conversions=_by_column(told.conversions),
        problems=(*missing, *told.problems),
    )


def as_mapped(profile: Profile) -> Profile:
    """A profile of the tables themselves, written out as sources and mappings; any other as it is."""
    if not profile.tables_as_sources:
        return profile
    sources = {
        name: SourceFile(
            files=(name,), columns={column.name: SourceColumn(required=column.required) for column in table.columns}
        )
        for name, table in TABLES.items()
    }
    mappings = tuple(
        TableMapping.model_validate(
            {"name": name, "from": name, "columns": {column: {"column": column} for column in table.column_names}}
        )
        for name, table in TABLES.items()
    )
    return profile.model_copy(update={"tables_as_sources": False, "source": sources, "table": mappings})


@contextmanager
def _bench(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    with TemporaryDirectory(prefix="exam-audit-") as folder:
        connection = open_warehouse(None, allowed=(path.parent, Path(folder)))
        try:
            create_tables(connection)
            yield connection, Path(folder)
        finally:
            connection.close()


def _uses(profile: Profile, kind: str, reading: Reading, names: tuple[str, ...]) -> tuple[ColumnUse, ...]:
    uses = []
    for name, column in profile.source[kind].columns.items():
        at = reading.header.positions.get(name)
        uses.append(
            ColumnUse(
                column=name,
                header=None if at is None else names[at].strip(),
                required=column.required,
                suggestion=None if at is not None else nearest(headers_of(name, column), reading.header.unknown),
                feeds=tuple(_fed(profile, kind, name)),
            )
        )
    return tuple(uses)


def _fed(profile: Profile, kind: str, column: str) -> Iterator[str]:
    found = dict[str, None]()
    for mapping in profile.table:
        prefix = "" if mapping.from_ == kind else f"{kind}."
        for name, origin in mapping.columns.items():
            if f"{prefix}{column}" in origin.named:
                found[f"{mapping.name}.{name}"] = None
    yield from found


class _Told:
    """Goes through the mappings of one file and gathers what is to be told."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, profile: Profile, kind: str, own: SourceView, file_name: str
    ) -> None:
        self._connection, self._profile, self._kind = connection, profile, kind
        self._own, self._file_name = own, file_name
        self.tables: dict[str, int] = {}
        self.excluded: dict[str, dict[str, int]] = {}
        self.conversions: list[Conversion] = []
        self.problems: list[str] = []

    def look(self) -> None:
        for mapping in self._profile.table:
            if mapping.from_ == self._kind:
                self._look_at(TABLES[mapping.name], mapping)

    def _look_at(self, table: Table, mapping: TableMapping) -> None:
        own = with_persons(self._connection, mapping, self._own, "checked", None)
        rows = map_rows(table, mapping, own, {}, is_scoped=self._profile.scope_ids_by == "institution")
        self._count(table, rows)
        missing = [name for name in table.required_columns if name not in rows.present]
        if missing and (mapping.distinct or mapping.optional):
            return
        if missing:
            self.problems.append(f"{table.name}.{missing[0]} cannot be filled")
            return
        self._connection.execute(
            f"create or replace temp table looked_at as select * from ({rows.texts}) as texts limit {ROWS_LOOKED_AT}"
        )
        stage_rows(self._connection, table, "select * from looked_at", rows.present, "converted")
        try:
            refuse_retyped(self._connection, table, "converted", rows.present, self._file_name)
        except InputError as error:
            self.problems.append(error.wrong)
        reasons = _reasons(self._connection)
        for name in rows.present:
            if not isinstance(mapping.columns.get(name, ColumnMapping(constant="")).constant, str):
                self.conversions.append(self._conversion(table, table.column(name), reasons.get(name, {})))

    def _count(self, table: Table, rows: MappedRows) -> None:
        counted = dict(self._connection.execute(rows.account).fetchall())
        self.tables[table.name] = self.tables.get(table.name, 0) + counted.pop(None, 0)
        if counted:
            before = Counter(self.excluded.get(table.name, {}))
            self.excluded[table.name] = dict(sorted((before + Counter(counted)).items()))

    def _conversion(self, table: Table, column: Column, reasons: dict[str, int]) -> Conversion:
        text = f"text_{column.name}"
        ((filled, converted),) = self._connection.execute(
            f"select count({text}), count({value(column, text)}) from looked_at where structure_fault is null"
        ).fetchall()
        return Conversion(
            column=f"{table.name}.{column.name}",
            filled=filled,
            converted=converted,
            faulty=sum(reasons.values()),
            reasons=reasons,
            patterns=self._patterns(column) if converted < filled else {},
        )

    def _patterns(self, column: Column) -> dict[str, int]:
        text = f"text_{column.name}"
        shape = text
        for signs, sign in (("[0-9０-９]", "9"), ("[A-Za-z]", "A"), (r"[^\x00-\x7F]", "字")):
            shape = f"regexp_replace({shape}, '{signs}', '{sign}', 'g')"
        found = self._connection.execute(
            f"select substr({shape}, 1, {_PATTERN_LENGTH}) as shape, count(*) as rows from looked_at "
            f"where {text} is not null and {value(column, text)} is null "
            f"group by shape order by rows desc, shape limit {_PATTERNS_SHOWN}"
        ).fetchall()
        return dict(found)


def _by_column(conversions: Sequence[Conversion]) -> tuple[Conversion, ...]:
    """Conversions of a column that several mappings fill, as one."""
    summed: dict[str, Conversion] = {}
    for one in conversions:
        other = summed.get(one.column)
        summed[one.column] = one if other is None else _sum(other, one)
    return tuple(summed.values())


def _sum(first: Conversion, second: Conversion) -> Conversion:
    return Conversion(
        column=first.column,
        filled=first.filled + second.filled,
        converted=first.converted + second.converted,
        faulty=first.faulty + second.faulty,
        reasons=dict(Counter(first.reasons) + Counter(second.reasons)),
        patterns=dict(Counter(first.patterns) + Counter(second.patterns)),
    )


def _reasons(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Faults of the looked-at rows: canonical column to reason to number."""
    found: dict[str, dict[str, int]] = {}
    for fault, rows in connection.execute(
        "select fault, count(*) from (select unnest(string_split(faults, ';')) as fault from converted "
        "where faults is not null) as faults group by fault order by fault"
    ).fetchall():
        reason, _, column = str(fault).partition(":")
        found.setdefault(column, {})[reason] = rows
    return found
