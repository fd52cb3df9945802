"""How findings and yuan change with one parameter: counts above, money below, the value in use marked."""

from __future__ import annotations

from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, ORANGE, QUIET, SKY, TYPE_SIZE, Figure, axis, layout, pair
from schemas.sweep import Sweep

HEIGHT = 300
UPPER, LOWER = [0.5, 0.92], [0.0, 0.36]
"""Parts of the height that counts and money take."""


def sensitivity(sweep: Sweep) -> Figure | None:
    """Findings (open, exempt) and yuan of the open ones over the values of one parameter.

    Returns:
        None where the detector could not run, or only one value was asked.
    """
    if len(sweep.points) < 2:
        return None
    numeric = all(isinstance(point.value, int | float) and not isinstance(point.value, bool) for point in sweep.points)
    values = [point.value if numeric else str(point.value) for point in sweep.points]
    kind = "linear" if numeric else "category"
    figure = layout(HEIGHT)
    figure["xaxis"] = axis(type=kind, anchor="y2", showgrid=False, showline=True, tickvals=values)
    peak = max(point.hits for point in sweep.points) or 1
    money = [None if point.amount is None else float(point.amount) for point in sweep.points]
    figure["yaxis"] = axis(domain=UPPER, range=[0, peak * 1.08], tickformat="d", nticks=4)
    figure["yaxis2"] = axis(domain=LOWER, rangemode="tozero", nticks=4, tickformat=",.0f")
    figure["shapes"] = [_line_at(values[place]) for place, point in enumerate(sweep.points) if point.is_used]
    figure["annotations"] = [
        _caption(1.0, pair("Findings: open, exempt on top", "发现：未豁免，其上为已豁免")),
        _caption(0.44, pair("Yuan at issue, open findings", "未豁免发现涉及金额（元）")),
        *(_used(values[place]) for place, point in enumerate(sweep.points) if point.is_used),
    ]
    traces = [
        _area(values, [point.opened for point in sweep.points], BLUE, pair("open", "未豁免")),
        _area(values, [point.exempt for point in sweep.points], SKY, pair("exempt", "已豁免")),
        _money(values, money),
    ]
    return {"data": traces, "layout": figure, "config": CONFIG}


def _area(values: list[Any], counts: list[int], colour: str, name: dict[str, str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": values,
        "y": counts,
        "stackgroup": "findings",
        "line": {"color": colour, "width": 1.5},
        "marker": {"color": colour, "size": 6},
        "name": name,
        "hovertemplate": "%{x}: %{y}",
    }


def _money(values: list[Any], yuan: list[float | None]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": values,
        "y": yuan,
        "yaxis": "y2",
        "line": {"color": ORANGE, "width": 1.5},
        "marker": {"color": ORANGE, "size": 6},
        "name": pair("yuan", "金额"),
        "hovertemplate": "%{x}: %{y:,.2f}",
    }


def _line_at(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a number or a word, as the axis has it
    return {
        "type": "line",
        "xref": "x",
        "yref": "paper",
        "x0": value,
        "x1": value,
        "y0": 0,
        "y1": 0.92,
        "line": {"color": QUIET, "width": 1, "dash": "dot"},
    }


def _used(value: Any) -> dict[str, Any]:  # noqa: ANN401 - a number or a word, as the axis has it
    return {
        "xref": "x",
        "yref": "paper",
        "x": value,
        "y": 0.92,
        "xanchor": "left",
        "yanchor": "top",
        "text": pair(" used", " 本次取值"),
        "showarrow": False,
        "font": {"size": TYPE_SIZE, "color": QUIET},
    }


def _caption(height: float, text: dict[str, str]) -> dict[str, Any]:
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": height,
        "xanchor": "left",
        "yanchor": "top",
        "text": text,
        "showarrow": False,
        "font": {"size": TYPE_SIZE, "color": INK},
    }
