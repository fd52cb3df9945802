"""A warehouse in memory that takes batches as ingest does and is judged night after night."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pytest

from detectors.ascii_tables import Row
from detectors.catalogue import SHIPPED
from detectors.declaration import Detector
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.evidence import evidence_rows
from detectors.evidence.wanted import wanted_of
from detectors.leads.grouping import leads_of
from detectors.prepared import STEPS
from detectors.runner import Outcome, Request
from detectors.settings import resolve
from pipelines.incremental import Asked, Prepared, State, Wanted, ask_or_update, is_short, prepare_or_update
from pipelines.incremental.remembered import KEPT_SCHEMA
from pipelines.ingest.ledger import write_batch
from pipelines.ingest.loading import content_columns, load_staged
from pipelines.turns import at_once
from schemas.pack import Pack, load_pack
from schemas.quality import FileAccount
from schemas.table import Kind
from schemas.tables import TABLES

Batch = Mapping[str, Sequence[Row]]
PACK = load_pack("cn-national")
COUNTED = ("patient_key", "series_key")
SECONDS = "seconds"


@dataclass
class Night:
    """What one run gave: how it prepared and asked, and everything that it found, as text where bytes matter."""

    prepared: Prepared
    how: dict[str, str]
    outcomes: dict[str, Outcome]
    leads: pl.DataFrame = field(repr=False)
    evidence: dict[str, pl.DataFrame] = field(repr=False)
    tables: dict[str, list[tuple[object, ...]]] = field(repr=False)

    def told(self) -> dict[str, object]:
        """All that must be the same however the run came about."""
        return {
            "account": {name: f"{value}" for name, value in self.prepared.account.items()},
            "rows": {id_: {k: v for k, v in one.row.items() if k != SECONDS} for id_, one in self.outcomes.items()},
            "findings": {id_: one.findings.write_json() for id_, one in self.outcomes.items()},
            "denominators": {id_: one.denominators.write_json() for id_, one in self.outcomes.items()},
            "leads": self.leads.write_json(),
            "evidence": {name: rows.write_json() for name, rows in self.evidence.items()},
            "patients": self.prepared.patients,
            **self.tables,
        }


@dataclass
class House:
    """A warehouse with its ledger."""

    connection: duckdb.DuckDBPyConnection
    pack: Pack = PACK
    detectors: tuple[Detector, ...] = SHIPPED
    batches: list[str] = field(default_factory=list)

    def load(self, batch: Batch) -> None:
        """Take a batch in, superseding rows of the same key."""
        batch_id = f"B{len(self.batches) + 1}"
        self.connection.execute("begin transaction")
        for name in sorted(batch):
            _stage(self.connection, name, batch[name])
            load_staged(self.connection, TABLES[name], "staged", batch_id=batch_id, source_file=f"{name}.csv")
        files = [(_account(name), TABLES[name].column_names) for name in sorted(batch)]
        write_batch(self.connection, batch_id, "canonical", files)
        self.connection.execute("commit")
        self.batches.append(batch_id)

    def night(
        self,
        as_of: date,
        *,
        full: bool = False,
        key: str = "1",
        largest_share_pct: int = 100,
        window: tuple[date | None, date | None] = (None, None),
        assignments: Sequence[str] = (),
        ask: bool = True,
    ) -> Night:
        """One run as of a day."""
        state = State({"the policy pack": key}, as_of, tuple(self.batches))
        request = Request(as_of, *window, (), resolve(self.detectors, {}, assignments), self._present(), {})
        wanted = Wanted(state, self.pack, is_full=full, largest_share_pct=largest_share_pct)
        prepared = prepare_or_update(self.connection, wanted, self.detectors, request)
        asked = self._asked(request, is_full=full) if ask else {}
        outcomes = {id_: one.outcome for id_, one in asked.items()}
        findings = pl.concat([one.findings for one in outcomes.values()] or [_NOTHING])
        leads = leads_of(findings, self.detectors)
        rows = evidence_rows(DuckDBEngine(self.connection), wanted_of(findings, leads))
        return Night(
            prepared,
            {id_: one.how for id_, one in asked.items()},
            outcomes,
            leads,
            {name: pl.DataFrame(pl.from_arrow(pa.concat_tables(pieces))) for name, pieces in rows},
            {step: self._rows(step) for step in STEPS},
        )

    def _asked(self, request: Request, *, is_full: bool) -> dict[str, Asked]:
        """Every detector asked as a run asks it: three at a time where a night's patients alone are asked about."""
        asked: dict[str, Asked] = {}
        by_id = {one.id: one for one in self.detectors}

        def ask(detector_id: str) -> None:
            with closing(self.connection.cursor()) as cursor:
                asked[detector_id] = ask_or_update(cursor, by_id[detector_id], self.pack, request, is_full=is_full)

        together = [id_ for id_, one in by_id.items() if not is_full and is_short(self.connection, one, request)]
        at_once(ask, together, 3)
        for id_ in by_id.keys() - set(together):
            ask(id_)
        return {id_: asked[id_] for id_ in by_id}

    def _present(self) -> dict[str, frozenset[str]]:
        return {name: frozenset(table.column_names) for name, table in TABLES.items()}

    def _rows(self, step: str) -> list[tuple[object, ...]]:
        """Rows of a prepared table without its counted keys, which mean something only within one building."""
        columns = self.connection.sql(f"from prepared.{step} limit 0").columns
        told = ", ".join(name for name in columns if name not in COUNTED)
        return self.connection.sql(f"select {told} from prepared.{step} order by all").fetchall() if told else []


_NOTHING = pl.DataFrame(pl.from_arrow(KEPT_SCHEMA.empty_table()))


def _stage(connection: duckdb.DuckDBPyConnection, name: str, rows: Sequence[Row]) -> None:
    """A staged view as ingest makes it: typed columns, row numbers, no faults."""
    table = TABLES[name]
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(table.column_names, pl.String)).with_row_index("row_id")
    connection.register("text_rows", frame.to_arrow())
    casts = []
    for column in table.columns:
        casts.append(f"cast({column.name} as {next(column.stored())[1]}) as {column.name}")
        if column.kind is Kind.MOMENT:
            casts.append(f"length({column.name}) > 10 as {column.name}_has_time")
    connection.execute(
        f"create or replace temp table staged as select {', '.join(casts)}, row_id, "
        "row_id + 2 as source_row, cast(null as varchar) as faults from text_rows"
    )
    connection.unregister("text_rows")
    assert set(content_columns(table)) < set(connection.sql("from staged").columns)


def _account(name: str) -> FileAccount:
    return FileAccount(
        source_file=f"{name}.csv", table_name=name, content_sha256="", rows_in=0, accepted=0, quarantined=0,
        duplicate=0, superseded=0, quarantine_reasons={},
    )  # fmt: skip


@pytest.fixture
def new_house() -> Callable[..., House]:
    """Make a warehouse in memory."""

    def _new(detectors: tuple[Detector, ...] = SHIPPED, pack: Pack = PACK) -> House:
        connection = open_warehouse(None, threads=1)
        create_tables(connection)
        return House(connection, pack, detectors)

    return _new


@pytest.fixture
def hourly(tmp_path: Path) -> Pack:
    """A pack of nothing but one interval for every item."""
    (tmp_path / "pack.toml").write_text('name = "hourly"\nversion = "1"\n', encoding="utf-8")
    (tmp_path / "thresholds.toml").write_text("default_retest_hours = 24\n", encoding="utf-8")
    return load_pack(tmp_path)
