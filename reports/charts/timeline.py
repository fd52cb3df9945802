"""What happened to a patient: lanes of stays, happenings and examinations, with each repeat joined by a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.charts.style import (
    BLUE,
    GREEN,
    INK,
    QUIET,
    SKY,
    VERMILLION,
    Figure,
    axis,
    layout,
    pair,
    pair_of,
    plain,
)
from reports.charts.style import CONFIG
from reports.figures import moment
from reports.rows import Event, Happening, Stay
from reports.terms import term
from schemas.card import Text

IMAGING = ("CT", "MR", "PETCT", "PETMR", "DR", "US", "MG", "DSA", "ENDO", "ECG")
LANES_SHOWN = 9
ROW_HEIGHT = 34
RADIUS = 6


@dataclass(frozen=True)
class Joint:
    """Two events that one finding joins, and the gap between them in words."""

    index_event_id: str
    flagged_event_id: str
    gap: Text
    is_exempt: bool


@dataclass(frozen=True)
class _Point:
    at: datetime
    lane: str


def timeline(
    events: Sequence[Event], stays: Sequence[Stay], happenings: Sequence[Happening], joints: Sequence[Joint]
) -> Figure | None:
    """The figure of one patient, or None where nothing is known of when anything happened.

    The first view spans what the findings touch, with room on both sides; everything else can be reached by zooming
    out (double click), and stands in the table below the figure.
    """
    lanes = _lanes(events, stays, happenings, joints)
    if not lanes:
        return None
    level = {name: -row for row, name in enumerate(lanes)}
    points = {event.event_id: _Point(_placed(event), _shown(lane_of(event), lanes)) for event in events}
    points |= {stay.stay_id: _Point(stay.started_at, "stays") for stay in stays}
    ends = {stay.stay_id: stay.ended_at or stay.started_at for stay in stays}
    joined = [joint for joint in joints if joint.index_event_id in points and joint.flagged_event_id in points]
    traces = _stay_traces(stays, level) + _happening_trace(happenings, level)
    traces += _event_traces(events, points, level, joined)
    shapes, notes = _half_discs(events, points, level), []
    for joint in joined:
        index, flagged = points[joint.index_event_id], points[joint.flagged_event_id]
        start = ends.get(joint.index_event_id, index.at)
        line, note = _join(joint, (start, level[index.lane]), (flagged.at, level[flagged.lane]))
        shapes.append(line)
        notes.append(note)
    view = _view(joined, points, ends, events, stays)
    return {
        "data": traces,
        "layout": layout(
            ROW_HEIGHT * len(lanes) + 52,
            xaxis=axis(type="date", range=view, side="top", tickformat="%Y-%m-%d", nticks=7, showline=True),
            yaxis=axis(
                tickvals=list(level.values()),
                ticktext=[_lane_name(name) for name in lanes],
                range=[-len(lanes) + 0.4, 0.75],
                showgrid=True,
                tickfont={"color": INK},
            ),
            shapes=shapes,
            annotations=notes,
        ),
        "config": CONFIG,
    }


def lane_of(event: Event) -> str:
    """An imaging event's lane is its modality, any other's its family, else its item."""
    if event.modality in IMAGING:
        return str(event.modality)
    return event.family or event.item_name or event.item_code or "other"


def _lanes(
    events: Sequence[Event], stays: Sequence[Stay], happenings: Sequence[Happening], joints: Sequence[Joint]
) -> list[str]:
    """Lanes from top to bottom: stays, happenings, lanes with a finding, the others; those too many share one."""
    marked = {event_id for joint in joints for event_id in (joint.index_event_id, joint.flagged_event_id)}
    first = sorted({lane_of(event) for event in events if event.event_id in marked})
    rest = sorted({lane_of(event) for event in events} - set(first))
    own = first + rest
    if len(own) > LANES_SHOWN:
        own = [*own[: max(LANES_SHOWN - 1, len(first))], "other"]
    return ["stays"] * bool(stays) + ["happenings"] * bool(happenings) + own


def _shown(lane: str, lanes: Sequence[str]) -> str:
    return lane if lane in lanes else "other"


def _lane_name(lane: str) -> Any:  # noqa: ANN401  # words or plain text
    return pair_of(term("lane", lane)) if lane in ("stays", "happenings", "other") else plain(lane)


def _placed(event: Event) -> datetime:
    """When an event is drawn: noon where only its date is known."""
    return event.occurred_at if event.has_time else event.occurred_at.replace(hour=12, minute=0)


def _stay_traces(stays: Sequence[Stay], level: dict[str, int]) -> list[dict[str, Any]]:
    """One thick bar a stay; an open stay is drawn a day long."""
    traces = []
    for stay in stays:
        end = stay.ended_at or stay.started_at + timedelta(days=1)
        words = f"{moment(stay.started_at)} – {moment(stay.ended_at)}<br>{plain(stay.main_diagnosis_name)}"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [stay.started_at.isoformat(), end.isoformat()],
                "y": [level["stays"]] * 2,
                "line": {"width": 11, "color": BLUE},
                "opacity": 0.75,
                "text": [words, words],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return traces


def _happening_trace(happenings: Sequence[Happening], level: dict[str, int]) -> list[dict[str, Any]]:
    if not happenings:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [row.occurred_at.isoformat() for row in happenings],
            "y": [level["happenings"]] * len(happenings),
            "marker": {"symbol": "diamond", "size": 10, "color": GREEN},
            "text": [_happening_words(row) for row in happenings],
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _happening_words(row: Happening) -> dict[str, str]:
    kind, rest = term("happening", row.kind), f"<br>{moment(row.occurred_at, row.has_time)}<br>{plain(row.detail)}"
    return pair(plain(kind.en) + rest, plain(kind.zh) + rest)


def _event_traces(
    events: Sequence[Event], points: dict[str, _Point], level: dict[str, int], joints: Sequence[Joint]
) -> list[dict[str, Any]]:
    """Circles for results that are known, small dots for the rest; flagged ones are vermillion."""
    marked = {e for joint in joints if not joint.is_exempt for e in (joint.index_event_id, joint.flagged_event_id)}
    traces = []
    for is_known in (True, False):
        some = [event for event in events if (event.is_abnormal is not None) == is_known]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [points[event.event_id].at.isoformat() for event in some],
                "y": [level[points[event.event_id].lane] for event in some],
                "marker": {
                    "symbol": "circle-open" if is_known else "circle",
                    "size": 2 * RADIUS if is_known else 6,
                    "line": {"width": 2},
                    "color": [VERMILLION if event.event_id in marked else QUIET for event in some],
                },
                "text": [_event_words(event) for event in some],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return [trace for trace in traces if trace["x"]]


def _event_words(event: Event) -> dict[str, str]:
    known = {True: "abnormal", False: "normal", None: "unknown"}[event.is_abnormal]
    result = term("result", known)
    head = f"{plain(event.item_name or event.item_code)}<br>{moment(event.occurred_at, event.has_time)}"
    return pair(f"{head}<br>{result.en}", f"{head}<br>{result.zh}")


def _half_discs(
    events: Sequence[Event], points: dict[str, _Point], level: dict[str, int]
) -> list[dict[str, Any]]:
    """The dark half of ◐, for abnormal results: a shape of fixed pixel size at each of them."""
    r, k = RADIUS, RADIUS * 4 / 3
    path = f"M0,{-r} C{-k:.1f},{-r} {-k:.1f},{r} 0,{r} Z"
    return [
        {
            "type": "path",
            "path": path,
            "xsizemode": "pixel",
            "ysizemode": "pixel",
            "xanchor": points[event.event_id].at.isoformat(),
            "yanchor": level[points[event.event_id].lane],
            "fillcolor": INK,
            "line": {"width": 0},
            "layer": "above",
        }
        for event in events
        if event.is_abnormal
    ]


def _join(
    joint: Joint, start: tuple[datetime, float], end: tuple[datetime, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The line between two events and the label in its middle."""
    colour = QUIET if joint.is_exempt else VERMILLION
    middle = start[0] + (end[0] - start[0]) / 2
    line = {
        "type": "line",
        "x0": start[0].isoformat(),
        "x1": end[0].isoformat(),
        "y0": start[1],
        "y1": end[1],
        "line": {"color": colour, "width": 2, "dash": "dot" if joint.is_exempt else "solid"},
        "layer": "below",
    }
    note = {
        "x": middle.isoformat(),
        "y": (start[1] + end[1]) / 2,
        "yshift": 11,
        "text": pair_of(joint.gap),
        "showarrow": False,
        "font": {"color": colour, "size": 12},
    }
    return line, note


def _view(
    joints: Sequence[Joint],
    points: dict[str, _Point],
    ends: dict[str, datetime],
    events: Sequence[Event],
    stays: Sequence[Stay],
) -> list[str]:
    """From and to of the first view: what the findings touch and the stays around it, with a tenth on both sides."""
    times = [points[e].at for joint in joints for e in (joint.index_event_id, joint.flagged_event_id)]
    times += [ends[joint.flagged_event_id] for joint in joints if joint.flagged_event_id in ends]
    times = times or [point.at for point in points.values()]
    around = [
        moment_
        for stay in stays
        if stay.started_at <= max(times) and (stay.ended_at or stay.started_at) >= min(times)
        for moment_ in (stay.started_at, stay.ended_at or stay.started_at + timedelta(days=1))
    ]
    low, high = min(times + around), max(times + around)
    room = max((high - low) / 10, timedelta(hours=12))
    return [(low - room).isoformat(), (high + room).isoformat()]


__all__ = ["IMAGING", "SKY", "Joint", "lane_of", "timeline"]
