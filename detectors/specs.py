"""Specs: small ASCII tables in, expected findings out; they test a detector and are its page in the catalogue.

A spec is a TOML file: ``detector``, optional ``[pack]`` tables laid over cn-national, and ``[[case]]`` entries with
``id``, ``title``, ``covers``, optional ``set`` and ``as_of``, ``tables`` (ASCII) and ``expect`` (ASCII, header only =
no finding). In a cell ``-`` is null, and ``{v=1..40}`` repeats the row for every number (several ranges multiply).
Ids of a case are prefixed with the case's own id, so that all cases of one setting are one warehouse and one question;
a judge, who compares rows with each other, sees the rows of each case alone. A pack's row about an id of the cases,
written ``*:H1``, stands for that id in every one of them.
"""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import polars as pl

from detectors.ascii_tables import AsciiTables, Row, header_and_rows
from detectors.declaration import Detector, Judge, Value
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.engines.protocol import Bound
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.runner import Request, run_detector
from detectors.settings import resolve
from schemas.pack import Pack, load_pack
from schemas.table import Kind, has_time
from schemas.tables import TABLES

_EVERY_CASE = "*:"
DEFAULT_AS_OF = date(2025, 12, 31)


@dataclass(frozen=True)
class Case:
    """One story: what is on record, under which settings, and what must be found."""

    id: str
    title: str
    covers: str
    tables: Mapping[str, tuple[Row, ...]]
    expected_columns: tuple[str, ...]
    expected: tuple[Row, ...]
    settings: Mapping[str, Value] = field(default_factory=dict)
    as_of: date = DEFAULT_AS_OF


@dataclass(frozen=True)
class Spec:
    """All stories of one detector."""

    detector_id: str
    pack_tables: Mapping[str, str]
    cases: tuple[Case, ...]


def read_spec(path: Path) -> Spec:
    """A spec from its TOML file."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    return Spec(raw["detector"], raw.get("pack", {}), tuple(_case(one) for one in raw["case"]))


def _case(raw: Mapping[str, object]) -> Case:
    columns, expected = header_and_rows(str(raw["expect"]))
    settings = raw.get("set", {})
    assert isinstance(settings, dict)  # noqa: S101 - TOML table
    return Case(
        id=str(raw["id"]),
        title=str(raw["title"]),
        covers=str(raw["covers"]),
        tables=AsciiTables(str(raw["tables"])),
        expected_columns=columns,
        expected=tuple(expected),
        settings=settings,
        as_of=date.fromisoformat(str(raw.get("as_of", DEFAULT_AS_OF))),
    )


def found_by_case(spec: Spec, detector: Detector) -> dict[str, list[Row]]:
    """What the detector finds in each case: finding columns and evidence keys as text, ids without their prefix."""
    found: dict[str, list[Row]] = {}
    by_day: dict[date, list[Case]] = {}
    for case in spec.cases:
        by_day.setdefault(case.as_of, []).append(case)
    with tempfile.TemporaryDirectory() as folder:
        pack = spec_pack(Path(folder), spec)
        for cases in by_day.values():
            found |= _found_together(cases, detector, pack)
    return found


def spec_pack(folder: Path, spec: Spec) -> Pack:
    """The pack that a spec's cases are judged by, written into an empty folder."""
    (folder / "pack.toml").write_text('name = "spec"\nversion = "1"\nextends = "cn-national"\n', encoding="utf-8")
    for name in spec.pack_tables:
        columns, told = pack_rows(spec, name)
        pl.DataFrame(told, schema=dict.fromkeys(columns, pl.String)).write_csv(folder / f"{name}.csv")
    return load_pack(folder)


def pack_rows(spec: Spec, table: str) -> tuple[tuple[str, ...], list[Row]]:
    """Columns and rows of a pack table that a spec lays over the pack's own, ids of its cases written out."""
    columns, rows = header_and_rows(spec.pack_tables[table])
    return columns, [one for row in rows for one in _for_every_case(row, spec.cases)]


def _for_every_case(row: Row, cases: Sequence[Case]) -> list[Row]:
    """The row itself, or once for each case where a cell is an id of the cases."""
    if not any((cell or "").startswith(_EVERY_CASE) for cell in row.values()):
        return [row]
    return [{name: cell and re.sub(r"^\*(?=:)", case.id, cell) for name, cell in row.items()} for case in cases]


def _found_together(cases: Sequence[Case], detector: Detector, pack: Pack) -> dict[str, list[Row]]:
    """One warehouse for all cases of one day; the detector runs once under each setting, for the cases that set it."""
    groups: dict[tuple[tuple[str, Value], ...], list[Case]] = {}
    for case in cases:
        groups.setdefault(tuple(sorted(case.settings.items())), []).append(case)
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    try:
        create_tables(engine.connection)
        fill(engine, rows_of(cases))
        load_policy(engine, pack)
        hours = pack.thresholds.get("default_retest_hours")
        prepare(engine, {"as_of": cases[0].as_of, "default_retest_hours": hours})
        found: dict[str, list[Row]] = {}
        for own in groups.values():
            found |= _found_under_one_setting(engine, own, detector, pack)
    finally:
        engine.connection.close()
    return found


