"""A detector's card as it stood when it ran: what a page opened years later needs to show the rule that fired."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict

Grade = Literal["suspected", "clue"]
"""suspected 疑点 = clear on the record; clue 线索 = needs medical judgement."""

Level = Literal["low", "medium", "high"]
"""Severity and confidence, two separate judgements."""

Status = Literal["stable", "experimental", "demoted"]

SubjectType = Literal["patient_episode", "practitioner", "department", "institution", "device"]

Authority = Literal["health", "market", "insurance", "drug", "tcm", "police", "military", "approval", "internet"]


TextCheck = Literal["original", "independent", "two_copies", "one_copy"]
"""How a wording was checked: the issuer's own publication was read; two sources that do not rest on each other agree
letter by letter; two copies of one official source agree; one copy was read."""

EvidenceType = Literal["text", "integer", "number", "boolean", "money", "moment", "list", "object"]
"""Kinds of value in evidence JSON."""


class Frozen(BaseModel):
    """Base of every value that is written as JSON or read from TOML: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Frozen):
    """The same words in English and Chinese."""

    en: str
    zh: str


def in_both(said: object) -> object:
    """Words in one language stand for both: packs may say a source once, and older runs did."""
    return {"en": said, "zh": said} if isinstance(said, str) else said


Said: TypeAlias = Annotated[Text, BeforeValidator(in_both)]
"""A text that may be given once for both languages."""


class Explanation(Text):
    """What else could explain a finding, and the records that would show it; none where nobody named them."""

    shown_by: tuple[Text, ...] = ()


class Wording(Frozen):
    """The Chinese words of a provision as they were in force over a period (half-open), copied from ``source``.

    ``article`` is its number in that version where it is not the provision's; ``text_checked`` says how the words were
    checked, None where nobody said so.
    """

    in_force_from: date
    in_force_to: date | None = None
    text_zh: str
    source: Said
    article: str | None = None
    text_checked: TextCheck | None = None


class Provision(Frozen):
    """A provision that a finding may touch, with the dates on which it is in force (half-open).

    ``subject`` says in our words what it is about; ``wordings`` are its own words, empty where the pack does not hold
    them. ``document_no``, ``issued_by`` and ``issued_on`` name the document, ``url`` the official place to read it.
    ``applies_to`` names detectors that cite it without naming it on their card (``repeat.*`` for a family).
    """

    title: Text
    article: str
    in_force_from: date
    in_force_to: date | None = None
    document_no: str | None = None
    issued_by: Text | None = None
    issued_on: date | None = None
    url: str | None = None
    source: Said
    subject: Text | None = None
    wordings: tuple[Wording, ...] = ()
    applies_to: tuple[str, ...] = ()

    def wording_on(self, day: date) -> Wording | None:
        """Its words as in force on a day; None where the pack does not hold them."""
        return next((one for one in self.wordings if is_in_force(one, day)), None)

    def article_on(self, day: date | None) -> str:
        """Its number as on that day: articles are numbered anew when a law is revised."""
        wording = None if day is None else self.wording_on(day)
        return self.article if wording is None or wording.article is None else wording.article


class LegalBasis(Provision):
    """A provision by the id that detectors, cards and ledgers name it by."""

    basis_id: str


def is_in_force(period: Wording | Provision, day: date) -> bool:
    """Whether a provision, or a wording of it, is in force on a day: from its first day, no longer on its last."""
    return period.in_force_from <= day and (period.in_force_to is None or day < period.in_force_to)


class ResolvedParameter(Frozen):
    """A parameter with the value that was used and where that value came from."""

    name: str
    value: int | float | str | bool
    default: int | float | str | bool
    unit: str | None
    minimum: float | None
    maximum: float | None
    why: Text
    origin: Literal["card", "pack", "set"]


class ExemptionText(Frozen):
    """An exemption that the detector tests, in words; ``basis_id`` and ``item`` name the provision that it rests on."""

    exemption_id: str
    title: Text
    effect: Literal["clears", "weakens"]
    would_hold_if: Text
    source: str
    basis_id: str | None = None
    item: str | None = None


class EvidenceColumn(Frozen):
    """One key of the evidence JSON of a finding."""

    name: str
    type: EvidenceType
    unit: str | None
    title: Text


class Card(Frozen):
    """Everything about a detector that a reader of its findings may ask.

    ``question_sql`` is the question as it ran, ``question_sha256`` its hash as locked in catalogue.lock.json.
    """

    detector_id: str
    version: int
    status: Status
    title: Text
    sentence: Text
    subject_type: SubjectType
    legal_bases: tuple[LegalBasis, ...]
    tables: tuple[str, ...]
    parameters: tuple[ResolvedParameter, ...]
    evidence: tuple[EvidenceColumn, ...]
    exemptions: tuple[ExemptionText, ...]
    innocent_explanations: tuple[Explanation, ...]
    severity: Level
    confidence: Level
    grade: Grade
    referral_authorities: tuple[Authority, ...]
    question_sql: str
    question_sha256: str
