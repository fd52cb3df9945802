"""Items of the warehouse that the pack neither lists nor maps, each with the names it goes by."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from detectors.engines.duckdb import DuckDBEngine
from schemas.pack import Pack

QUESTION = (Path(__file__).resolve().parent / "local_items.sql").read_text(encoding="utf-8")


@dataclass(frozen=True)
class LocalItem:
    """An item as an extract codes it.

    Attributes:
        item_code: the source's code.
        names: its names, the most frequent first; empty where it never has one.
        rows: how many orders, claim lines and results carry it.
    """

    item_code: str
    names: tuple[str, ...]
    rows: int


def unmapped_items(engine: DuckDBEngine, pack: Pack) -> tuple[LocalItem, ...]:
    """Local items without a place in the pack, by code.

    Charge lines whose category the pack knows as no examination are left out, and with them an item of which nothing
    else is seen.
    """
    known = set(pack.tables["exam_items"]["item_code"]) | set(pack.tables["item_map"]["local_item_code"])
    no_exams = set(pack.thresholds.get("non_exam_charge_categories", ()))
    names: dict[str, Counter[str | None]] = {}
    for row in engine.answer(QUESTION, {}).to_pylist():
        if row["item_code"] not in known and row["charge_category"] not in no_exams:
            names.setdefault(row["item_code"], Counter())[row["item_name"]] += row["rows_seen"]
    return tuple(LocalItem(code, _by_frequency(seen), seen.total()) for code, seen in sorted(names.items()))


def _by_frequency(seen: Counter[str | None]) -> tuple[str, ...]:
    named = [(name, count) for name, count in seen.items() if name is not None]
    return tuple(name for name, _count in sorted(named, key=lambda pair: (-pair[1], pair[0])))
