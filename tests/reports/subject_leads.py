"""A run folder with a lead about each type of subject: patients, doctor, department, device, institution."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from loaded import loaded

from detectors.ordering.impossible_day import IMPOSSIBLE_DAY
from detectors.readmission.los_piling import LOS_PILING
from schemas.review_snapshot import REVIEW_FILE, REVIEW_SCHEMA

FIRST_DAY = datetime.fromisoformat("2025-06-02")
LAST = {"last_day": 20_453, "last_quarter": 2025 * 4 + 4}


def add_every_subject(folder: Path, institution_id: str) -> dict[str, str]:
    """Appends leads about a department, a device and an institution; returns lead ids by type of subject."""
    adder = loaded(Path(__file__).with_name("share_lead.py"))
    return {
        "department": adder.add_share_lead(folder, institution_id),
        "device": adder.add_lead(folder, IMPOSSIBLE_DAY, _device_days(institution_id)),
        "institution": adder.add_lead(folder, LOS_PILING, _lengths(institution_id)),
    }


def add_reviews(folder: Path, lead_id: str) -> None:
    """A verdict, a reply and a ledger entry on a lead, and an earlier entry on the same patient."""
    lead = pl.read_parquet(folder / "leads.parquet").row(by_predicate=pl.col("lead_id") == lead_id, named=True)
    own = {name: lead[name] for name in ("lead_id", "subject_type", "subject_id")} | {"chain_head": "9c1e" * 16}
    patient = str(lead["subject_id"]).partition("|")[0]
    rows = [
        _row(own, kind="ledger", lead_id="0000", subject_id=f"{patient}|HI002|2023", entry_id="TZ-2023-0112"),
        _row(own, kind="verdict", verdict="needs_records", stage="first_review", note="请调阅病程记录"),
        _row(own, kind="reply", note="患者夜间胸痛加重，复查由值班医师决定，记录见病程第3页。"),
        _row(
            own,
            kind="verdict",
            verdict="substantiated",
            stage="second_review",
            necessity="unnecessary",
            regularity="unclear",
        ),
        _row(own, kind="ledger", entry_id="TZ-2026-0007", stage="disposition", amount="600.00"),
    ]
    for day, row in enumerate(rows):
        row |= {"reviewed_at": FIRST_DAY + timedelta(days=180 + day, hours=9), "chain_hash": f"{day}a7f" * 16}
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("amount").cast(pl.Decimal(18, 2)))
    frame.select(REVIEW_SCHEMA.names).write_parquet(folder / REVIEW_FILE)


def _row(own: dict[str, Any], **values: Any) -> dict[str, Any]:
    return dict.fromkeys(REVIEW_SCHEMA.names) | own | values


def _device_days(institution_id: str) -> pl.DataFrame:
    """Three days on which one CT examined more patients than its hours hold."""
    rows = [
        {
            "subject_type": "device",
            "subject_id": "CT-07",
            "institution_id": institution_id,
            "occurred_at": FIRST_DAY + timedelta(days=day),
            "device_type": "CT",
            "events": patients + 12,
            "patients": patients,
            "minutes_each": 5,
            "priced": patients,
            "amount": f"{300 * patients}.00",
            "fund_amount": f"{210 * patients}.00",
        }
        for day, patients in ((0, 310), (1, 342), (9, 301))
    ]
    return _money(pl.DataFrame(rows))


def _lengths(institution_id: str) -> pl.DataFrame:
    """Twenty stays of every length in twelve institutions; the first has sixty on days 14 and 15."""
    rows = [
        {"institution_id": institution_id if number == 0 else f"P{number:02d}", "scale": "days", "place": day, **LAST}
        | {"stays": 60 if number == 0 and day in (14, 15) else 20 + (number + day) % 3}
        | {"priced": 10, "amount": "90000.00", "fund_amount": "60000.00"}
        for number in range(12)
        for day in range(7, 24)
    ]
    return _money(pl.DataFrame(rows))


def _money(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(pl.col("amount", "fund_amount").cast(pl.Decimal(18, 2)))
