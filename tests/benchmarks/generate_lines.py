"""A made city's year straight into a warehouse: orders, charges with reversals, results, visits and stays.

    python tests/benchmarks/generate_lines.py --rows 1000000

Every value is a hash of its row's number, so equal sizes give equal rows. Visits come in the order of time, as extracts
do, and a patient's rows lie scattered over the year; some patients, doctors and items are far busier than others.
Orders are about a third of ``--rows``, charged lines the rest; results, diagnoses and registers come on top.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from schemas.pack import load_pack

CACHE = Path.home() / ".cache" / "exam-audit-bench"
LINES_A_VISIT = 9.525
"""Orders and charged lines of one visit on average, as the shapes below give them."""

SLICE = 1_000_000
"""Visits that are made at a time."""

REGISTERS = Path(__file__).with_name("generate_registers.sql")
SHAPES = Path(__file__).with_name("generate_lines.sql")
ORIGIN = "'bench' as batch_id, '{0}.csv' as source_file, row_number() over () as source_row"


def warehouse_of(rows: int, cache: Path = CACHE) -> Path:
    """The warehouse that holds this many order and charged lines; made once, then kept while they are made the same."""
    folder = cache / f"lines_{rows}"
    done, made_by = folder / "done", _made_by()
    if not done.exists() or done.read_text(encoding="ascii") != made_by:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        generate(folder / "warehouse.duckdb", rows)
        done.write_text(made_by, encoding="ascii")
    return folder / "warehouse.duckdb"


def _made_by() -> str:
    """SHA-256 of what decides the lines beside their number: this file, its SQL and the pack that items come from."""
    digest = hashlib.sha256(load_pack("cn-national").sha256.encode())
    for path in (Path(__file__), REGISTERS, SHAPES):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def generate(path: Path, rows: int) -> None:
    """Fill a new warehouse with canonical tables, slice by slice, so that memory is bounded at any size."""
    connection = open_warehouse(path, memory_limit="4GB")
    create_tables(connection)
    connection.execute("create macro work.draw(n, salt, below) as cast(hash(n, salt) % below as bigint)")
    sizes = {
        "visits": max(50, round(rows / LINES_A_VISIT)),
        "patients": max(20, rows // 60),
        "institutions": max(5, rows // 250_000),
        "doctors": max(20, rows // 5_000),
        "plain_items": _put_items(connection),
    }
    for target, query in _statements(REGISTERS):
        _store(connection, target, query, sizes)
    for first in range(0, sizes["visits"], SLICE):
        bounds = {"first": first, "last": min(first + SLICE, sizes["visits"])}
        for target, query in _statements(SHAPES):
            _store(connection, target, query, sizes | bounds)
    for scratch in ("item", "visit", "asked", "charged"):
        connection.execute(f"drop table work.{scratch}")
    connection.execute("drop macro work.draw")
    connection.execute(
        "insert into ledger.file (batch_id, source_file, table_name, content_sha256, rows_in, accepted, quarantined, "
        "duplicate, superseded, columns_present, unknown_columns, quarantine_reasons) "
        "select 'bench', table_name || '.csv', table_name, '', 0, 0, 0, 0, 0, list(column_name), [], '{}' "
        "from information_schema.columns where table_schema = 'main' and table_name in "
        f"({', '.join(repr(name) for name in FILLED)}) group by table_name"
    )
    connection.execute("checkpoint")
    connection.close()


def _put_items(connection: duckdb.DuckDBPyConnection) -> int:
    """The pack's items, those that a rule asks sex, age, frequency or a diagnosis for last; returns how many first."""
    tables = load_pack("cn-national").tables
    limited = {name: tables[name]["item_code"].to_list() for name in ("frequency_limits", "item_limits")}
    is_limited = (
        pl.any_horizontal(pl.col("sex_limit", "min_age_days", "max_age_days").is_not_null())
        | pl.col("item_code").is_in(sorted({code for codes in limited.values() for code in codes}))
        | pl.col("family").is_in(tables["indications"]["family"].unique().to_list())
    )
    items = (
        tables["exam_items"]
        .with_columns(is_limited.alias("is_limited"))
        .sort("is_limited", "item_code")
        .unique("item_code", keep="first", maintain_order=True)
    )
    DuckDBEngine(connection).put("work.item", items.with_row_index("n").to_arrow())
    return items.height - int(items["is_limited"].sum())


def _statements(path: Path) -> Iterator[tuple[str, str]]:
    """Target and query of each statement of a file; the comment above it ends with the target."""
    for statement in path.read_text(encoding="utf-8").split(";\n"):
        comment, _, query = statement.partition("-- as\n")
        yield comment.split()[-1], query


FILLED = (
    "patient", "institution", "department", "practitioner", "encounter", "diagnosis", "procedure", "exam_order",
    "exam_result", "claim_line",
)  # fmt: skip


def _store(connection: duckdb.DuckDBPyConnection, target: str, query: str, sizes: dict[str, int]) -> None:
    bound = {name: value for name, value in sizes.items() if f"${name}" in query}
    schema, _, table = target.partition(".")
    if schema == "work":
        connection.execute(f"create or replace table {target} as {query}", bound)
    else:
        origin = ORIGIN.format(table)
        connection.execute(f"insert into {target} by name select q.*, {origin} from ({query}) as q", bound)


def main() -> None:
    """Make one warehouse and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--cache", type=Path, default=CACHE)
    arguments = parser.parse_args()
    print(warehouse_of(arguments.rows, arguments.cache))


if __name__ == "__main__":
    main()
