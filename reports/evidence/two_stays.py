"""Two stays side by side: where, when, how long, how each ended, for what and at what cost, and what both examined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reports.charts import Joint
from reports.figures import NOTHING, moment, number, yuan
from reports.rows import Event, Finding, Stay
from reports.terms import term
from reports.words import word
from schemas.card import Text

SECONDS_A_DAY = 86_400
RETESTED = "readmission.retest_across_gap"
"""Its findings are about the examinations themselves: the timeline joins them."""


@dataclass(frozen=True)
class Side:
    """What the record says of both stays on one point: ``index`` the earlier one, ``flagged`` the later one."""

    title: Text
    index: Text
    flagged: Text
    is_number: bool = False


@dataclass(frozen=True)
class ExaminedTwice:
    """The last examination of a kind before the gap and the first one after it."""

    name: str
    index: Event
    flagged: Event

    @property
    def gap(self) -> Text:
        """Days between the two, one decimal."""
        seconds = (self.flagged.occurred_at - self.index.occurred_at).total_seconds()
        told, unit = number(seconds / SECONDS_A_DAY, 1), term("unit", "days")
        return Text(en=f"{told} {unit.en}", zh=f"{told}{unit.zh}")


@dataclass(frozen=True)
class TwoStays:
    """Both stays of a finding, and what was examined in each of them."""

    sides: tuple[Side, ...]
    examined_twice: tuple[ExaminedTwice, ...]


def two_stays(
    finding: Finding, stays: Sequence[Stay], events: Sequence[Event], name_of: Callable[[str | None], str]
) -> TwoStays | None:
    """The two stays that a finding joins; None where it joins anything else.

    Args:
        finding: with the earlier stay as index event and the later one as flagged event.
        stays: of the patient, interim claims merged.
        events: examinations of the patient.
        name_of: an institution's name by its id.
    """
    by_id = {stay.stay_id: stay for stay in stays}
    index, flagged = by_id.get(finding.index_event_id or ""), by_id.get(finding.flagged_event_id or "")
    if index is None or flagged is None:
        return None
    told: tuple[tuple[str, Callable[[Stay], Text], bool], ...] = (
        ("stays.institution", lambda stay: _same(name_of(stay.institution_id)), False),
        ("stays.from", lambda stay: _same(moment(stay.started_at)), False),
        ("stays.to", lambda stay: _same(moment(stay.ended_at)), False),
        ("stays.days", lambda stay: _same(_days(stay)), True),
        ("stays.disposition", lambda stay: term("disposition", stay.discharge_disposition), False),
        ("stays.diagnosis", _diagnosis, False),
        ("stays.amount", lambda stay: _same(yuan(stay.net_amount)), True),
        ("stays.fund", lambda stay: _same(yuan(stay.net_fund_amount)), True),
    )
    sides = tuple(Side(word(key), say(index), say(flagged), is_number) for key, say, is_number in told)
    return TwoStays(sides, _examined_twice(index, flagged, events))


def retest_joints(finding: Finding, made: TwoStays | None) -> tuple[Joint, ...]:
    """Lines of the timeline between examinations that were made again across the gap."""
    if made is None or finding.detector_id != RETESTED:
        return ()
    is_exempt = finding.exemption_id is not None
    return tuple(Joint(one.index.event_id, one.flagged.event_id, one.gap, is_exempt) for one in made.examined_twice)


def _examined_twice(index: Stay, flagged: Stay, events: Sequence[Event]) -> tuple[ExaminedTwice, ...]:
    before = {_kind(event): event for event in _of(index, events)}
    found: dict[tuple[str | None, ...], ExaminedTwice] = {}
    for event in _of(flagged, events):
        kind = _kind(event)
        if kind in before and kind not in found and before[kind].event_id != event.event_id:
            found[kind] = ExaminedTwice(event.item_name or event.item_code or NOTHING, before[kind], event)
    return tuple(found.values())


def _of(stay: Stay, events: Sequence[Event]) -> list[Event]:
    """Examinations of a stay in the order of time; those of a merged interim claim are known by place and time."""
    own = [event for event in events if event.encounter_id == stay.stay_id or _is_inside(event, stay)]
    return sorted(own, key=lambda event: (event.occurred_at, event.event_id))


def _is_inside(event: Event, stay: Stay) -> bool:
    is_here = event.setting == "inpatient" and event.institution_id == stay.institution_id
    return is_here and stay.ended_at is not None and stay.started_at <= event.occurred_at < stay.ended_at


def _kind(event: Event) -> tuple[str | None, ...]:
    return event.family or event.item_code, event.body_part, event.laterality


def _days(stay: Stay) -> str:
    return NOTHING if stay.ended_at is None else str((stay.ended_at.date() - stay.started_at.date()).days)


def _diagnosis(stay: Stay) -> Text:
    return _same(" ".join(part for part in (stay.main_diagnosis_code, stay.main_diagnosis_name) if part) or NOTHING)


def _same(text: str) -> Text:
    """Words of the record, which are in one language."""
    return Text(en=text, zh=text)
