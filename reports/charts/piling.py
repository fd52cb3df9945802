"""Stays by length, or by cost, around a limit: what was counted, the smooth curve beside it, and the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, QUIET, TYPE_SIZE, VERMILLION, Figure, axis, layout, pair, title


@dataclass(frozen=True)
class Scale:
    """What the stays are counted by: where the evidence holds it, and how the figure tells it, (English, Chinese)."""

    rows: str
    unit: str
    axis: tuple[str, str]
    hover: tuple[str, str]
    limit: tuple[str, str]


SCALES = (
    Scale(
        "lengths",
        "days",
        ("length of stay, days", "住院天数"),
        ("%{x} days: %{y} stays", "%{x}天：%{y}例"),
        ("days", "天"),
    ),
    Scale(
        "costs",
        "pct",
        ("cost, % of the payment standard", "住院费用占病组支付标准的百分比"),
        ("up to %{x} %: %{y} stays", "至%{x}%：%{y}例"),
        ("%", "%"),
    ),
)


def piling(evidence: Mapping[str, Any]) -> Figure | None:
    """The figure of one finding about a heap, or None where its evidence holds none.

    Args:
        evidence: limit_days, under_days and lengths [{days, stays, expected}] of the finding, in the order of days; or
            limit_pct, under_pct and costs [{pct, stays, expected}], in the order of costs.
    """
    for scale in SCALES:
        if evidence.get(scale.rows):
            return _drawn(evidence, scale)
    return None


def _drawn(evidence: Mapping[str, Any], scale: Scale) -> Figure:
    rows = evidence[scale.rows]
    places, limit = [row[scale.unit] for row in rows], int(evidence[f"limit_{scale.unit}"])
    step = places[1] - places[0]
    top = 1.15 * max(*(row["stays"] for row in rows), *(row["expected"] for row in rows))
    under = int(evidence[f"under_{scale.unit}"])
    is_heap = [limit - under < row[scale.unit] <= limit and row["stays"] > row["expected"] for row in rows]
    return {
        "data": [_counted(rows, scale, is_heap), _smooth(rows, scale)],
        "layout": layout(
            320,
            margin={"l": 8, "r": 16, "t": 24, "b": 8},
            xaxis=axis(title=title(*scale.axis), range=[places[0] - 0.6 * step, places[-1] + 0.6 * step]),
            yaxis=axis(title=title("stays", "住院数"), range=[0, top]),
            shapes=[_limit(limit + 0.5 * step, top)],
            annotations=[_note(limit, limit + 0.5 * step, top, scale)],
        ),
        "config": CONFIG,
    }


def _counted(rows: list[Mapping[str, Any]], scale: Scale, is_heap: list[bool]) -> dict[str, Any]:
    """Bars; those up to the limit that reach above the curve stand out."""
    return {
        "type": "bar",
        "x": [row[scale.unit] for row in rows],
        "y": [row["stays"] for row in rows],
        "marker": {"color": [VERMILLION if one else QUIET for one in is_heap]},
        "hovertemplate": pair(f"{scale.hover[0]}<extra></extra>", f"{scale.hover[1]}<extra></extra>"),
    }


def _smooth(rows: list[Mapping[str, Any]], scale: Scale) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row[scale.unit] for row in rows],
        "y": [row["expected"] for row in rows],
        "line": {"color": BLUE, "width": 2},
        "hovertemplate": pair("smooth curve: %{y:.1f}<extra></extra>", "平滑曲线：%{y:.1f}<extra></extra>"),
    }


def _limit(at: float, top: float) -> dict[str, Any]:
    return {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": top, "line": {"color": INK, "width": 1, "dash": "dot"}}


def _note(limit: int, at: float, top: float, scale: Scale) -> dict[str, Any]:
    return {
        "x": at,
        "y": top,
        "text": pair(f"limit: {limit} {scale.limit[0]}", f"限额：{limit}{scale.limit[1]}"),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 4,
        "yanchor": "top",
        "font": {"color": INK, "size": TYPE_SIZE},
    }
