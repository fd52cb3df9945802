"""Makes a run extreme: names that are far too long, data bare of all that may be missing, far too much of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]

PLACE = "某某省某某自治州某某市第一人民医院暨某某医科大学附属肿瘤与老年病防治中西医结合专科医院（东院区）"
ITEM = "X线计算机体层(CT)增强扫描(胸部、上腹部及盆腔联合，使用对比剂，含三维重建，急诊加收)"
FAMILY = "_of_a_name_that_nobody_ever_shortened_because_it_came_from_a_list"
RECORD = "3f1c9a52-7b7e-4b1e-9e6d-0c7a5b1d2e3f"
FILE = "2025年第一季度门诊及住院收费明细（全市汇总）修订版_final_v3/收费明细.csv"

LEAD, SUBJECT, PATIENT = "0b5d77aa", "P0001|HI001|2025", "P0001"
EVENTS, APART = 300, 13
"""Examinations of one patient, and how many lie between the two of a finding."""

BARE_OBJECTS = {"funnel": ("expected", "ratio"), "share_funnel": ("trials", "share")}
BARE_LISTS = ("quarters", "families", "case_mix")
BARE_VALUES = ("rerun_without_top_patient", "positive_rate", "null_by_size", "second_opinion")


def make_long(folder: Path) -> None:
    """Institutions, items, families, doctors, records and files of very long names."""
    _change(folder, "evidence/institutions", lambda row: row | {"institution_name": PLACE + row["institution_id"]})
    _change(
        folder,
        "evidence/events",
        lambda row: row | {"item_name": ITEM, "family": f"{row['family']}{FAMILY}", "practitioner_id": "D" * 40},
    )
    _change(
        folder,
        "evidence/lines",
        lambda row: row | {"item_name": ITEM, "row_id": RECORD, "source_file": FILE, "source_row": 123_456_789},
    )


def make_bare(folder: Path) -> None:
    """No register, no names, no amounts, no dates of findings, no peers."""
    for name in ("institutions", "names"):
        _change(folder, f"evidence/{name}", lambda row: None)
    for name in ("leads", "findings", "evidence/events", "evidence/lines"):
        _change(folder, name, _without_amounts)
    _change(folder, "findings", lambda row: row | {"occurred_at": None, "evidence": _bare(row["evidence"])})


def make_many(folder: Path) -> None:
    """A patient with hundreds of examinations, nearly each of which is a finding."""
    event = next(row for row in _rows(folder / "evidence/events.parquet") if row["patient_id"] == PATIENT)
    finding = next(row for row in _rows(folder / "findings.parquet") if row["subject_id"] == SUBJECT)
    begins = datetime.fromisoformat("2025-01-01T08:00")
    events = [
        event | {"event_id": f"X-{n}", "occurred_at": begins + timedelta(hours=29 * n), "family": f"family {n % APART}"}
        for n in range(EVENTS)
    ]
    findings = [
        finding
        | {"finding_id": f"many{n}", "index_event_id": f"X-{n}", "flagged_event_id": f"X-{n + APART}"}
        | {"occurred_at": events[n + APART]["occurred_at"], "exemption_id": None}
        for n in range(EVENTS - APART)
    ]
    _change(folder, "evidence/events", lambda row: row, events)
    _change(folder, "findings", lambda row: row, findings)
    more = {"finding_count": len(findings) + 3}
    _change(folder, "leads", lambda row: row | (more if row["lead_id"] == LEAD else {}))


def _without_amounts(row: Row) -> Row:
    return row | {name: None for name in row if "amount" in name}


def _bare(evidence: str) -> str:
    told = json.loads(evidence)
    for name, parts in BARE_OBJECTS.items():
        if told.get(name):
            told[name] |= {part: [] for part in parts}
    told |= {name: [] for name in BARE_LISTS if name in told}
    told |= {name: None for name in BARE_VALUES if name in told}
    return json.dumps(told, sort_keys=True)


def _rows(path: Path) -> list[Row]:
    rows: list[Row] = pq.read_table(path).to_pylist()
    return rows


def _change(folder: Path, name: str, turn: Callable[[Row], Row | None], more: Sequence[Row] = ()) -> None:
    """Rewrites a table row by row, without those that become None, and adds more."""
    path = folder / f"{name}.parquet"
    rows = [made for row in _rows(path) if (made := turn(row)) is not None]
    pq.write_table(pa.Table.from_pylist([*rows, *more], schema=pq.read_schema(path)), path)
