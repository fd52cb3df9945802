"""Adds a lead about a department's share of double scans to a run folder, as the detector's own judge tells it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl

from detectors.cards import card_of
from detectors.declaration import Detector
from detectors.exemptions import answer_exemptions
from detectors.findings import findings_of
from detectors.leads.grouping import leads_of
from detectors.ordering.trend_break import TREND_BREAK
from detectors.settings import resolve
from detectors.unfounded.contrast_with_and_without import CONTRAST_WITH_AND_WITHOUT
from schemas.finding import FINDING_SCHEMA
from schemas.lead import LEAD_SCHEMA
from schemas.pack import load_pack

LAST_DAY = (date(2025, 12, 31) - date(1970, 1, 1)).days


def add_share_lead(folder: Path, institution_id: str) -> str:
    """Append findings, lead and card of department K05 of that institution; returns the lead's id."""
    return add_lead(folder, CONTRAST_WITH_AND_WITHOUT, _rows(institution_id))


def add_trend_lead(folder: Path, institution_id: str) -> str:
    """Append findings, lead and card of a doctor who trebled from July on; returns the lead's id."""
    return add_lead(folder, TREND_BREAK, _months(institution_id))


def add_lead(folder: Path, detector: Detector, rows: pl.DataFrame) -> str:
    """Append what a detector's judge says of its question's rows; returns the id of the first lead."""
    pack = load_pack("cn-national")
    assert detector.judge is not None
    answers = detector.judge(rows, {p.name: p.default for p in detector.parameters})
    findings = findings_of(detector, answers, answer_exemptions(None, answers, [], ()))  # type: ignore[arg-type]
    leads = leads_of(findings, [detector])
    run_id = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["run_id"]
    lead_id = str(leads["lead_id"][0])
    known = pl.read_parquet(folder / "leads.parquet")
    told = leads.with_columns(
        pl.lit(run_id).alias("run_id"),
        (pl.col("rank") + known.height).alias("rank"),
        pl.format("report/leads/{}.html", "lead_id").alias("evidence_path"),
    )
    for name, part, schema in (("leads", told, LEAD_SCHEMA), ("findings", findings, FINDING_SCHEMA)):
        part = part.with_columns(pl.lit(run_id).alias("run_id")).select(schema.names)
        before = pl.read_parquet(folder / f"{name}.parquet")
        both = pl.concat([before, part.cast(before.schema)])  # type: ignore[arg-type]
        both.write_parquet(folder / f"{name}.parquet")
    cards = json.loads((folder / "cards.json").read_text(encoding="utf-8"))
    cards.append(card_of(detector, resolve([detector], {})[detector.id], pack).model_dump(mode="json"))
    (folder / "cards.json").write_text(json.dumps(cards, ensure_ascii=False), encoding="utf-8")
    return lead_id


def _rows(institution_id: str) -> pl.DataFrame:
    """Sixty departments with one scan in five done both ways, one with four in five; a row a patient who had it."""
    rows = [
        {
            "institution_id": institution_id if number == 0 else f"P{number:02d}",
            "department_code": "K05",
            "department_key": "03.02",
            "level": "tertiary",
            "family": "ct",
            "stratum": stratum,
            "quarter": f"2025Q{quarter}",
            "last_day": LAST_DAY,
            "last_quarter": 2025 * 4 + 4,
            "told_patient_id": patient,
            "trials": 1 if patient else trials - observed,
            "reported": 0 if patient else trials // 10,
            "positive": 0 if patient else trials // 20,
            "priced": 1 if patient else trials // 10,
            "amount": "200.00" if patient else f"{200 * (trials // 10)}.00",
            "fund_amount": "140.00" if patient else f"{140 * (trials // 10)}.00",
        }
        for number in range(60)
        for quarter in range(1, 5)
        for stratum, trials in (("outpatient × abdomen", 20 + 3 * (number % 17)), ("inpatient × abdomen", 30))
        for observed in [trials * (8 if number == 0 else 1 + number % 3) // 10]
        for patient in (None, *(f"{number}-{quarter}-{stratum}-{one}" for one in range(observed)))
    ]
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(
        pl.col("amount", "fund_amount").cast(pl.Decimal(18, 2))
    )


def _months(institution_id: str) -> pl.DataFrame:
    """Six doctors with forty visits a month, one examination each; the first has three from July on."""
    rows = [
        {
            "institution_id": institution_id,
            "practitioner_id": f"T{number}",
            "department_key": "03.02",
            "setting": "outpatient",
            "department_code": "K05",
            "month_number": 2025 * 12 + month,
            "last_day": LAST_DAY,
            "last_month": 2025 * 12 + 12,
            "visits": 40,
            "events": 120 if number == 0 and month > 6 else 40,
            "priced": 40,
            "amount": "4000.00",
            "fund_amount": "2800.00",
            "top_patient_visits": 1,
            "top_patient_events": 3 if number == 0 and month > 6 else 1,
            "top_family": "cea",
            "top_family_events": 30 if number == 0 and month > 6 else 10,
        }
        for number in range(6)
        for month in range(1, 13)
    ]
    return pl.DataFrame(rows).with_columns(pl.col("amount", "fund_amount").cast(pl.Decimal(18, 2)))
