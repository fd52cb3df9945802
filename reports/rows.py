"""Rows of a run folder as frozen values, so that templates and charts name fields, never columns.

Each class mirrors one schema of ``schemas.finding``, ``schemas.lead``, ``schemas.evidence`` or
``schemas.review_snapshot``; field names are the column names. Money is Decimal yuan or None where nothing was priced.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

import polars as pl

from schemas.errors import IntegrityError

Row = TypeVar("Row")


@dataclass(frozen=True)
class Lead:
    """One row of leads.parquet; lists are tuples."""

    lead_id: str
    rank: int
    score: float | None
    probability: float | None
    subject_type: str
    subject_id: str
    institution_id: str | None
    title_en: str
    title_zh: str
    detector_ids: tuple[str, ...]
    finding_count: int
    exempt_count: int
    amount_at_issue: Decimal | None
    fund_amount_at_issue: Decimal | None
    first_occurred_at: datetime | None
    last_occurred_at: datetime | None
    referral_authorities: tuple[str, ...]
    grade: str
    explanation: str | None
    included_count: int | None = None
    included_amount: Decimal | None = None


@dataclass(frozen=True)
class Finding:
    """One row of findings.parquet; ``evidence`` is still JSON text."""

    finding_id: str
    detector_id: str
    detector_version: str
    subject_type: str
    subject_id: str
    patient_id: str | None
    practitioner_id: str | None
    department_code: str | None
    institution_id: str | None
    encounter_id: str | None
    index_event_id: str | None
    flagged_event_id: str | None
    occurred_at: datetime | None
    amount_at_issue: Decimal | None
    fund_amount_at_issue: Decimal | None
    severity: str
    confidence: str
    grade: str
    exemption_id: str | None
    sentence_en: str
    sentence_zh: str
    evidence: str


@dataclass(frozen=True)
class DetectorResult:
    """One row of detectors.parquet."""

    detector_id: str
    detector_version: str
    status: str
    reason: str | None
    examined: int | None
    not_judged: int | None
    hits: int | None
    exempt: int | None


@dataclass(frozen=True)
class Event:
    """One examination of a patient who stands in a lead."""

    patient_id: str
    event_id: str
    encounter_id: str | None
    institution_id: str | None
    performing_institution_id: str | None
    department_code: str | None
    practitioner_id: str | None
    item_code: str | None
    item_name: str | None
    family: str | None
    modality: str | None
    body_part: str | None
    laterality: str | None
    setting: str | None
    occurred_at: datetime
    has_time: bool
    is_abnormal: bool | None
    net_amount: Decimal | None
    net_fund_amount: Decimal | None


@dataclass(frozen=True)
class Stay:
    """One in-patient stay, interim claims merged."""

    patient_id: str
    stay_id: str
    institution_id: str | None
    department_code: str | None
    started_at: datetime
    ended_at: datetime | None
    discharge_disposition: str | None
    main_diagnosis_code: str | None
    main_diagnosis_name: str | None
    net_amount: Decimal | None
    net_fund_amount: Decimal | None


@dataclass(frozen=True)
class Happening:
    """What may explain an examination: an operation, a transfer, a new diagnosis, a claimed reason."""

    patient_id: str
    occurred_at: datetime
    has_time: bool
    kind: str
    detail: str | None
    event_id: str | None


@dataclass(frozen=True)
class Line:
    """One row of an extract that an index or flagged event rests on."""

    event_id: str
    table_name: str
    row_id: str
    item_code: str | None
    item_name: str | None
    occurred_at: datetime | None
    practitioner_id: str | None
    quantity: Decimal | None
    amount: Decimal | None
    reversed_amount: Decimal | None
    net_amount: Decimal | None
    fund_amount: Decimal | None
    is_fund_estimated: bool | None
    batch_id: str
    source_file: str
    source_row: int


@dataclass(frozen=True)
class Origin:
    """One row of an extract that an event, a stay or a happening of a patient rests on."""

    patient_id: str
    record_id: str
    table_name: str
    record_code: str | None
    batch_id: str
    source_file: str
    source_row: int


@dataclass(frozen=True)
class Order:
    """One order drawn from those of a practitioner; ``place`` by hash among ``drawn_from`` of its family."""

    subject_id: str
    turn: int
    family: str
    place: int
    drawn_from: int
    event_id: str
    patient_id: str
    item_code: str | None
    item_name: str | None
    body_part: str | None
    laterality: str | None
    diagnosis_group: str | None
    occurred_at: datetime
    has_time: bool
    is_abnormal: bool | None
    net_amount: Decimal | None
    table_name: str
    batch_id: str | None
    source_file: str | None
    source_row: int | None


@dataclass(frozen=True)
class Review:
    """One row of reviews.parquet: a verdict, an institution's reply or a ledger entry (``kind``)."""

    kind: str
    subject_type: str
    subject_id: str
    lead_id: str
    finding_id: str | None
    entry_id: str | None
    stage: str | None
    verdict: str | None
    reason_code: str | None
    exemption_id: str | None
    necessity: str | None
    regularity: str | None
    note: str | None
    amount: Decimal | None
    reviewed_at: datetime | None
    chain_hash: str | None
    chain_head: str | None


@dataclass(frozen=True)
class Drawn:
    """One row of unflagged.parquet: a case drawn by lot, which is no suspicion."""

    lot: int
    lead_id: str
    subject_id: str
    patient_id: str
    institution_id: str
    exam_count: int
    encounter_count: int
    net_amount: Decimal | None
    net_fund_amount: Decimal | None
    first_occurred_at: datetime
    last_occurred_at: datetime


@dataclass(frozen=True)
class Institution:
    """One row of the register."""

    institution_id: str
    institution_name: str
    level: str | None
    kind: str | None
    ownership: str | None
    region_code: str | None


def rows_of(shape: type[Row], frame: pl.DataFrame) -> tuple[Row, ...]:
    """Each row of a frame as a value of ``shape``, in the frame's order; columns that ``shape`` lacks are left out.

    A column that may be empty and is not there is empty: runs of before a column was added can still be read.
    """
    names = [one.name for one in fields(shape)]  # type: ignore[arg-type]  # every Row here is a dataclass
    empty = [pl.lit(None).alias(name) for name in names if name not in frame.columns]
    rows = frame.with_columns(empty).select(names).iter_rows()
    return tuple(shape(*map(_frozen, row)) for row in rows)


def refuse_missing(shape: type[Row], columns: Collection[str], where: str) -> None:
    """Refuse a file that lacks a column which is never empty.

    Raises:
        IntegrityError: it was made by another version of the program; the message names the columns and the file.
    """
    wanted = fields(shape)  # type: ignore[arg-type]  # every Row here is a dataclass
    missing = [one.name for one in wanted if one.name not in columns and not str(one.type).endswith("| None")]
    if missing:
        raise IntegrityError(
            "a file of the run lacks a column",
            got=f"no {', '.join(missing)}",
            allowed="a run of this version of the program: make it again with `exam-audit run`",
            where=where,
        )


def _frozen(value: Any) -> Any:  # noqa: ANN401  # a Parquet cell may hold anything
    """A list as a tuple, anything else as it is."""
    return tuple(value) if isinstance(value, list) else value
