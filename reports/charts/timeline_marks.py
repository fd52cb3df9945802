"""The marks of a timeline: bars of stays, diamonds of happenings, circles of examinations, lines of findings."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from reports.charts.style import (
    BLUE,
    GREEN,
    INK,
    QUIET,
    SKY,
    TYPE_SIZE,
    VERMILLION,
    VERMILLION_INK,
    pair,
    pair_of,
    plain,
)
from reports.figures import moment
from reports.rows import Event, Happening, Stay
from reports.terms import term
from schemas.card import Text

RADIUS = 6
"""Of a result's circle, pixels."""

CONSENTS = ("consent", "consent_waived")
"""Kinds of happening that are a consent, or its waiver in an emergency."""

Marks = list[dict[str, Any]]


@dataclass(frozen=True)
class Joint:
    """Two events that one finding joins, and the gap between them in words."""

    index_event_id: str
    flagged_event_id: str
    gap: Text
    is_exempt: bool


@dataclass(frozen=True)
class Placed:
    """An examination and where it is drawn; ``is_elsewhere`` where another institution than the lead's performed it."""

    event: Event
    at: datetime
    row: float
    is_elsewhere: bool = False


def stay_traces(stays: Sequence[Stay], open_stay: timedelta, home: str | None) -> Marks:
    """One thick bar a stay on row 0, lighter elsewhere; a stay without an end is drawn ``open_stay`` long."""
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [stay.started_at.isoformat(), (stay.ended_at or stay.started_at + open_stay).isoformat()],
            "y": [0, 0],
            "line": {"width": 11, "color": BLUE if home in (None, stay.institution_id) else SKY},
            "opacity": 0.75,
            "text": [_stay_words(stay)] * 2,
            "hovertemplate": "%{text}<extra></extra>",
        }
        for stay in stays
    ]


def _stay_words(stay: Stay) -> str:
    return f"{moment(stay.started_at)} – {moment(stay.ended_at)}<br>{plain(stay.main_diagnosis_name)}"


def happening_trace(happenings: Sequence[Happening], row: float) -> Marks:
    """Diamonds on one row, triangles for consents; nothing where nothing happened."""
    if not happenings:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [one.occurred_at.isoformat() for one in happenings],
            "y": [row] * len(happenings),
            "marker": {"symbol": [_mark(one) for one in happenings], "size": 10, "color": GREEN},
            "text": [_happening_words(one) for one in happenings],
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _mark(one: Happening) -> str:
    return "triangle-up" if one.kind in CONSENTS else "diamond"


def _happening_words(one: Happening) -> dict[str, str]:
    kind, rest = term("happening", one.kind), f"<br>{moment(one.occurred_at, one.has_time)}<br>{plain(one.detail)}"
    return pair(plain(kind.en) + rest, plain(kind.zh) + rest)


def result_traces(seen: Sequence[Placed], marked: Collection[str]) -> Marks:
    """Open marks where a result is known, small filled ones elsewhere; round here, square at another institution.

    Events of an open finding are vermillion.
    """
    traces = []
    for is_known in (True, False):
        some = [placed for placed in seen if (placed.event.is_abnormal is not None) == is_known]
        if not some:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [placed.at.isoformat() for placed in some],
                "y": [placed.row for placed in some],
                "marker": {
                    "symbol": [_symbol(placed, is_known) for placed in some],
                    "size": 2 * RADIUS if is_known else 7,
                    "line": {"width": 2 if is_known else 0},
                    "color": [VERMILLION if placed.event.event_id in marked else QUIET for placed in some],
                },
                "text": [_event_words(placed.event) for placed in some],
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    return traces


def _symbol(placed: Placed, is_known: bool) -> str:
    shape = "square" if placed.is_elsewhere else "circle"
    return f"{shape}-open" if is_known else shape


def _event_words(event: Event) -> dict[str, str]:
    known = {True: "abnormal", False: "normal", None: "unknown"}[event.is_abnormal]
    result = term("result", known)
    head = f"{plain(event.item_name or event.item_code)}<br>{moment(event.occurred_at, event.has_time)}"
    return pair(f"{head}<br>{result.en}", f"{head}<br>{result.zh}")


def half_discs(seen: Sequence[Placed]) -> Marks:
    """The dark half of ◐ at each abnormal result, as a shape of fixed pixel size."""
    r, k = RADIUS, RADIUS * 4 / 3
    disc, square = f"M0,{-r} C{-k:.1f},{-r} {-k:.1f},{r} 0,{r} Z", f"M0,{-r} H{-r} V{r} H0 Z"
    return [
        {
            "type": "path",
            "path": square if placed.is_elsewhere else disc,
            "xsizemode": "pixel",
            "ysizemode": "pixel",
            "xanchor": placed.at.isoformat(),
            "yanchor": placed.row,
            "fillcolor": INK,
            "line": {"width": 0},
            "layer": "above",
        }
        for placed in seen
        if placed.event.is_abnormal
    ]


def join(
    joint: Joint, start: tuple[datetime, float], end: tuple[datetime, float]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The line between two events and the label above its middle; grey and dotted where an exemption held."""
    colour, ink = (QUIET, QUIET) if joint.is_exempt else (VERMILLION, VERMILLION_INK)
    line = {
        "type": "line",
        "x0": start[0].isoformat(),
        "x1": end[0].isoformat(),
        "y0": start[1],
        "y1": end[1],
        "line": {"color": colour, "width": 2, "dash": "dot" if joint.is_exempt else "solid"},
        "layer": "between",
    }
    note = {
        "x": (start[0] + (end[0] - start[0]) / 2).isoformat(),
        "y": (start[1] + end[1]) / 2,
        "yshift": 12,
        "text": pair_of(joint.gap),
        "showarrow": False,
        "font": {"color": ink, "size": TYPE_SIZE},
    }
    return line, note
