"""What happened to a patient: lanes of stays, happenings and examinations, with each repeat joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.charts.style import CONFIG, INK, Figure, axis, layout, pair_of, plain
from reports.charts.timeline_marks import (
    Joint,
    Placed,
    half_discs,
    happening_trace,
    join,
    result_traces,
    stay_traces,
)
from reports.rows import Event, Happening, Stay
from reports.terms import term

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
    """Where everything stands: lanes from top to bottom, each event's place, each stay's start and end."""

    lanes: tuple[str, ...]
    events: dict[str, Placed]
    starts: dict[str, datetime]
    ends: dict[str, datetime]

    def place(self, event_id: str) -> tuple[datetime, float] | None:
        """When and on which row an event or a stay begins; None where it is not known."""
        if event_id in self.events:
            return self.events[event_id].at, self.events[event_id].row
        return (self.starts[event_id], 0) if event_id in self.starts else None


def timeline(
    events: Sequence[Event], stays: Sequence[Stay], happenings: Sequence[Happening], joints: Sequence[Joint]
) -> Figure | None:
    """The figure of one patient, or None where nothing is known of when anything happened.

    It spans what the findings touch and the stays around it; what lies outside stands in the table below the figure.
    """
    told = [row for row in happenings if row.kind not in DRAWN_ON_EVENTS]
    scene = _scene(events, stays, told, joints)
    if not scene.lanes:
        return None
    joined = [one for one in joints if scene.place(one.index_event_id) and scene.place(one.flagged_event_id)]
    low, high = _view(scene, joined)
    seen = [placed for placed in scene.events.values() if low <= placed.at <= high]
    marked = {one for joint in joined if not joint.is_exempt for one in (joint.index_event_id, joint.flagged_event_id)}
    lines = [_joined(scene, joint, (high - low) / 25) for joint in joined]
    return {
        "data": [
            *stay_traces(stays, OPEN_STAY),
            *happening_trace([row for row in told if low <= row.occurred_at <= high], -1.0 if stays else 0.0),
            *result_traces(seen, marked),
        ],
        "layout": _layout(scene.lanes, low, high)
        | {
            "shapes": half_discs(seen) + [line for line, _ in lines],
            "annotations": [note for _, note in lines if note is not None],
        },
        "config": CONFIG,
    }


def lane_of(event: Event) -> str:
    """An imaging event's lane is its modality, any other's its family, else its item."""
    if event.modality in IMAGING:
        return str(event.modality)
    return event.family or event.item_name or event.item_code or "other"


def _scene(
    events: Sequence[Event], stays: Sequence[Stay], happenings: Sequence[Happening], joints: Sequence[Joint]
) -> _Scene:
    lanes = _lanes(events, bool(stays), bool(happenings), joints)
    row = {name: -float(number) for number, name in enumerate(lanes)}
    return _Scene(
        lanes=tuple(lanes),
        events={
            event.event_id: Placed(event, _drawn_at(event), row.get(lane_of(event), -float(len(lanes) - 1)))
            for event in events
        },
        starts={stay.stay_id: stay.started_at for stay in stays},
        ends={stay.stay_id: stay.ended_at or stay.started_at + OPEN_STAY for stay in stays},
    )


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


def _joined(scene: _Scene, joint: Joint, shortest: timedelta) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The line of a finding, from the end of the earlier event, and its label where there is room for one."""
    start, end = scene.place(joint.index_event_id), scene.place(joint.flagged_event_id)
    assert start is not None  # noqa: S101 - only joints whose ends are known come here
    assert end is not None  # noqa: S101 - see above
    begun = (scene.ends.get(joint.index_event_id, start[0]), start[1])
    is_stay = joint.index_event_id in scene.ends
    line, note = join(joint, begun, end)
    return line, note if is_stay or end[0] - begun[0] >= shortest else None


def _view(scene: _Scene, joints: Sequence[Joint]) -> tuple[datetime, datetime]:
    """From and to: what the findings touch and the stays around it, with a tenth of room on both sides."""
    ids = [one for joint in joints for one in (joint.index_event_id, joint.flagged_event_id)]
    times = [place[0] for place in map(scene.place, ids) if place] + [
        scene.ends[one] for one in ids if one in scene.ends
    ]
    times = times or [placed.at for placed in scene.events.values()] or list(scene.starts.values())
    if not times:
        times = [datetime(2000, 1, 1)]  # noqa: DTZ001 - a figure of happenings alone; local wall time as everywhere
    first, last = min(times), max(times)
    around = [one for one in scene.starts if scene.starts[one] <= last and scene.ends[one] >= first]
    low = min([first, *(scene.starts[one] for one in around)])
    high = max([last, *(scene.ends[one] for one in around)])
    room = max((high - low) / 10, timedelta(hours=12))
    return low - room, high + room


def _layout(lanes: Sequence[str], low: datetime, high: datetime) -> dict[str, Any]:
    return layout(
        ROW_HEIGHT * len(lanes) + 52,
        xaxis=axis(
            type="date",
            range=[low.isoformat(), high.isoformat()],
            side="top",
            tickformat="%Y-%m-%d" if high - low > timedelta(days=3) else "%Y-%m-%d %H:%M",
            nticks=7,
            showline=True,
        ),
        yaxis=axis(
            tickvals=[-number for number in range(len(lanes))],
            ticktext=[_lane_name(name) for name in lanes],
            range=[-len(lanes) + 0.4, 0.75],
            tickfont={"color": INK},
        ),
    )


def _lane_name(lane: str) -> Any:  # noqa: ANN401  # words or plain text
    return pair_of(term("lane", lane)) if lane in ("stays", "happenings", "other") else plain(lane)
