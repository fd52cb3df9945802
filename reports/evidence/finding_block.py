"""One finding as a page shows it: what was tested, what the record says, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.charts import Figure, Joint, funnel, limits_beside, own_name, piling, share_funnel, share_limits_beside
from reports.evidence.law import laws_of
from reports.evidence.money import Sum, sum_of
from reports.evidence.peers import Peers, Standing
from reports.evidence.two_stays import TwoStays
from reports.figures import number, scientific, yuan
from reports.names import Names
from reports.rows import Finding, Line
from reports.terms import term
from reports.words import word
from schemas.card import Card, EvidenceColumn, ExemptionText, LegalBasis, ResolvedParameter, Text

MEASURES = (
    ("gap_hours", "interval_hours", "hours"),
    ("gap_hours", "window_hours", "hours"),
    ("gap_days", "window_days", "days"),
)
"""Evidence pairs that are a gap and the limit it is held against, with their unit."""

DRAWN = (
    "exemptions_tested",
    "peer_group",
    "rolled_up",
    "funnel",
    "share_funnel",
    "lengths",
    "costs",
    "quarters",
    "families",
    "case_mix",
    "rerun_without_top_patient",
    "positive_rate",
    "second_opinion",
    "null_by_size",
)
"""Evidence keys that have a place of their own on the page and are no plain facts."""

SIDE_BY_SIDE = (
    *("index_started_at", "index_ended_at", "index_days", "index_institution_id", "index_amount"),
    *("index_diagnosis_code", "index_diagnosis_name", "discharge_disposition"),
    *("flagged_ended_at", "flagged_days", "flagged_diagnosis_code", "flagged_diagnosis_name"),
)
"""Evidence keys that stand in the panel of both stays where there is one."""

SMALL = 0.001
"""Numbers below are written with a power of ten."""

ORDER_OF_ANSWERS = {"holds": 0, "no data": 1, "does not": 2}


@dataclass(frozen=True)
class Tested:
    """One exemption and its answer: ``holds``, ``does not`` or ``no data``."""

    answer: str
    text: ExemptionText


@dataclass(frozen=True)
class Measure:
    """A gap held against its limit. ``share`` is gap over limit, 0 to 1, for the bar.

    ``is_longest`` where hours are not on record and the gap is the longest that the dates allow.
    """

    gap: float
    limit: float
    unit: str
    share: float
    is_longest: bool
    parameter: ResolvedParameter | None


@dataclass(frozen=True)
class Fact:
    """One value of the evidence with its title."""

    title: Text
    value: Text


@dataclass(frozen=True)
class Block:
    """Everything the template needs for one finding.

    ``lines`` are (is the flagged event's, row) pairs. ``standing`` is None where a funnel compares with peers instead.
    ``two_stays`` is None where the finding does not join two stays.
    """

    finding: Finding
    card: Card
    sentence: Text
    tested: tuple[Tested, ...]
    measure: Measure | None
    standing: Standing | None
    facts: tuple[Fact, ...]
    lines: tuple[tuple[bool, Line], ...]
    evidence: Mapping[str, Any]
    funnel: Figure | None
    names: Names
    two_stays: TwoStays | None = None

    @property
    def peer_group(self) -> Text:
        """With whom a practitioner is compared, in words."""
        return self.names.peer_group(str(self.evidence["peer_group"]))

    def row_name(self, column: str, value: str) -> Text:
        """The name of a row of a panel in words: an item family, a diagnosis group, a quarter."""
        return self.names.value(column, value)

    @property
    def own_name(self) -> Text:
        """What the subject is called among its peers."""
        return own_name(self.evidence)

    @property
    def beside_limits(self) -> tuple[str, ...]:
        """Where a funnel has the subject: its value, the 95 % and the 99.8 % limit on its side; empty without one."""
        shares = share_limits_beside(self.evidence)
        if shares is not None:
            return tuple(f"{number(100 * one, 1)} %" for one in shares)
        return tuple(number(one, 2) for one in limits_beside(self.evidence) or ())

    @property
    def rolled_up(self) -> Text | None:
        """Why the peer group is wider than it should be; the judge writes it as ``English / 中文``."""
        told = self.evidence.get("rolled_up")
        if not told:
            return None
        en, _, zh = str(told).partition(" / ")
        return Text(en=en, zh=zh or en)

    @property
    def exemption(self) -> Text | None:
        """Title of the exemption that held, None where none did."""
        held = self.finding.exemption_id
        if held is None:
            return None
        titles = {tested.text.exemption_id: tested.text.title for tested in self.tested}
        return titles.get(held, Text(en=held, zh=held))

    @property
    def laws(self) -> tuple[tuple[LegalBasis, str], ...]:
        """The card's provisions in force on the day of the event in question, with their numbers on that day."""
        return laws_of(self.finding, self.card)

    def cited(self, exemption: ExemptionText) -> str | None:
        """Article and item that an exemption rests on; None where the page does not name that law for the day."""
        number = next((article for basis, article in self.laws if basis.basis_id == exemption.basis_id), None)
        return number and f"{number}{exemption.item or ''}"

    @property
    def charged(self) -> Sum:
        """What the lines of the event in question add up to."""
        return sum_of(line for is_flagged, line in self.lines if is_flagged)

    @property
    def answers(self) -> tuple[tuple[str, tuple[Tested, ...]], ...]:
        """Exemptions by their answer, in the order in which they are shown."""
        groups = ((answer, tuple(one for one in self.tested if one.answer == answer)) for answer in ORDER_OF_ANSWERS)
        return tuple((answer, tested) for answer, tested in groups if tested)

    @property
    def would_clear(self) -> tuple[Tested, ...]:
        """Exemptions that would clear the finding if they held: those that could not be tested come first."""
        return tuple(one for one in self.tested if one.answer != "holds" and one.text.effect == "clears")


def block(
    finding: Finding,
    card: Card,
    lines: Sequence[Line],
    peers: Peers,
    names: Names,
    stays: TwoStays | None = None,
) -> Block:
    """The block of one finding.

    Args:
        finding: a finding of the lead.
        card: its detector's card as it stood when it ran.
        lines: lines of evidence of the lead, of which those of this finding's two events are kept.
        peers: denominators of the run.
        names: words for codes.
        stays: the two stays that the finding joins, None where it joins none.
    """
    evidence: dict[str, Any] = json.loads(finding.evidence)
    drawn = funnel(evidence) or share_funnel(evidence) or piling(evidence)
    own = [
        (line.event_id == finding.flagged_event_id, line)
        for line in lines
        if line.event_id in (finding.index_event_id, finding.flagged_event_id)
    ]
    return Block(
        finding=finding,
        card=card,
        sentence=Text(en=finding.sentence_en, zh=finding.sentence_zh),
        tested=_tested(evidence.get("exemptions_tested") or {}, card),
        measure=_measure(evidence, card),
        standing=peers.standing(finding) if drawn is None else None,
        facts=_facts(evidence, card, names, SIDE_BY_SIDE if stays else ()),
        lines=tuple(sorted(own, key=lambda pair: pair[0])),
        evidence=evidence,
        funnel=drawn,
        names=names,
        two_stays=stays,
    )


def joint(made: Block) -> Joint | None:
    """The line of a finding in the timeline; None where it does not join two events."""
    finding, measure = made.finding, made.measure
    if finding.index_event_id is None or finding.flagged_event_id is None:
        return None
    gap = Text(en="", zh="")
    if measure is not None:
        unit = term("unit", measure.unit)
        bound = "≤ " if measure.is_longest else ""
        told = f"{bound}{number(measure.gap, 1)}"
        gap = Text(en=f"{told} {unit.en}", zh=f"{told}{unit.zh}")
    return Joint(finding.index_event_id, finding.flagged_event_id, gap, finding.exemption_id is not None)


def _tested(answers: Mapping[str, str | None], card: Card) -> tuple[Tested, ...]:
    """Answers with their words, those in the subject's favour first; unknown exemptions keep their id."""
    known = {text.exemption_id: text for text in card.exemptions}
    made = [
        Tested(answer if answer in ORDER_OF_ANSWERS else "no data", known.get(code) or _unnamed(code))
        for code, answer in answers.items()
        if answer is not None
    ]
    return tuple(sorted(made, key=lambda one: (ORDER_OF_ANSWERS[one.answer], one.text.exemption_id)))


def _unnamed(code: str) -> ExemptionText:
    same = Text(en=code, zh=code)
    return ExemptionText(exemption_id=code, title=same, effect="weakens", would_hold_if=same, source="")


def _measure(evidence: Mapping[str, Any], card: Card) -> Measure | None:
    """The gap and its limit, for detectors that have one."""
    for gap_name, limit_name, unit in MEASURES:
        parameter = next((one for one in card.parameters if one.name == limit_name), None)
        gap, limit = evidence.get(gap_name), evidence.get(limit_name, parameter and parameter.value)
        if gap is None or not isinstance(limit, int | float) or not limit:
            continue
        return Measure(
            gap=float(gap),
            limit=float(limit),
            unit=unit,
            share=round(min(max(gap / limit, 0.0), 1.0), 4),
            is_longest=evidence.get("is_hour_known") is False,
            parameter=parameter,
        )
    return None


def _facts(evidence: Mapping[str, Any], card: Card, names: Names, told: Sequence[str]) -> tuple[Fact, ...]:
    """Plain values of the evidence in the card's order; nulls and what is drawn or told elsewhere are left out."""
    drawn = {*DRAWN, *told, "gap_seconds", *(name for measure in MEASURES for name in measure[:2])}
    return tuple(
        Fact(column.title, _value(column, evidence[column.name], names))
        for column in card.evidence
        if column.name not in drawn and evidence.get(column.name) is not None
    )


def _value(column: EvidenceColumn, value: Any, names: Names) -> Text:  # noqa: ANN401  # any JSON value
    """The value of an evidence column in words."""
    if isinstance(value, bool):
        return word("fact.yes") if value else word("fact.no")
    if isinstance(value, int | float):
        text = scientific(value) if 0 < abs(value) < SMALL else number(value, 3 if abs(value) < 1 else 2)
        named = term("unit", column.unit or "")
        return Text(en=f"{text} {named.en}".strip(), zh=f"{text} {named.zh}".strip())
    if column.type == "money":
        return Text(en=yuan(Decimal(value)), zh=yuan(Decimal(value)))
    if isinstance(value, str):
        return names.value(column.name, value[:16].replace("T", " ") if _is_moment(value) else value)
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return Text(en=plain, zh=plain)


def _is_moment(value: str) -> bool:
    """Whether a text is an ISO date and time."""
    return len(value) >= 16 and value[4] == value[7] == "-" and value[10] == "T" and value[13] == ":"
