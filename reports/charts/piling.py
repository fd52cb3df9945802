"""Stays by length around a limit: what was counted, the smooth curve beside it, and the limit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, QUIET, VERMILLION, Figure, axis, layout, pair


def piling(evidence: Mapping[str, Any]) -> Figure | None:
    """The figure of one finding about a heap, or None where its evidence holds none.

    Args:
        evidence: limit_days, under_days and lengths [{days, stays, expected}] of the finding, in the order of days.
    """
    lengths = evidence.get("lengths")
    if not lengths:
        return None
    days, limit = [row["days"] for row in lengths], int(evidence["limit_days"])
    top = 1.15 * max(*(row["stays"] for row in lengths), *(row["expected"] for row in lengths))
    return {
        "data": [_counted(lengths, limit, int(evidence["under_days"])), _smooth(lengths)],
        "layout": layout(
            320,
            margin={"l": 8, "r": 16, "t": 24, "b": 8},
            xaxis=axis(title=_title("length of stay, days", "住院天数"), range=[days[0] - 0.6, days[-1] + 0.6]),
            yaxis=axis(title=_title("stays", "住院数"), range=[0, top]),
            shapes=[_limit(limit, top)],
            annotations=[_note(limit, top)],
        ),
        "config": CONFIG,
    }


def _counted(lengths: list[Mapping[str, Any]], limit: int, under: int) -> dict[str, Any]:
    """Bars; those of the days up to the limit that reach above the curve stand out."""
    is_heap = [limit - under < row["days"] <= limit and row["stays"] > row["expected"] for row in lengths]
    return {
        "type": "bar",
        "x": [row["days"] for row in lengths],
        "y": [row["stays"] for row in lengths],
        "marker": {"color": [VERMILLION if one else QUIET for one in is_heap]},
        "hovertemplate": pair("%{x} days: %{y} stays<extra></extra>", "%{x}天：%{y}例<extra></extra>"),
    }


def _smooth(lengths: list[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row["days"] for row in lengths],
        "y": [row["expected"] for row in lengths],
        "line": {"color": BLUE, "width": 2},
        "hovertemplate": pair("smooth curve: %{y:.1f}<extra></extra>", "平滑曲线：%{y:.1f}<extra></extra>"),
    }


def _limit(limit: int, top: float) -> dict[str, Any]:
    line = {"color": INK, "width": 1, "dash": "dot"}
    return {"type": "line", "x0": limit + 0.5, "x1": limit + 0.5, "y0": 0, "y1": top, "line": line}


def _note(limit: int, top: float) -> dict[str, Any]:
    return {
        "x": limit + 0.5,
        "y": top,
        "text": pair(f"limit: {limit} days", f"限额：{limit}天"),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 4,
        "yanchor": "top",
        "font": {"color": INK, "size": 12},
    }


def _title(en: str, zh: str) -> dict[str, Any]:
    return {"text": pair(en, zh), "font": {"size": 12, "color": QUIET}}
