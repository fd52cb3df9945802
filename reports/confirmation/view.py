"""A fact confirmation sheet as one value: of one lead, or of all leads of one institution.

A sheet asks for facts, never for a confession: it holds what the record says, where it says so, and room to contradict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import polars as pl

from reports.evidence.finding_block import Block
from reports.evidence.law import Span, span_of
from reports.evidence.view import EvidencePage
from reports.rows import Lead, rows_of
from reports.run_folder import Run
from reports.suspicion import suspicion
from schemas.card import Text

MOST_ROWS = 200
"""Facts of a lead, or leads of an institution, at most on one sheet; the workbook holds all."""


@dataclass(frozen=True)
class Heading:
    """What stands above every sheet.

    Attributes:
        number: of the sheet, by which it is filed: run and lead, or run and institution.
        first_on, last_on: the days that the facts are about; None where no fact has a day.
    """

    number: str
    institution: str
    institution_id: str | None
    first_on: date | None
    last_on: date | None


@dataclass(frozen=True)
class LeadSheet:
    """The sheet of one lead: a fact a row, each with the lines of the extracts it rests on.

    ``amount`` and ``fund`` are yuan, sums over all facts of the lead; None where nothing was priced. ``left_out`` is
    the number of facts that stand in the workbook only.
    """

    heading: Heading
    lead: Lead
    title: Text
    subject: Text | None
    facts: tuple[Block, ...]
    left_out: int
    amount: Decimal | None
    fund: Decimal | None


@dataclass(frozen=True)
class Entry:
    """One lead on the sheet of an institution.

    Attributes:
        first_on, last_on: the days that its facts are about; None where none has a day.
        has_sheet: whether a sheet of its own stands beside it.
    """

    lead: Lead
    title: Text
    subject: Text | None
    first_on: date | None
    last_on: date | None
    has_sheet: bool


@dataclass(frozen=True)
class InstitutionSheet:
    """The sheet of one institution: a lead a row, those first that the run ranks first."""

    heading: Heading
    entries: tuple[Entry, ...]
    left_out: int
    amount: Decimal | None
    fund: Decimal | None


def lead_sheet(run: Run, page: EvidencePage) -> LeadSheet | None:
    """The sheet of a lead out of its evidence page; None where every finding is exempt, so that nothing is asked."""
    asked = tuple(made for made in page.shown + page.listed if made.finding.exemption_id is None)
    if not asked:
        return None
    days = [span_of(made.finding.occurred_at, made.finding.evidence) for made in asked]
    lead = page.lead
    return LeadSheet(
        heading=_heading(run, lead.lead_id, lead.institution_id, days),
        lead=lead,
        title=page.title,
        subject=page.subject,
        facts=asked[:MOST_ROWS],
        left_out=max(0, len(asked) - MOST_ROWS),
        amount=lead.amount_at_issue,
        fund=lead.fund_amount_at_issue,
    )


def institution_sheets(run: Run, with_sheet: frozenset[str]) -> Iterable[tuple[str, InstitutionSheet]]:
    """File name (without its ending) and sheet of every institution that has a lead, in the order of their ids.

    Args:
        run: the run.
        with_sheet: ids of the leads that have a sheet of their own.
    """
    asked = run.leads.filter(
        pl.col("institution_id").is_not_null() & (pl.col("finding_count") > pl.col("exempt_count"))
    )
    periods = _periods(run)
    for (institution_id,), own in sorted(asked.partition_by("institution_id", as_dict=True).items()):
        entries = [_entry(run, lead, periods, with_sheet) for lead in rows_of(Lead, own.sort("rank"))]
        yield file_stem(str(institution_id)), _institution_sheet(run, str(institution_id), entries)


def file_stem(institution_id: str) -> str:
    """Name of an institution's sheet: a hash, because an id may hold anything."""
    return f"institution-{hashlib.sha256(institution_id.encode()).hexdigest()[:16]}"


def _periods(run: Run) -> dict[tuple[str, str], Span]:
    """First and last day of the periods over which doctors, departments, institutions and devices were counted."""
    counted = run.findings.filter((pl.col("subject_type") != "patient_episode") & pl.col("exemption_id").is_null())
    found: dict[tuple[str, str], Span] = {}
    columns = counted.select("subject_type", "subject_id", "occurred_at", "evidence")
    for subject_type, subject_id, occurred_at, evidence in columns.iter_rows():
        if span := span_of(occurred_at, evidence):
            first, last = found.get((subject_type, subject_id), span)
            found[subject_type, subject_id] = min(first, span[0]), max(last, span[1])
    return found


def _institution_sheet(run: Run, institution_id: str, entries: Sequence[Entry]) -> InstitutionSheet:
    days = [(one.first_on, one.last_on) for one in entries if one.first_on and one.last_on]
    leads = [one.lead for one in entries]
    lowest = [lead for lead in leads if lead.subject_type == "patient_episode"] or leads
    return InstitutionSheet(
        heading=_heading(run, file_stem(institution_id).removeprefix("institution-"), institution_id, days),
        entries=tuple(entries[:MOST_ROWS]),
        left_out=max(0, len(entries) - MOST_ROWS),
        amount=_total(lead.amount_at_issue for lead in lowest),
        fund=_total(lead.fund_amount_at_issue for lead in lowest),
    )


def _entry(run: Run, lead: Lead, periods: Mapping[tuple[str, str], Span], with_sheet: frozenset[str]) -> Entry:
    first, last = lead.first_occurred_at, lead.last_occurred_at
    own = (first.date(), last.date()) if first and last else (None, None)
    first_on, last_on = periods.get((lead.subject_type, lead.subject_id), own)
    return Entry(
        lead=lead,
        title=suspicion(Text(en=lead.title_en, zh=lead.title_zh)),
        subject=run.subject_name(lead.subject_type, lead.subject_id, lead.institution_id),
        first_on=first_on,
        last_on=last_on,
        has_sheet=lead.lead_id in with_sheet,
    )


def _heading(run: Run, name: str, institution_id: str | None, days: Iterable[Span | None]) -> Heading:
    spans = [span for span in days if span]
    return Heading(
        number=f"{run.manifest.run_id}-{name}",
        institution=run.institution_name(institution_id),
        institution_id=institution_id,
        first_on=min((first for first, _ in spans), default=None),
        last_on=max((last for _, last in spans), default=None),
    )


def _total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """Sum of what is priced; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None