def _found_under_one_setting(
    engine: DuckDBEngine, cases: Sequence[Case], detector: Detector, pack: Pack
) -> dict[str, list[Row]]:
    groups = [[case] for case in cases] if detector.steps else [cases]
    found: dict[str, list[Row]] = {}
    for group in groups:
        narrowed = _OneCase(engine, group[0].id) if detector.steps else engine
        outcome = run_detector(narrowed, _judged_alone(detector), pack, _request(cases[0], detector, cases))
        if outcome.row["status"] != "ran":
            raise ValueError(f"{detector.id}: {outcome.row['reason']}")
        found |= {case.id: [_told(row, case) for row in _own(outcome.findings, case)] for case in group}
    return found


class _OneCase(DuckDBEngine):
    """The engine for a detector whose steps compare rows with each other: they see those of one case."""

    def __init__(self, engine: DuckDBEngine, case_id: str) -> None:
        super().__init__(engine.connection)
        self.case_id = case_id

    def store(self, table: str, sql: str, parameters: Mapping[str, Bound]) -> int:
        """As the engine does; of the question's rows those of the case."""
        if table == "work.asked":
            sql = f"select * from ({sql}) where institution_id like '{self.case_id}:%'"
        return super().store(table, sql, parameters)


def _judged_alone(detector: Detector) -> Detector:
    """The detector with a judge who is shown one case after the other."""
    judge = detector.judge
    return detector if judge is None or detector.steps else replace(detector, judge=_one_case_after_the_other(judge))


def _one_case_after_the_other(judge: Judge) -> Judge:
    def judge_all(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
        case_id = pl.col("institution_id").str.extract("^([^:]*):")
        parts = rows.with_columns(case_id.alias("case_id")).partition_by("case_id", include_key=False)
        return pl.concat([judge(part, parameters) for part in parts or [rows]])

    return judge_all


def _request(case: Case, detector: Detector, cases: Sequence[Case]) -> Request:
    assignments = [f"{detector.id}.{name}={value}" for name, value in case.settings.items()]
    return Request(
        as_of=case.as_of,
        window_from=None,
        window_to=None,
        institutions=(),
        parameters=resolve([detector], {}, assignments),
        present={name: frozenset(TABLES[name].column_names) for one in cases for name in one.tables},
        switched_off={},
    )


def fill(engine: DuckDBEngine, tables: Mapping[str, Sequence[Row]]) -> None:
    """Put rows of text into canonical tables that stand already, cast column by column.

    Args:
        engine: holds the canonical tables.
        tables: canonical table → rows; a column that a row leaves out is null, a moment of ten characters a bare date.
    """
    for name in sorted(tables):
        table, rows = TABLES[name], tables[name]
        if not rows:
            continue
        frame = pl.DataFrame(list(rows), schema=dict.fromkeys(table.column_names, pl.String))
        engine.put("work.spec_rows", frame.to_arrow())
        targets, sources = [], []
        for column in table.columns:
            targets.append(column.name)
            sources.append(f"cast({column.name} as {next(column.stored())[1]})")
            if column.kind is Kind.MOMENT:
                targets.append(has_time(column.name))
                sources.append(f"length({column.name}) > 10")
        origin = "'spec', 'spec.toml', row_number() over ()"
        engine.connection.execute(
            f"insert into main.{name} ({', '.join(targets)}, batch_id, source_file, source_row) "
            f"select {', '.join(sources)}, {origin} from work.spec_rows"
        )


def rows_of(cases: Sequence[Case]) -> dict[str, list[Row]]:
    """Rows of all cases by table, ids prefixed with their case's id."""
    return {name: [row for case in cases for row in _prefixed(case, name)] for name in TABLES}


def _prefixed(case: Case, table_name: str) -> Iterator[Row]:
    rows, columns = case.tables.get(table_name, ()), TABLES[table_name].columns
    unknown = {name for row in rows for name in row} - {column.name for column in columns}
    if unknown:
        raise ValueError(f"case {case.id}: table {table_name} has no columns {sorted(unknown)}")
    ids = [column.name for column in columns if column.kind is Kind.ID]
    for row in rows:
        yield row | {name: f"{case.id}:{row[name]}" for name in ids if row.get(name) is not None}


def _own(findings: pl.DataFrame, case: Case) -> list[dict[str, object]]:
    return findings.filter(pl.col("subject_id").str.starts_with(f"{case.id}:")).to_dicts()


def _told(row: Mapping[str, object], case: Case) -> Row:
    """The expected columns of a finding as text."""
    values = json.loads(str(row["evidence"])) | dict(row)
    return {name: _as_text(values[name], case.id) for name in case.expected_columns}


def _as_text(value: object, case_id: str) -> str | None:
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.replace(f"{case_id}:", "").removesuffix(".0")
