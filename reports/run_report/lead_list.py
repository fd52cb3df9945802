"""The ranked leads as one JSON value, from which the page's own script draws the rows that are in view.

Whatever repeats (institutions, titles, detectors, authorities) stands once and is named by its place; the rest are
columns, so that twenty thousand leads stay a small page.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from reports.figures import episode
from reports.rows import Lead, rows_of
from reports.run_folder import Run
from reports.suspicion import suspicion
from reports.terms import term
from schemas.card import Text

LISTED = 20_000
"""Leads that the list can hold; the rest stand in the workbook."""

LeadList: TypeAlias = dict[str, Any]
"""What the page's script reads, as JSON. Texts are ``[zh, en]``, money is in fen, days are ISO dates.

``rows`` holds equally long columns in order of rank; ``title``, ``institution``, ``grade``, ``type`` are places in
the list of that name, ``detectors`` and ``authorities`` places in the lists of sets.
"""


def lead_list(run: Run, rendered: Collection[str]) -> LeadList:
    """The first ``LISTED`` leads of a run.

    Args:
        run: the run.
        rendered: ids of the leads that have a page.
    """
    leads = rows_of(Lead, run.leads.head(LISTED))
    titles, title = _once((lead.title_zh, lead.title_en) for lead in leads)
    places, place = _once(lead.institution_id for lead in leads)
    detectors, detector = _once(lead.detector_ids for lead in leads)
    authorities, authority = _once(lead.referral_authorities for lead in leads)
    grades, grade = _once(lead.grade for lead in leads)
    types, kind = _once(lead.subject_type for lead in leads)
    named = {"title": title, "institution": place, "detectors": detector, "authorities": authority, "grade": grade}
    return {
        "titles": [_pair(suspicion(Text(zh=zh, en=en))) for zh, en in titles],
        "institutions": [[place, run.institution_name(place)] for place in places],
        "detectors": [list(ids) for ids in detectors],
        "authorities": [list(codes) for codes in authorities],
        "grades": [[code, *_pair(term("grade", code))] for code in grades],
        "types": [[code, *_pair(term("subject", code))] for code in types],
        "authority_names": {code: _pair(term("authority", code)) for code in _distinct(authorities)},
        "detector_names": {
            one: _pair(run.cards[one].title) if one in run.cards else [one, one] for one in _distinct(detectors)
        },
        "rows": named | {"type": kind} | _columns(run, leads, rendered),
    }


def _columns(run: Run, leads: Sequence[Lead], rendered: Collection[str]) -> dict[str, list[Any]]:
    """What each lead has for itself."""
    return {
        "lead": [lead.lead_id for lead in leads],
        "rank": [lead.rank for lead in leads],
        "subject": [_subject(run, lead) for lead in leads],
        "last": [lead.last_occurred_at and lead.last_occurred_at.date().isoformat() for lead in leads],
        "findings": [lead.finding_count for lead in leads],
        "exempt": [lead.exempt_count for lead in leads],
        "amount": [_fen(lead.amount_at_issue) for lead in leads],
        "fund": [_fen(lead.fund_amount_at_issue) for lead in leads],
        "page": [int(lead.lead_id in rendered) for lead in leads],
    }


def _distinct(sets: Iterable[Iterable[str]]) -> list[str]:
    """Every code of some sets, sorted."""
    return sorted({one for several in sets for one in several})


def _once(values: Iterable[Any]) -> tuple[list[Any], list[int]]:
    """The distinct values in order of first appearance, and the place of each value among them."""
    places: dict[Hashable, int] = {}
    numbered = [places.setdefault(value, len(places)) for value in values]
    return list(places), numbered


def _subject(run: Run, lead: Lead) -> str | list[str]:
    """A person's id with its year; the name of a department or institution in both languages."""
    named = run.subject_name(lead.subject_type, lead.subject_id, lead.institution_id)
    return episode(lead.subject_id) if named is None else _pair(named)


def _pair(text: Text) -> list[str]:
    return [text.zh, text.en]


def _fen(amount: Decimal | None) -> int | None:
    """Yuan in fen, which a script can add and compare without rounding."""
    return None if amount is None else int(amount * 100)
