"""Canonical tables that stand in a Spark catalogue already: nothing is copied, and the ledger tells what was there.

The warehouse of such a workspace holds the batch ledger and the register of institutions, and no other row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import duckdb

from detectors.engines.duckdb import DuckDBEngine
from detectors.engines.spark import SparkEngine
from pipelines.open_warehouse import warehouse
from pipelines.settings import RunSettings
from schemas.card import Text
from schemas.errors import InputError, UsageError
from schemas.quality import QualityCheck, QualityReport
from schemas.table import Severity
from schemas.tables import NEEDED_TO_START, TABLES

PROFILE = "catalogue"
"""Stands in the ledger where an extract's profile would."""

_PRESENT = Text(en="Every row has a value in each required column.", zh="各必填列在每行均有值。")


def attach_catalogue(engine: SparkEngine, schema: str) -> dict[str, frozenset[str]]:
    """Let schema ``main`` be the tables of a catalogue's schema; returns the canonical columns that each has.

    A column that a table lacks is null; a moment that stands as a date there has no hour.

    Raises:
        InputError: a table or a required column that no run can do without is missing.
    """
    present = {name: engine.attach_table(table, schema) for name, table in TABLES.items()}
    found = {name: columns for name, columns in present.items() if columns}
    lacking = [name for name in NEEDED_TO_START if name not in found]
    lacking += [
        f"{name}.{column}" for name in found for column in TABLES[name].required_columns if column not in found[name]
    ]
    if lacking:
        raise InputError(
            "the catalogue's schema lacks tables or columns that a run needs",
            got="missing " + ", ".join(lacking),
            allowed="tables and columns under their canonical names; see DATA_DICTIONARY.md",
            where=f"--catalogue-schema {schema}",
        )
    return found


def take_in_catalogue(engine: SparkEngine, settings: RunSettings, schema: str) -> QualityReport:
    """Enter the catalogue's tables in the ledger as the one batch, and judge what no run can do without.

    Raises:
        UsageError: the workspace holds extracts; told before a row is read.
    """
    with warehouse(settings) as connection:
        _refuse_extracts(connection, settings)
    present = attach_catalogue(engine, schema)
    prints = {name: engine.fingerprint(f"main.{name}") for name in sorted(present)}
    institutions = engine.answer("select i.* from main.institution as i", {})
    with warehouse(settings) as connection:
        _enter(connection, schema, present, prints)
        DuckDBEngine(connection).put("main.institution", institutions)
    checks = [_present(engine, name, prints[name][0]) for name in sorted(present)]
    return QualityReport(checks=tuple(checks), files=(), row_counts={name: rows for name, (rows, _) in prints.items()})


def _refuse_extracts(connection: duckdb.DuckDBPyConnection, settings: RunSettings) -> None:
    rows = connection.execute("select count(*) from ledger.batch where profile <> $own", {"own": PROFILE}).fetchall()
    if rows[0][0]:
        raise UsageError(
            "the workspace holds extracts already",
            allowed="a workspace of its own for a catalogue",
            where=f"--workspace {settings.workspace}",
        )


def _enter(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    present: Mapping[str, frozenset[str]],
    prints: Mapping[str, tuple[int, str]],
) -> None:
    told = json.dumps([schema, sorted(prints.items())])
    batch_id = hashlib.sha256(told.encode()).hexdigest()[:16]
    for table in ("batch", "file"):
        connection.execute(f"delete from ledger.{table}")
    loaded = sum(rows for rows, _ in prints.values())
    connection.execute(
        "insert into ledger.batch (batch_id, sequence, profile, loaded_rows) values ($id, 1, $profile, $rows)",
        {"id": batch_id, "profile": PROFILE, "rows": loaded},
    )
    for name, (rows, digest) in prints.items():
        connection.execute(
            "insert into ledger.file (batch_id, source_file, table_name, content_sha256, rows_in, accepted, "
            "quarantined, duplicate, superseded, columns_present, unknown_columns, quarantine_reasons) "
            "values ($id, $file, $name, $digest, $rows, $rows, 0, 0, 0, $columns, [], '{}')",
            {
                "id": batch_id,
                "file": f"{schema}.{name}",
                "name": name,
                "digest": digest,
                "rows": rows,
                "columns": sorted(present[name]),
            },
        )


def _present(engine: SparkEngine, name: str, rows: int) -> QualityCheck:
    """Rows of a table that lack a required value: a blocking fault, for nothing is quarantined here."""
    lacking = " or ".join(f"t.{column} is null" for column in TABLES[name].required_columns) or "false"
    answer = engine.answer(f"select count(*) as violated from main.{name} as t where {lacking}", {})
    violated = int(answer["violated"][0].as_py())
    return QualityCheck(
        table_name=name,
        name="required_present",
        severity=Severity.BLOCKING,
        prose=_PRESENT,
        passed=violated == 0,
        examined=rows,
        violated=violated,
        tolerated_share=0.0,
    )
