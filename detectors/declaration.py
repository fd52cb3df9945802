"""What a detector is: a value that holds a card, a question, and sometimes a judge. There is one shape."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import polars as pl

from schemas.card import Authority, EvidenceColumn, Grade, Level, Status, SubjectType, Text

Value: TypeAlias = int | float | str | bool
"""A parameter's value."""

Judge: TypeAlias = Callable[[pl.DataFrame, Mapping[str, Value]], pl.DataFrame]
"""A pure function over the question's small aggregated rows; returns answer rows (see ``ANSWER_COLUMNS``)."""

Unjudged: TypeAlias = Callable[[pl.DataFrame, Mapping[str, Value]], Mapping[str, int]]
"""A pure function over the same rows: how many of those compared could not be judged, by reason (``UNJUDGED``)."""

UNJUDGED = ("too_few_cases", "too_few_reports", "too_few_peers")
"""Reasons why somebody cannot be compared with peers."""

ANSWER_COLUMNS = (
    "subject_id",
    "institution_id",
    "department_code",
    "patient_id",
    "practitioner_id",
    "encounter_id",
    "index_event_id",
    "flagged_event_id",
    "occurred_at",
    "amount_at_issue",
    "fund_amount_at_issue",
)
"""What every answer row holds beside the detector's evidence columns; a question may leave out what is always null."""

WHOSE: dict[str, Any] = {
    "subject_id": pl.String,
    "institution_id": pl.String,
    "department_code": pl.String,
    "practitioner_id": pl.String,
    "occurred_at": pl.Datetime("us"),
    "amount_at_issue": pl.Decimal(18, 2),
    "fund_amount_at_issue": pl.Decimal(18, 2),
    "measure": pl.String,
    "family": pl.String,
}
"""First columns of a judge's answer by Polars type: whose, when, how much, and what makes the finding's id."""

TESTED_COLUMNS = ("patient_key", "index_at_s", "flagged_at_s")
"""What a question adds, never shown, where exemptions are tested: whose record, and between which two seconds.

A fact that the question knows best is a boolean column named like the exemption (kind ``question`` in exemptions.csv).
"""


@dataclass(frozen=True)
class Parameter:
    """A number or word that a pack or ``--set`` may change, with its bounds and the reason for its default."""

    name: str
    default: Value
    why: Text
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Detector:
    """A card and its question.

    Attributes:
        id: ``family.name``, stable; also the folder and file name.
        version: goes up whenever the question or the judge changes; catalogue.lock.json holds it to that.
        status: experimental, stable or demoted.
        title, sentence: what it looks for; ``sentence`` may name evidence columns in braces and is filled per finding;
            a part in square brackets is left out where one of its columns is null.
        subject_type: who or what a finding is about.
        legal_basis_ids: rows of the pack's legal_basis.toml.
        tables: canonical and prepared tables that the question reads, as ``schema.table``.
        needs: each entry is a tuple of alternatives, ``table`` or ``table.column``; one of them must be present.
        parameters: what can be set.
        evidence: columns of the answer that become the finding's evidence JSON.
        exemption_ids: rows of the pack's exemptions.csv that the shipped packs hold for it.
        innocent_explanations: what else could explain a hit; never empty; shown_by.csv names records that show it.
        severity, confidence, grade: how grave, how sure, and whether it is clear on the record or needs judgement.
        referral_authorities: who would take it up.
        prior: Beta parameters (a, b) of P(substantiated) before any verdict.
        judge: a pure function over the question's aggregated rows, or None where rows are answers already.
        unjudged: who of those compared could not be judged, and why; None where the judge does not say.
        by_patient: whether what is found of one patient rests on that patient's rows alone, registers and pack apart.
            Such a detector is asked again only for the patients whom new batches touch, any other one whole. None =
            yes for patient episodes without a judge.
        question_path: the .sql file beside the .py file.
        steps: SQL files asked in turn before the judge, where his rows would be many: the first reads the question's
            rows as ``work.asked``, each one's own rows stand as ``work.<file name>``, the last's are what he sees.
    """

    id: str
    version: int
    status: Status
    title: Text
    sentence: Text
    subject_type: SubjectType
    legal_basis_ids: tuple[str, ...]
    tables: tuple[str, ...]
    needs: tuple[tuple[str, ...], ...]
    parameters: tuple[Parameter, ...]
    evidence: tuple[EvidenceColumn, ...]
    exemption_ids: tuple[str, ...]
    innocent_explanations: tuple[Text, ...]
    severity: Level
    confidence: Level
    grade: Grade
    referral_authorities: tuple[Authority, ...]
    prior: tuple[int, int]
    question_path: Path
    judge: Judge | None = None
    unjudged: Unjudged | None = None
    by_patient: bool | None = None
    steps: tuple[Path, ...] = ()

    @property
    def is_by_patient(self) -> bool:
        """``by_patient``, or what follows from the subject and the judge where the card does not say."""
        if self.by_patient is None:
            return self.subject_type == "patient_episode" and self.judge is None
        return self.by_patient

    @property
    def question(self) -> str:
        """The question's SQL text, DuckDB dialect, with ``$parameters``."""
        return self.question_path.read_text(encoding="utf-8")

    @property
    def statements(self) -> tuple[str, ...]:
        """The question's SQL text and that of the steps after it, in turn."""
        return (self.question, *(step.read_text(encoding="utf-8") for step in self.steps))

    @property
    def sha256(self) -> str:
        """SHA-256 of the question and its steps; with a judge, also of its family's modules and of the statistics."""
        digest = hashlib.sha256(self.question.encode())
        for step in self.steps:
            digest.update(step.read_bytes())
        if self.judge is not None:
            folders = (self.question_path.parent, Path(__file__).parent / "statistics")
            for module in sorted(path for folder in folders for path in folder.glob("*.py")):
                digest.update(module.read_bytes())
        return digest.hexdigest()

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError where there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)


def beside(python_file: str) -> Path:
    """The .sql file beside a detector's .py file: ``beside(__file__)``."""
    return Path(python_file).with_suffix(".sql")
