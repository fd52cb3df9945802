"""A patient's record as one list in order of time: it tells in words what the timeline draws."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reports.evidence.origins import Origins, places
from reports.figures import NOTHING, moment
from reports.rows import Event, Happening, Origin, Stay
from reports.terms import term
from reports.words import word
from schemas.card import Text

TOLD_BY_RESULTS = "abnormal_result"
"""Kind of happening that the result of its examination already shows."""


@dataclass(frozen=True)
class Entry:
    """One line of the record; ``record_id`` is its number in the hospital's system.

    ``is_abnormal`` is None where there is no result; ``is_result`` where one is expected. ``origins`` are the rows
    of the extracts that it is read from.
    """

    at: str
    record_id: str
    kind: Text
    what: Text
    note: Text
    is_result: bool
    is_abnormal: bool | None
    institution: str
    practitioner_id: str
    net_amount: Decimal | None
    origins: tuple[Origin, ...]

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Files and their rows, see ``places`` of ``reports.evidence.origins``."""
        return places(self.origins)


@dataclass(frozen=True)
class Extent:
    """How much a timeline holds: stays and examinations, from when to when, and pairs that a finding joins."""

    stays: int
    exams: int
    joined: int
    first: datetime | None
    last: datetime | None


def extent(events: Sequence[Event], stays: Sequence[Stay], joined: int) -> Extent:
    """The extent of one patient's record, from the first event or admission to the last event or discharge."""
    times = [event.occurred_at for event in events]
    times += [time for stay in stays for time in (stay.started_at, stay.ended_at) if time is not None]
    return Extent(len(stays), len(events), joined, min(times, default=None), max(times, default=None))


def record(
    events: Sequence[Event],
    stays: Sequence[Stay],
    happenings: Sequence[Happening],
    name_of: Callable[[str | None], str],
    rows: Sequence[Origin] = (),
) -> tuple[Entry, ...]:
    """The record in order of time; at one moment a stay comes first, then happenings, then examinations.

    Args:
        events: examinations of one patient.
        stays: stays of the same patient.
        happenings: what else happened to the patient.
        name_of: an institution's name by its id.
        rows: rows of the extracts that they are read from.
    """
    origins = Origins(rows)
    timed = [(row.started_at, 0, row.stay_id, _of_stay(row, name_of, origins)) for row in stays]
    told = [row for row in happenings if row.kind != TOLD_BY_RESULTS]
    items = {row.item_code: row.item_name for row in events if row.item_code and row.item_name}
    timed += [
        (row.occurred_at, 1, f"{row.kind} {row.event_id} {row.detail}", _of_happening(row, name_of, items, origins))
        for row in told
    ]
    timed += [(row.occurred_at, 2, row.event_id, _of_event(row, name_of, origins)) for row in events]
    return tuple(entry for *_, entry in sorted(timed, key=lambda row: row[:3]))


def _of_stay(row: Stay, name_of: Callable[[str | None], str], origins: Origins) -> Entry:
    return Entry(
        at=f"{moment(row.started_at)} – {moment(row.ended_at)}",
        record_id=row.stay_id,
        kind=word("kind.stay"),
        what=_same(" ".join(part for part in (row.main_diagnosis_code, row.main_diagnosis_name) if part)),
        note=term("disposition", row.discharge_disposition),
        is_result=False,
        is_abnormal=None,
        institution=name_of(row.institution_id),
        practitioner_id=NOTHING,
        net_amount=row.net_amount,
        origins=origins.of_stay(row.stay_id),
    )


def _of_happening(
    row: Happening, name_of: Callable[[str | None], str], items: Mapping[str, str], origins: Origins
) -> Entry:
    return Entry(
        at=moment(row.occurred_at, row.has_time),
        record_id=row.event_id or NOTHING,
        kind=term("happening", row.kind),
        what=_detail(row, name_of, items),
        note=Text(en=NOTHING, zh=NOTHING),
        is_result=False,
        is_abnormal=None,
        institution=NOTHING,
        practitioner_id=NOTHING,
        net_amount=None,
        origins=origins.of_happening(row),
    )


def _of_event(row: Event, name_of: Callable[[str | None], str], origins: Origins) -> Entry:
    return Entry(
        at=moment(row.occurred_at, row.has_time),
        record_id=row.event_id,
        kind=word("kind.examination"),
        what=_same(row.item_name or row.item_code),
        note=Text(en="", zh=""),
        is_result=True,
        is_abnormal=row.is_abnormal,
        institution=name_of(row.performing_institution_id or row.institution_id),
        practitioner_id=row.practitioner_id or NOTHING,
        net_amount=row.net_amount,
        origins=origins.of_examination(row.event_id),
    )


def _detail(row: Happening, name_of: Callable[[str | None], str], items: Mapping[str, str]) -> Text:
    """What a happening was: a reason, a place or an item by its name, else as the record has it."""
    if row.detail and row.kind == "claimed_reason":
        return term("situation", row.detail)
    if row.detail and row.kind == "external":
        return _same(name_of(row.detail))
    if row.detail and row.kind in ("emergency", "icu"):
        return term("pace", row.detail)
    return _same(items.get(row.detail or "", (row.detail or "").replace(";", "; ")))


def _same(text: str | None) -> Text:
    """Words of the record, which are in one language; a dash where there are none."""
    return Text(en=text or NOTHING, zh=text or NOTHING)
