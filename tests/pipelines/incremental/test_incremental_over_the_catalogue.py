"""Every detector of the catalogue, over the cases of its own spec: rows that come in two batches give the same."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from detectors.ascii_tables import Row
from detectors.catalogue import SHIPPED
from detectors.specs import read_spec, rows_of, spec_pack
from pipelines.incremental.lineage import BY_PATIENT as TABLES_BY_PATIENT
from schemas.tables import TABLES

SPECS = {
    spec.detector_id: spec
    for spec in (read_spec(path) for path in sorted((Path(__file__).parents[2] / "detectors").rglob("*.toml")))
}
BY_PATIENT = [one for one in SHIPPED if one.is_by_patient and one.id in SPECS]
LATE_PCT = 12
DAYS_BEFORE = 3


def is_late(row: Row, table: str) -> bool:
    """Whether a row comes with the second batch: about one in eight, always the same ones; registers never do."""
    if table not in TABLES_BY_PATIENT:
        return False
    key = "|".join(str(row.get(name)) for name in (table, *TABLES[table].key))
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % 100 < LATE_PCT


def part(tables: Mapping[str, Sequence[Row]], late: bool) -> dict[str, list[Row]]:
    chosen = {name: [row for row in rows if is_late(row, name) is late] for name, rows in tables.items()}
    return {name: rows for name, rows in chosen.items() if rows}


@pytest.mark.parametrize("detector", BY_PATIENT, ids=lambda one: one.id)
def test_rows_of_the_spec_in_two_batches_give_what_all_at_once_give(
    detector: Any, new_house: Callable[..., Any], tmp_path: Path
) -> None:
    spec = SPECS[detector.id]
    tables, as_of = rows_of(spec.cases), max(case.as_of for case in spec.cases)
    pack = spec_pack(tmp_path, spec)
    house, whole = new_house((detector,), pack), new_house((detector,), pack)
    house.load(part(tables, late=False))
    house.night(as_of - timedelta(days=DAYS_BEFORE))
    house.load(part(tables, late=True))
    whole.load(tables)
    night, expected = house.night(as_of), whole.night(as_of, full=True)
    assert not night.prepared.reason
    assert night.how[detector.id] == "touched" or "as-of date" in night.how[detector.id]
    for name, told in _without_batches(expected).items():
        assert _without_batches(night)[name] == told, name
    house.connection.close()
    whole.connection.close()


def _without_batches(night: Any) -> dict[str, object]:
    """What a run found; in which batch and line a row came is another matter."""
    return {name: told for name, told in night.told().items() if name != "evidence"}
