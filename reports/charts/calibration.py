"""Whether what was said to be likely turned out to be: predicted against found among the verdicts held back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.charts.style import BLUE, CONFIG, ORANGE, QUIET, Figure, axis, layout, pair, title
from schemas.ranking import CalibrationBin, Trial

HEIGHT = 340
MARGIN = {"l": 8, "r": 16, "t": 28, "b": 8}


def calibration(trial: Trial) -> Figure:
    """Reliability diagram: a point a bin that holds verdicts, its 95 % interval, and the line of perfection."""
    figure = layout(HEIGHT, margin=MARGIN, showlegend=True)
    figure["legend"] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    shares: dict[str, Any] = {"range": [-0.03, 1.03], "tickformat": ".0%", "dtick": 0.2}
    figure["xaxis"] = axis(**shares, showline=True, title=title("predicted", "预测概率"))
    figure["yaxis"] = axis(**shares, title=title("substantiated", "查实比例"))
    perfect = {
        "type": "scatter",
        "mode": "lines",
        "x": [0, 1],
        "y": [0, 1],
        "line": {"color": QUIET, "width": 1, "dash": "dot"},
        "name": pair("perfect", "理想"),
        "hoverinfo": "skip",
    }
    points = [
        _points(trial.priors, ORANGE, "diamond", pair("priors", "先验")),
        _points(trial.classifier, BLUE, "circle", pair("classifier", "分类器")),
    ]
    return {"data": [perfect, *points], "layout": figure, "config": CONFIG}


def _points(bins: Sequence[CalibrationBin], colour: str, symbol: str, name: dict[str, str]) -> dict[str, Any]:
    """Bins without verdicts are left out."""
    filled = [(one, one.predicted, one.substantiated / one.verdicts) for one in bins if one.predicted is not None]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [predicted for _, predicted, _ in filled],
        "y": [round(share, 6) for _, _, share in filled],
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [round(one.share_high - share, 6) for one, _, share in filled],
            "arrayminus": [round(share - one.share_low, 6) for one, _, share in filled],
            "color": colour,
            "thickness": 1,
            "width": 3,
        },
        "line": {"color": colour, "width": 1.5},
        "marker": {"color": colour, "size": 8, "symbol": symbol},
        "customdata": [one.verdicts for one, _, _ in filled],
        "name": name,
        "hovertemplate": "%{x:.2f} → %{y:.2f} (n = %{customdata})",
    }
