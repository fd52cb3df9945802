"""The provisions that a lead may touch: each once, with its own words as in force on the days in question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from reports.rows import Finding
from schemas.card import Card, LegalBasis, Wording, is_in_force


@dataclass(frozen=True)
class Provision:
    """A provision in force on the day of at least one finding.

    Attributes:
        basis: the provision.
        wordings: its words on those days, in the order of their periods; empty where the pack does not hold them.
        is_whole: whether a wording is held for every one of those days.
        first, last: the days themselves; None where a finding has no day.
    """

    basis: LegalBasis
    wordings: tuple[Wording, ...]
    is_whole: bool
    first: date | None
    last: date | None


def laws_of(finding: Finding, card: Card) -> tuple[LegalBasis, ...]:
    """The card's provisions in force on the day of the event in question; all where the finding has no day."""
    day = _day(finding)
    return tuple(basis for basis in card.legal_bases if day is None or is_in_force(basis, day))


def provisions(findings: Iterable[tuple[Finding, Card]]) -> tuple[Provision, ...]:
    """Every provision that the findings of a lead may touch, in the order in which the cards name them."""
    days: dict[str, set[date]] = {}
    bases: dict[str, LegalBasis] = {}
    for finding, card in findings:
        day = _day(finding)
        for basis in laws_of(finding, card):
            bases.setdefault(basis.basis_id, basis)
            days.setdefault(basis.basis_id, set()).update(() if day is None else (day,))
    return tuple(_provision(basis, sorted(days[basis_id])) for basis_id, basis in bases.items())


def _provision(basis: LegalBasis, days: list[date]) -> Provision:
    held = [basis.wording_on(day) for day in days]
    wordings = basis.wordings if not days else tuple(one for one in basis.wordings if one in held)
    return Provision(
        basis=basis,
        wordings=wordings,
        is_whole=bool(wordings) and None not in held,
        first=days[0] if days else None,
        last=days[-1] if days else None,
    )


def _day(finding: Finding) -> date | None:
    return finding.occurred_at.date() if finding.occurred_at else None
