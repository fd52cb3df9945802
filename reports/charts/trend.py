"""Findings by month: one small panel a detector, each with its own scale, exempt ones lighter on top."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, SKY, TYPE_SIZE, Figure, axis, layout, pair, pair_of
from schemas.card import Text

PANELS_SHOWN = 8
PANEL_HEIGHT = 88


def trend(
    months: Sequence[str], series: Mapping[str, Sequence[tuple[int, int]]], titles: Mapping[str, Text]
) -> Figure | None:
    """Stacked bars of (open, exempt) findings by month.

    Args:
        months: ``YYYY-MM``, every month of the run in order.
        series: (open, exempt) counts a month for each detector, as long as ``months``.
        titles: title of each detector.
    """
    shown = list(series)[:PANELS_SHOWN]
    if not shown or not months:
        return None
    figure = layout(PANEL_HEIGHT * len(shown) + 36, barmode="stack", bargap=0.55)
    traces: list[dict[str, Any]] = []
    notes = []
    for row, detector_id in enumerate(shown):
        suffix = "" if row == 0 else str(row + 1)
        high = 1 - row / len(shown)
        domain = [high - 0.78 / len(shown), high - 0.26 / len(shown)]
        peak = max([opened + exempt for opened, exempt in series[detector_id]] + [1])
        figure["yaxis" + suffix] = axis(domain=domain, range=[0, peak * 1.05], tickvals=[0, peak], tickformat="d")
        figure["xaxis" + suffix] = axis(
            anchor="y" + suffix, type="category", showgrid=False, showline=True, showticklabels=row == len(shown) - 1
        )
        for kind, colour in ((0, BLUE), (1, SKY)):
            traces.append(_bars(months, [counts[kind] for counts in series[detector_id]], colour, suffix, kind))
        notes.append(
            {
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": high,
                "xanchor": "left",
                "yanchor": "top",
                "text": pair_of(titles[detector_id]),
                "showarrow": False,
                "name": "title",
                "font": {"size": TYPE_SIZE, "color": INK},
            }
        )
    figure["annotations"] = notes
    return {"data": traces, "layout": figure, "config": CONFIG}


def _bars(months: Sequence[str], counts: Sequence[int], colour: str, suffix: str, kind: int) -> dict[str, Any]:
    name = pair("exempt", "已豁免") if kind else pair("open", "未豁免")
    return {
        "type": "bar",
        "x": list(months),
        "y": list(counts),
        "marker": {"color": colour},
        "xaxis": "x" + suffix,
        "yaxis": "y" + suffix,
        "name": name,
        "hovertemplate": "%{x}: %{y}",
    }
