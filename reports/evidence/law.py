"""The provisions that a lead may touch: each once, with its own words as in force on the days in question."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from reports.rows import Finding
from schemas.card import Card, LegalBasis, Wording, is_in_force

FOLDED_FROM = 160
"""Characters from which a wording is folded on the screen; printed it is whole."""


@dataclass(frozen=True)
class Held:
    """A wording of a provision that was in force on at least one of the days in question.

    Attributes:
        wording: its words, their period and source.
        article: its number in that version.
        first, last: the days in question under it; None where no finding has a day.
    """

    wording: Wording
    article: str
    first: date | None
    last: date | None

    @property
    def is_long(self) -> bool:
        """Whether it is folded on the screen."""
        return len(self.wording.text_zh) >= FOLDED_FROM


@dataclass(frozen=True)
class Provision:
    """A provision in force on the day of at least one finding.

    Attributes:
        basis: the provision.
        article: its number on those days; both where it was numbered anew between them.
        wordings: its words on those days, in the order of their periods; empty where the pack does not hold them.
        is_whole: whether a wording is held for every one of those days.
        first, last: the days themselves; None where a finding has no day.
    """

    basis: LegalBasis
    article: str
    wordings: tuple[Held, ...]
    is_whole: bool
    first: date | None
    last: date | None


Span: TypeAlias = tuple[date, date]
"""The first and the last day that a finding is about."""

_PERIOD = re.compile(r'"period": ?"([12]\d{3})(?:Q([1-4])|\.(0[1-9]|1[0-2]))-')
"""Where the evidence of a finding about a period says when that began: ``2025Q1-2025Q4``, ``2025.03-2026.02``."""


def span_of(occurred_at: datetime | None, evidence: str) -> Span | None:
    """The days that a finding is about: that of its event, or its period up to then; None where it has no day.

    Args:
        occurred_at: when the event was, or the last day of the period.
        evidence: the finding's evidence as JSON text.
    """
    if occurred_at is None:
        return None
    last, found = occurred_at.date(), _PERIOD.search(evidence)
    if found is None:
        return last, last
    year, quarter, month = found.groups()
    return min(date(int(year), int(month) if month else 3 * int(quarter) - 2, 1), last), last


def laws_over(card: Card | None, span: Span | None) -> tuple[tuple[LegalBasis, str], ...]:
    """The card's provisions in force on a day of the span, each with its number then; all where there is no span."""
    named = card.legal_bases if card else ()
    if span is None:
        return tuple((basis, basis.article) for basis in named)
    days = ((basis, _days(basis, span)) for basis in named)
    return tuple((basis, _numbers(map(basis.article_on, on))) for basis, on in days if on)


def laws_of(finding: Finding, card: Card) -> tuple[tuple[LegalBasis, str], ...]:
    """The card's provisions in force on the days that the finding is about, each with its number on those days."""
    return laws_over(card, span_of(finding.occurred_at, finding.evidence))


def provisions(findings: Iterable[tuple[Finding, Card]]) -> tuple[Provision, ...]:
    """Every provision that the findings of a lead may touch, in the order in which the cards name them."""
    days: dict[str, set[date]] = {}
    bases: dict[str, LegalBasis] = {}
    for finding, card in findings:
        span = span_of(finding.occurred_at, finding.evidence)
        for basis, _ in laws_over(card, span):
            bases.setdefault(basis.basis_id, basis)
            days.setdefault(basis.basis_id, set()).update(() if span is None else _days(basis, span))
    return tuple(_provision(basis, sorted(days[basis_id])) for basis_id, basis in bases.items())


def _days(basis: LegalBasis, span: Span) -> list[date]:
    """Days of a span on which a provision is in force: its ends, and every day between on which the law changes."""
    first, last = span
    edges = {basis.in_force_from, basis.in_force_to}
    edges |= {edge for one in basis.wordings for edge in (one.in_force_from, one.in_force_to)}
    days = {first, last, *(edge for edge in edges if edge is not None and first < edge < last)}
    return sorted(day for day in days if is_in_force(basis, day))


def _provision(basis: LegalBasis, days: list[date]) -> Provision:
    held = tuple(_held(basis, days))
    numbers = map(basis.article_on, days) if days else (one.article for one in held)
    return Provision(
        basis=basis,
        article=_numbers(numbers) or basis.article,
        wordings=held,
        is_whole=bool(held) and all(basis.wording_on(day) for day in days),
        first=days[0] if days else None,
        last=days[-1] if days else None,
    )


def _held(basis: LegalBasis, days: list[date]) -> Iterator[Held]:
    """Wordings in force on a day in question; all where no finding has a day."""
    for wording in sorted(basis.wordings, key=lambda one: one.in_force_from):
        under = [day for day in days if is_in_force(wording, day)]
        if under or not days:
            first, last = (under[0], under[-1]) if under else (None, None)
            yield Held(wording=wording, article=wording.article or basis.article, first=first, last=last)


def _numbers(articles: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(articles))
