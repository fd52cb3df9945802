"""A small, wholly regular hospital as prepared tables, and the question asked of it in a real DuckDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl
import pytest

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.runner import asked, bound_days

DEFAULTS = {parameter.name: parameter.default for parameter in OUTLIER_PRACTITIONER.parameters}

VISIT = {
    "visit_id": pl.String,
    "patient_id": pl.String,
    "institution_id": pl.String,
    "department_code": pl.String,
    "national_department_code": pl.String,
    "practitioner_id": pl.String,
    "setting": pl.String,
    "diagnosis_group": pl.String,
    "age_years": pl.Int64,
    "sex": pl.String,
    "visit_kind": pl.String,
    "urgency": pl.String,
    "on_day": pl.Int64,
    "month": pl.String,
    "quarter": pl.String,
    "level": pl.String,
}
EVENT = {
    "event_id": pl.String,
    "visit_id": pl.String,
    "practitioner_id": pl.String,
    "department_code": pl.String,
    "family": pl.String,
    "modality": pl.String,
    "series_key": pl.Int64,
    "place_id": pl.String,
    "on_day": pl.Int64,
    "at_s": pl.Int64,
    "until_s": pl.Int64,
    "retest_hours": pl.Int64,
    "is_part_unknown": pl.Boolean,
    "net_amount": pl.Decimal(18, 2),
    "net_fund_amount": pl.Decimal(18, 2),
    "has_report": pl.Boolean,
    "is_positive": pl.Boolean,
}


@dataclass
class Hospital:
    """Visits and examinations, added doctor by doctor."""

    visits: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def add_doctor(
        self,
        practitioner_id: str,
        exams: Callable[[int], int] = lambda _: 1,
        visits: int = 80,
        patients: int = 40,
        **columns: Any,
    ) -> None:
        """Visits spread evenly over 2025, the i-th with ``exams(i)`` examinations at 10 yuan, 6 of them the fund's."""
        for i in range(visits):
            day = date.fromordinal(date(2025, 1, 1).toordinal() + i * 365 // visits)
            visit = {
                "visit_id": f"{practitioner_id}-{i:03}-{columns.get('setting', '')}",
                "patient_id": f"{practitioner_id}-p{i % patients:02}",
                "institution_id": "H1",
                "department_code": "D1",
                "national_department_code": "03",
                "practitioner_id": practitioner_id,
                "setting": "outpatient",
                "diagnosis_group": ("I10", "E11")[i % 2],
                "age_years": 50,
                "sex": "F",
                "visit_kind": "first",
                "urgency": None,
                "on_day": (day - date(1970, 1, 1)).days,
                "month": f"{day:%Y-%m}",
                "quarter": f"{day.year}Q{(day.month + 2) // 3}",
                "level": "tertiary",
            }
            self.visits.append(visit | columns)
            self.events += [
                {
                    "event_id": f"{visit['visit_id']}-{k}",
                    "visit_id": visit["visit_id"],
                    "practitioner_id": practitioner_id,
                    "department_code": "D1",
                    "family": ("CT", "CBC")[k % 2],
                    "modality": ("CT", "LAB")[k % 2],
                    "series_key": len(self.events) + k,
                    "place_id": "H1",
                    "on_day": visit["on_day"],
                    "at_s": visit["on_day"] * 86_400 + 36_000,
                    "until_s": visit["on_day"] * 86_400 + 36_000,
                    "retest_hours": 24,
                    "is_part_unknown": False,
                    "net_amount": 10,
                    "net_fund_amount": 6,
                    "has_report": True,
                    "is_positive": k % 4 == 0,
                }
                for k in range(exams(i))
            ]


Ask = Callable[..., pl.DataFrame]


@pytest.fixture
def hospital() -> Hospital:
    """Twenty-five doctors with about one examination a visit (some a little less, some a little more)."""
    made = Hospital()
    for number in range(25):
        made.add_doctor(f"doctor{number:02}", exams=lambda i, n=number: 1 + (i % 10 < n % 4) - (i % 10 > 6 + n % 3))
    return made


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    """An empty warehouse in memory."""
    connection = open_warehouse(None, threads=1)
    create_tables(connection)
    yield DuckDBEngine(connection)
    connection.close()


@pytest.fixture
def ask(engine: DuckDBEngine) -> Ask:
    """The question's rows over a hospital; keywords change parameters and days."""

    def _ask(
        hospital: Hospital,
        as_of: date = date(2025, 12, 31),
        window: tuple[date | None, date | None] = (None, None),
        **changed: Any,
    ) -> pl.DataFrame:
        engine.put("prepared.visit", pl.DataFrame(hospital.visits, schema=VISIT).to_arrow())
        engine.put("prepared.exam_event", pl.DataFrame(hospital.events, schema=EVENT).to_arrow())
        return asked(engine, OUTLIER_PRACTITIONER, {**bound_days(as_of, *window), **DEFAULTS, **changed})

    return _ask


@pytest.fixture
def flag_by_measure(ask: Ask) -> Ask:
    """The judge's answers over a hospital; keywords change parameters and bounds."""

    def _flag(hospital: Hospital, **changed: Any) -> pl.DataFrame:
        assert OUTLIER_PRACTITIONER.judge is not None
        return OUTLIER_PRACTITIONER.judge(ask(hospital, **changed), {**DEFAULTS, **changed})

    return _flag


@pytest.fixture
def flag(flag_by_measure: Ask) -> Ask:
    """The answers by volume alone."""

    def _flag(hospital: Hospital, **changed: Any) -> pl.DataFrame:
        return flag_by_measure(hospital, **changed).filter(pl.col("measured") == "volume")

    return _flag
