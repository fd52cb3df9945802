"""From the money at issue to the score: a waterfall of horizontal bars, each beginning where the last one ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, QUIET, TYPE_SIZE, VERMILLION, Figure, axis, layout, pair_of
from reports.figures import money
from schemas.card import Text

BAR_HEIGHT = 44


@dataclass(frozen=True)
class Bar:
    """One bar, yuan: its words, where it begins, by how much it changes; ``is_total`` where it begins at zero."""

    title: Text
    start: float
    change: float
    is_total: bool = False


def waterfall_figure(bars: Sequence[Bar]) -> Figure | None:
    """The figure of some bars, first one on top; None where there are none. Falls are vermillion and hatched."""
    if not bars:
        return None
    rows = list(range(len(bars)))
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [bar.change for bar in bars],
                "y": rows,
                "base": [bar.start for bar in bars],
                "width": 0.4,
                "marker": {
                    "color": [_colour(bar) for bar in bars],
                    "pattern": {"shape": [_hatch(bar) for bar in bars]},
                },
                "hovertemplate": "%{x:,.2f}<extra></extra>",
            }
        ],
        "layout": layout(
            BAR_HEIGHT * len(bars) + 44,
            margin={"l": 8, "r": 80, "t": 16, "b": 8},
            xaxis=axis(showline=True, rangemode="tozero", tickformat=",d", nticks=6),
            yaxis=axis(range=[len(bars) - 0.6, -0.7], showgrid=False, showticklabels=False),
            annotations=[note for row, bar in enumerate(bars) for note in (_name(row, bar), _amount(row, bar))],
        ),
        "config": CONFIG,
    }


def _colour(bar: Bar) -> str:
    if bar.is_total:
        return QUIET
    return BLUE if bar.change >= 0 else VERMILLION


def _hatch(bar: Bar) -> str:
    """Falls are told apart by more than their colour."""
    return "/" if bar.change < 0 else ""


def _name(row: int, bar: Bar) -> dict[str, Any]:
    """The words of a bar above it, where a narrow screen has room for them too."""
    own = {"xref": "paper", "x": 0, "yshift": 17}
    return own | _words(row, pair_of(bar.title))


def _amount(row: int, bar: Bar) -> dict[str, Any]:
    """The yuan of a bar beside its right end."""
    told = ("+" if bar.change > 0 and not bar.is_total else "") + money(bar.change)
    return {"x": max(bar.start, bar.start + bar.change), "xshift": 4} | _words(row, told)


def _words(row: int, text: Any) -> dict[str, Any]:  # noqa: ANN401  # words or plain text
    return {"y": row, "text": text, "showarrow": False, "xanchor": "left", "font": {"size": TYPE_SIZE, "color": INK}}
