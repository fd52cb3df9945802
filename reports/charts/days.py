"""Days on which more was ordered or examined than a day holds: a bar a day, and what the day holds beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts.style import CONFIG, INK, QUIET, TYPE_SIZE, VERMILLION, Figure, axis, layout, pair

DAYS_SHOWN = 60


def days_of(told: Sequence[Mapping[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Evidence about a day (period, counted and held), the first ``DAYS_SHOWN`` in the order of days."""
    about = [one for one in told if {"period", "counted", "held"} <= one.keys()]
    return tuple(sorted(about, key=lambda one: str(one["period"]))[:DAYS_SHOWN])


def days(drawn: Sequence[Mapping[str, Any]]) -> Figure | None:
    """The figure of the days of one subject, or None where there are none.

    Args:
        drawn: evidence about days, as ``days_of`` gives it.
    """
    if not drawn:
        return None
    at, wide = [str(one["period"]) for one in drawn], list(range(len(drawn)))
    top = 1.15 * max(max(one["counted"], one["held"]) for one in drawn)
    return {
        "data": [
            {
                "type": "bar",
                "x": wide,
                "y": [one["counted"] for one in drawn],
                "width": 0.5,
                "marker": {"color": VERMILLION},
                "text": at,
                "textposition": "none",
                "hovertemplate": "%{text}: %{y}<extra></extra>",
            }
        ],
        "layout": layout(
            280,
            xaxis=axis(
                tickvals=wide, ticktext=at, range=[-0.7, max(len(drawn), 4) - 0.3], showgrid=False, showline=True
            ),
            yaxis=axis(range=[0, top], nticks=5),
            shapes=[_held(place, float(one["held"])) for place, one in enumerate(drawn)],
            annotations=[_note(float(drawn[-1]["held"]), len(drawn) - 1)],
        ),
        "config": CONFIG,
    }


def _held(place: int, height: float) -> dict[str, Any]:
    line = {"color": INK, "width": 2}
    return {"type": "line", "x0": place - 0.45, "x1": place + 0.45, "y0": height, "y1": height, "line": line}


def _note(height: float, place: int) -> dict[str, Any]:
    return {
        "x": place + 0.45,
        "y": height,
        "text": pair("what a day holds", "一日可容"),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 4,
        "font": {"size": TYPE_SIZE, "color": QUIET},
    }
