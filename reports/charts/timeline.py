"""What happened to a patient: lanes of stays, happenings and examinations, with each repeat joined by a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.charts.style import CONFIG, INK, Figure, axis, layout, pair, pair_of, plain
from reports.charts.timeline_marks import (
    Joint,
    Placed,
    half_discs,
    happening_trace,
    join,
    result_traces,
    stay_traces,
)
from reports.names import NO_NAMES, Names
from reports.rows import Event, Happening, Stay
from reports.terms import is_term, term

IMAGING = ("CT", "MR", "PETCT", "PETMR", "DR", "US", "MG", "DSA", "ENDO", "ECG")
"""Modalities that have one lane for all their items; other examinations have one lane a family."""

LANES_SHOWN = 9
ROW_HEIGHT = 34
OPEN_STAY = timedelta(days=1)
"""How long a stay without an end is drawn."""

DRAWN_ON_EVENTS = frozenset({"abnormal_result", "claimed_reason", "emergency", "icu", "serial_indication"})
"""Kinds of happening that belong to one examination: they stand in the table, not in the lane of happenings."""


@dataclass(frozen=True)
class _Scene:
    """Where everything stands.

    Attributes:
        low, high: from and to of the figure.
        lanes: from top to bottom.
        events: what lies inside, by event id.
        stays: start and end of each stay, by stay id; they stand on row 0.
    """

    low: datetime
    high: datetime
    lanes: tuple[str, ...]
    events: dict[str, Placed]
    stays: dict[str, tuple[datetime, datetime]]

    def begins(self, event_id: str) -> tuple[datetime, float] | None:
        """When and on which row an event or a stay begins; None where it is not known."""
        if event_id in self.events:
            return self.events[event_id].at, self.events[event_id].row
        return (self.stays[event_id][0], 0.0) if event_id in self.stays else None

    def ends(self, event_id: str) -> tuple[datetime, float] | None:
        """The same of its end; an examination ends when it begins."""
        return (self.stays[event_id][1], 0.0) if event_id in self.stays else self.begins(event_id)


def timeline(
    events: Sequence[Event],
    stays: Sequence[Stay],
    happenings: Sequence[Happening],
    joints: Sequence[Joint],
    home: str | None = None,
    names: Names = NO_NAMES,
) -> Figure | None:
    """The figure of one patient, or None where nothing is known of when anything happened.

    It spans what the findings touch and the stays around it; what lies outside stands in the table below the figure.

    Args:
        events: the patient's examinations.
        stays: the patient's stays.
        happenings: what else happened.
        joints: pairs of events or stays that a finding joins.
        home: the lead's institution; what another one did is drawn square or lighter. None draws all alike.
        names: words for the lanes.
    """
    told = [row for row in happenings if row.kind not in DRAWN_ON_EVENTS]
    if not events and not stays and not told:
        return None
    scene = _scene(events, stays, told, joints, home)
    inside = [row for row in told if scene.low <= row.occurred_at <= scene.high]
    seen = list(scene.events.values())
    marked = {one for joint in joints if not joint.is_exempt for one in (joint.index_event_id, joint.flagged_event_id)}
    lines = [drawn for drawn in (_joined(scene, joint) for joint in joints) if drawn is not None]
    return {
        "data": [
            *stay_traces(stays, OPEN_STAY, home),
            *happening_trace(inside, -1.0 if stays else 0.0),
            *result_traces(seen, marked),
        ],
        "layout": _layout(scene, names)
        | {
            "shapes": half_discs(seen) + [line for line, _ in lines],
            "annotations": [note for _, note in lines if note is not None],
        },
        "config": CONFIG,
    }


def is_elsewhere(event: Event, home: str | None) -> bool:
    """Whether another institution than ``home`` performed (else ordered) an examination."""
    place = event.performing_institution_id or event.institution_id
    return home is not None and place is not None and place != home


def lane_of(event: Event) -> str:
    """An imaging event's lane is its modality, any other's its family, else its item."""
    if event.modality in IMAGING:
        return str(event.modality)
    return event.family or event.item_name or event.item_code or "other"


def _scene(
    events: Sequence[Event],
    stays: Sequence[Stay],
    happenings: Sequence[Happening],
    joints: Sequence[Joint],
    home: str | None,
) -> _Scene:
    spans = {stay.stay_id: (stay.started_at, stay.ended_at or stay.started_at + OPEN_STAY) for stay in stays}
    at = {event.event_id: _drawn_at(event) for event in events}
    low, high = _view(at, spans, [row.occurred_at for row in happenings], joints)
    seen = [event for event in events if low <= at[event.event_id] <= high]
    lanes = _lanes(seen, bool(stays), any(low <= row.occurred_at <= high for row in happenings), joints)
    row = {name: -float(number) for number, name in enumerate(lanes)}
    last = -float(max(len(lanes) - 1, 0))
    placed = {
        one.event_id: Placed(one, at[one.event_id], row.get(lane_of(one), last), is_elsewhere(one, home))
        for one in seen
    }
    return _Scene(low, high, tuple(lanes), placed, spans)


def _lanes(events: Sequence[Event], has_stays: bool, has_happenings: bool, joints: Sequence[Joint]) -> list[str]:
    """Stays, happenings, lanes with a finding, the other lanes; those too many share the last one."""
    marked = {event_id for joint in joints for event_id in (joint.index_event_id, joint.flagged_event_id)}
    first = sorted({lane_of(event) for event in events if event.event_id in marked})
    own = first + sorted({lane_of(event) for event in events} - set(first))
    if len(own) > LANES_SHOWN:
        own = [*own[: LANES_SHOWN - 1], "other"]
    return ["stays"] * has_stays + ["happenings"] * has_happenings + own


def _drawn_at(event: Event) -> datetime:
    """When an event is drawn: noon where only its date is known."""
    return event.occurred_at if event.has_time else event.occurred_at.replace(hour=12, minute=0)


def _joined(scene: _Scene, joint: Joint) -> tuple[dict[str, Any], dict[str, Any] | None] | None:
    """The line of a finding from the end of its earlier event, with a label where there is room; None if unknown."""
    start, end = scene.ends(joint.index_event_id), scene.begins(joint.flagged_event_id)
    if start is None or end is None:
        return None
    line, note = join(joint, start, end)
    has_room = joint.index_event_id in scene.stays or end[0] - start[0] >= (scene.high - scene.low) / 25
    return line, note if has_room else None


def _view(
    at: Mapping[str, datetime],
    spans: Mapping[str, tuple[datetime, datetime]],
    happened: Sequence[datetime],
    joints: Sequence[Joint],
) -> tuple[datetime, datetime]:
    """From and to: what the findings touch and the stays around it, with a tenth of room on both sides."""
    ids = {one for joint in joints for one in (joint.index_event_id, joint.flagged_event_id)}
    times = [at[one] for one in ids if one in at] + [time for one in ids if one in spans for time in spans[one]]
    times = times or [*at.values()] or [time for span in spans.values() for time in span] or list(happened)
    first, last = min(times), max(times)
    around = [span for span in spans.values() if span[0] <= last and span[1] >= first]
    low, high = min([first, *(span[0] for span in around)]), max([last, *(span[1] for span in around)])
    room = max((high - low) / 10, timedelta(hours=12))
    return low - room, high + room


def _layout(scene: _Scene, names: Names) -> dict[str, Any]:
    lanes = scene.lanes
    is_short = scene.high - scene.low <= timedelta(days=3)
    return layout(
        ROW_HEIGHT * len(lanes) + 52,
        xaxis=axis(
            type="date",
            range=[scene.low.isoformat(), scene.high.isoformat()],
            side="top",
            tickformat="%Y-%m-%d %H:%M" if is_short else "%Y-%m-%d",
            nticks=7,
            showline=True,
        ),
        yaxis=axis(
            tickvals=[-number for number in range(len(lanes))],
            ticktext=[_lane_name(name, names) for name in lanes],
            range=[-len(lanes) + 0.4, 0.75],
            tickfont={"color": INK},
        ),
    )


def _lane_name(lane: str, names: Names) -> Any:  # noqa: ANN401  # words or plain text
    for kind in ("lane", "modality"):
        if is_term(kind, lane):
            return pair_of(term(kind, lane))
    named = names.of("family", lane)
    return plain(named.zh) if named.zh == named.en else pair(plain(named.en), plain(named.zh))
