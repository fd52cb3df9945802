"""An evidence page as one value: what the template reads, in the order in which it stands on the page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reports.charts import CONSENTS, Bar, Figure, days, days_of, is_elsewhere, timeline, waterfall_figure
from reports.evidence.data_quality import DataGrade, data_grade
from reports.evidence.finding_block import Block, block, joint
from reports.evidence.law import Provision, provisions
from reports.evidence.money import Money, Source, counted_files, hashes_of, money_of, sources_of
from reports.evidence.orders import DrawnFamily, drawn_families
from reports.evidence.peers import Peers
from reports.evidence.rank import Step, rank_bars, steps, waterfall
from reports.evidence.record import Entry, Extent, extent, record
from reports.evidence.related import Related, Relations
from reports.evidence.review import CaseFile, Reviews
from reports.evidence.two_stays import TwoStays, retest_joints, two_stays
from reports.rows import Event, Finding, Lead, Line, Origin
from reports.run_folder import Bundle, Run
from reports.suspicion import suspicion
from schemas.card import Card, Text
from schemas.errors import IntegrityError

IN_FULL = 12
"""Findings shown in full; a lead with more lists the others in a table."""

FIGURE_ROWS = 400
"""Events at most in the figure and its table; the nearest to the findings are kept."""


@dataclass(frozen=True)
class EvidencePage:
    """What stands on an evidence page.

    Attributes:
        title: the lead's title, always as a suspicion.
        institution: its name.
        subject: name of the department or institution that the lead is about, None for a person.
        timeline: the figure, None where no patient's record stands behind the lead; ``record`` tells what it draws.
        told: how much the timeline holds, for its sentence.
        days: the figure of days that held more than a day can, None where no finding is about a day.
        steps, falls, waterfall: why the lead has its rank: each finding's part, the bars, and the figure of them.
        shown, listed: findings in full, and those left to a table; exempt ones last.
        cards: the cards of its detectors, each once.
        sources: files of the extracts that its lines come from; where it cites none, all that were read.
        provisions: law that it may touch, each once.
        orders: a sample of a practitioner's orders by family; empty for other leads.
        all_exemptions: titles of what any detector of the run tests, by id: a reviewer may name another one's.
    """

    lead: Lead
    title: Text
    institution: str
    subject: Text | None
    departments: tuple[Text, ...]
    timeline: Figure | None
    record: tuple[Entry, ...]
    has_happenings: bool
    has_consents: bool
    has_elsewhere: bool
    shown: tuple[Block, ...]
    listed: tuple[Block, ...]
    cards: tuple[Card, ...]
    told: Extent
    days: Figure | None
    days_told: tuple[Mapping[str, Any], ...]
    steps: tuple[Step, ...]
    falls: tuple[Bar, ...]
    waterfall: Figure | None
    related: tuple[Related, ...]
    data_grade: DataGrade
    money: Money
    sources: tuple[Source, ...]
    lines_cited: int
    provisions: tuple[Provision, ...]
    review: CaseFile
    orders: tuple[DrawnFamily, ...] = ()
    all_exemptions: Mapping[str, Text] = field(default_factory=dict)

    @property
    def open_count(self) -> int:
        """Findings that no exemption explains."""
        return sum(made.finding.exemption_id is None for made in self.shown + self.listed)

    def exemption_title(self, exemption_id: str) -> Text:
        """Title of an exemption that a reviewer named; the id itself where no card of the run knows it."""
        known = {**self.all_exemptions, **titles_of_exemptions(self.cards)}
        return known.get(exemption_id, Text(en=exemption_id, zh=exemption_id))

    def is_tested(self, exemption_id: str, finding_id: str | None) -> bool:
        """Whether a detector of the lead tests the exemption; of a finding on the page, whether its own does."""
        own = [made.card for made in self.shown + self.listed if made.finding.finding_id == finding_id]
        return exemption_id in titles_of_exemptions(own or self.cards)

    @property
    def gross_value(self) -> float:
        """Yuan at issue in the findings that make the score, before any weight."""
        return sum(dict(step.inputs).get("value_yuan", step.contribution) for step in self.steps)

    @property
    def names_law(self) -> bool:
        """Whether a card names a provision, in force or not."""
        return any(card.legal_bases for card in self.cards)


class Lookups:
    """What every page of a run looks things up in; built once."""

    def __init__(self, run: Run, rendered: frozenset[str]) -> None:
        self.peers = Peers(run.denominators)
        self.relations = Relations(run, rendered)
        self.reviews = Reviews(run.reviews)
        self.hashes = hashes_of(run.quality)
        self.files = counted_files(run.quality)
        self.exemptions = titles_of_exemptions(run.cards.values())


def titles_of_exemptions(cards: Iterable[Card]) -> dict[str, Text]:
    """Titles of the exemptions that the cards test, by id."""
    return {one.exemption_id: one.title for card in cards for one in card.exemptions}


def evidence_page(run: Run, bundle: Bundle, lookups: Lookups) -> EvidencePage:
    """The page of one lead.

    Raises:
        IntegrityError: a finding names a detector whose card the run does not hold.
    """
    blocks = _blocks(run, bundle, lookups.peers)
    cards = tuple({made.card.detector_id: made.card for made in blocks}.values())
    joints = [made for made in map(joint, blocks) if made is not None]
    known = {(one.index_event_id, one.flagged_event_id) for one in joints}
    retests = [one for finding in bundle.findings for one in retest_joints(finding, _stays(finding, run, bundle))]
    joints += [one for one in retests if (one.index_event_id, one.flagged_event_id) not in known]
    events = _nearest(bundle)
    over = days_of([made.evidence for made in blocks])
    told = steps(bundle.lead)
    falls = rank_bars(waterfall(told), told, {card.detector_id: card.title for card in cards})
    home = bundle.lead.institution_id
    has_patient = bundle.lead.subject_type == "patient_episode"
    entries = _entries(run, bundle, events) if has_patient else ()
    cited: list[Line | Origin] = [*bundle.lines, *(one for entry in entries for one in entry.origins)]
    return EvidencePage(
        lead=bundle.lead,
        title=suspicion(Text(en=bundle.lead.title_en, zh=bundle.lead.title_zh)),
        institution=run.institution_name(bundle.lead.institution_id),
        subject=run.subject_name(bundle.lead.subject_type, bundle.lead.subject_id, bundle.lead.institution_id),
        departments=_departments(run, bundle),
        timeline=timeline(events, bundle.stays, bundle.happenings, joints, home, run.names) if has_patient else None,
        record=entries,
        told=extent(events, bundle.stays, len(joints)),
        has_happenings=bool(bundle.happenings),
        has_consents=any(one.kind in CONSENTS for one in bundle.happenings),
        has_elsewhere=any(is_elsewhere(event, home) for event in events),
        shown=blocks[:IN_FULL],
        listed=blocks[IN_FULL:],
        cards=cards,
        days=days(over),
        days_told=over,
        steps=told,
        falls=falls,
        waterfall=waterfall_figure(falls),
        related=lookups.relations.of(bundle),
        data_grade=data_grade(run.quality, {table for card in cards for table in card.tables}),
        money=money_of(bundle.lead, [(made.finding, made.card.title, made.charged) for made in blocks]),
        sources=sources_of(cited, lookups.hashes) or lookups.files,
        lines_cited=len(cited),
        provisions=provisions((made.finding, made.card) for made in blocks),
        review=lookups.reviews.of(bundle.lead),
        orders=drawn_families(bundle.orders, run.names),
        all_exemptions=lookups.exemptions,
    )


def _entries(run: Run, bundle: Bundle, events: Sequence[Event]) -> tuple[Entry, ...]:
    return record(events, bundle.stays, bundle.happenings, run.institution_name, bundle.origins)


def _blocks(run: Run, bundle: Bundle, peers: Peers) -> tuple[Block, ...]:
    """The blocks of all findings; two stays that several findings join are shown beside each other once."""
    made, seen = [], set()
    for finding in bundle.findings:
        pair = finding.index_event_id, finding.flagged_event_id
        stays = None if pair in seen else _stays(finding, run, bundle)
        seen.add(pair)
        made.append(block(finding, _card(run, finding.detector_id), bundle.lines, peers, run.names, stays))
    return tuple(made)


def _stays(finding: Finding, run: Run, bundle: Bundle) -> TwoStays | None:
    return two_stays(finding, bundle.stays, bundle.events, run.institution_name)


def _departments(run: Run, bundle: Bundle) -> tuple[Text, ...]:
    """Departments of the lead's findings, in the order of their codes."""
    codes = sorted({(one.department_code, one.institution_id or "") for one in bundle.findings if one.department_code})
    return tuple(run.names.department(institution_id, code) for code, institution_id in codes)


def _card(run: Run, detector_id: str) -> Card:
    if detector_id not in run.cards:
        raise IntegrityError("a finding's detector has no card in the run", got=detector_id, where="cards.json")
    return run.cards[detector_id]


def _nearest(bundle: Bundle) -> tuple[Event, ...]:
    """The patient's events in time order; where they are too many, those nearest to a finding."""
    if len(bundle.events) <= FIGURE_ROWS:
        return _in_order(bundle.events)
    marked = [one.occurred_at for one in bundle.findings if one.occurred_at]
    middle = marked[len(marked) // 2] if marked else bundle.events[-1].occurred_at
    ids = {one for f in bundle.findings for one in (f.index_event_id, f.flagged_event_id)}
    ranked = sorted(bundle.events, key=lambda e: (e.event_id not in ids, abs(e.occurred_at - middle), e.event_id))
    return _in_order(ranked[:FIGURE_ROWS])


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: (event.occurred_at, event.event_id)))
