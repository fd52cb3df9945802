"""The provisions that a lead may touch: each once, with its own words as in force on the days in question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

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


def laws_of(finding: Finding, card: Card) -> tuple[tuple[LegalBasis, str], ...]:
    """The card's provisions in force on the day of the event in question, each with its number on that day.

    All of them where the finding has no day.
    """
    day = _day(finding)
    named = (basis for basis in card.legal_bases if day is None or is_in_force(basis, day))
    return tuple((basis, basis.article_on(day)) for basis in named)


def provisions(findings: Iterable[tuple[Finding, Card]]) -> tuple[Provision, ...]:
    """Every provision that the findings of a lead may touch, in the order in which the cards name them."""
    days: dict[str, set[date]] = {}
    bases: dict[str, LegalBasis] = {}
    for finding, card in findings:
        day = _day(finding)
        for basis, _ in laws_of(finding, card):
            bases.setdefault(basis.basis_id, basis)
            days.setdefault(basis.basis_id, set()).update(() if day is None else (day,))
    return tuple(_provision(basis, sorted(days[basis_id])) for basis_id, basis in bases.items())


def _provision(basis: LegalBasis, days: list[date]) -> Provision:
    held = tuple(_held(basis, days))
    numbers = [one.article for one in held] if not days else [basis.article_on(day) for day in days]
    return Provision(
        basis=basis,
        article="、".join(dict.fromkeys(numbers or [basis.article])),
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


def _day(finding: Finding) -> date | None:
    return finding.occurred_at.date() if finding.occurred_at else None
