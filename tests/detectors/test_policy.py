"""A policy pack in the engine: institutions' own codes, ceilings by date, word lists that cn-national lends."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from detectors.prepared import prepare
from detectors.specs import fill
from schemas.pack import load_pack

ORDER = {"patient_id": "P", "status": "performed"}


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(engine.connection)
    yield engine
    engine.connection.close()


def pack_folder(folder: Path, **tables: str) -> Path:
    folder.mkdir()
    (folder / "pack.toml").write_text('name = "own"\nversion = "1"\n', encoding="utf-8")
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def events(engine: DuckDBEngine, folder: Path) -> list[tuple[object, ...]]:
    load_policy(engine, load_pack(folder))
    prepare(engine, {"as_of": date(2025, 12, 31), "default_retest_hours": None})
    asked = "select event_id, item_code, ceiling_amount from prepared.exam_event order by event_id"
    return engine.connection.execute(asked).fetchall()


def test_an_institutions_own_code_wins_and_never_doubles_an_event(engine: DuckDBEngine, tmp_path: Path) -> None:
    rows = [
        ORDER
        | {"order_id": f"O{n}", "institution_id": f"H{n}", "item_code": "LOC", "ordered_at": "2025-02-01T08:00:00"}
        for n in (1, 2, 3)
    ]
    fill(engine, {"exam_order": rows})
    folder = pack_folder(
        tmp_path / "own", item_map="local_item_code,institution_id,item_code\nLOC,H1,LFT\nLOC,H2,VAL\nLOC,,CBC\n"
    )
    assert [row[:2] for row in events(engine, folder)] == [("O1", "LFT"), ("O2", "VAL"), ("O3", "CBC")]


def test_a_ceiling_is_the_one_in_force_on_the_day_of_the_examination(engine: DuckDBEngine, tmp_path: Path) -> None:
    days = ("2025-01-31", "2025-02-28", "2025-03-01")
    rows = [
        ORDER | {"order_id": f"O{n}", "institution_id": "H1", "item_code": "LFT", "ordered_at": f"{day}T08:00:00"}
        for n, day in enumerate(days)
    ]
    fill(engine, {"exam_order": rows, "institution": [{"institution_id": "H1", "institution_name": "H1"}]})
    folder = pack_folder(
        tmp_path / "own",
        price_ceilings="item_code,level,region_code,price_ceiling,valid_from,valid_to\n"
        "LFT,,,5.55,2025-02-01,2025-03-01\nLFT,,,6.66,2025-03-01,\n",
    )
    told = [None if row[2] is None else str(row[2]) for row in events(engine, folder)]
    assert told == [None, "5.55", "6.66"]


def test_a_pack_that_stands_alone_keeps_drugs_out_of_the_examinations(engine: DuckDBEngine, tmp_path: Path) -> None:
    line = {
        "claim_id": "S",
        "patient_id": "P",
        "institution_id": "H1",
        "quantity": "1",
        "unit_price": "9",
        "amount": "9",
    }
    rows = [
        line | {"claim_line_id": f"L{n}", "item_code": "X", "charge_category": category, "charged_at": "2025-02-01"}
        for n, category in enumerate(("西药费", "化验费", None))
    ]
    fill(engine, {"claim_line": rows})
    assert [row[0] for row in events(engine, pack_folder(tmp_path / "own"))] == ["L1", "L2"]
