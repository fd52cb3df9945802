"""What every figure shares: palette, fonts, margins, words in two languages, and safe embedding."""

from __future__ import annotations

import html
import json
from typing import Any, TypeAlias

from markupsafe import Markup

from schemas.card import Text

Figure: TypeAlias = dict[str, Any]
"""``data``, ``layout`` and ``config`` in Plotly's JSON form; words are ``{"en", "zh"}`` pairs."""

FONT = '"Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif'
INK, QUIET, HAIR = "#1b2430", "#56616d", "#dfe3e8"
BLUE, SKY, GREEN, ORANGE, VERMILLION = "#0072B2", "#56B4E9", "#009E73", "#E69F00", "#D55E00"
VERMILLION_INK = "#B84F00"
"""Okabe–Ito; words take the darker vermillion, which can be read at 12 px."""

TYPE_SIZE = 12
"""Pixels of every word in a figure: the smallest of the pages' one type scale."""

CONFIG = {"displayModeBar": False, "responsive": True, "showTips": False, "doubleClick": "reset", "scrollZoom": False}


def pair(en: str, zh: str) -> dict[str, str]:
    """Words in two languages, as they stand inside a figure."""
    return {"en": en, "zh": zh}


def pair_of(text: Text) -> dict[str, str]:
    """A ``Text`` as it stands inside a figure."""
    return pair(text.en, text.zh)


def title(en: str, zh: str) -> dict[str, Any]:
    """An axis title, in the size of all other words of a figure."""
    return {"text": pair(en, zh), "font": {"size": TYPE_SIZE, "color": QUIET}}


def plain(text: str | None) -> str:
    """Text from data, made safe for Plotly, which reads a few tags and entities in its labels."""
    return html.escape(text or "", quote=False)


def layout(height: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401  # Plotly's own open-ended options
    """A calm layout: no background, small type, no interaction that surprises."""
    base: dict[str, Any] = {
        "height": height,
        "margin": {"l": 8, "r": 16, "t": 12, "b": 8},
        "font": {"family": FONT, "size": TYPE_SIZE, "color": INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "separators": ".\u202f",
        "hovermode": "closest",
        "dragmode": False,
        "hoverlabel": {
            "bgcolor": "#ffffff",
            "bordercolor": QUIET,
            "font": {"family": FONT, "size": TYPE_SIZE, "color": INK},
        },
    }
    return base | more


def axis(**more: Any) -> dict[str, Any]:  # noqa: ANN401  # Plotly's own open-ended options
    """An axis with hairline grid that makes room for its own labels."""
    base: dict[str, Any] = {
        "automargin": True,
        "gridcolor": HAIR,
        "linecolor": HAIR,
        "zeroline": False,
        "ticks": "",
        "exponentformat": "none",
        "separatethousands": True,
        "fixedrange": True,
        "tickfont": {"color": QUIET},
    }
    return base | more


def embedded(figure: Figure) -> Markup:
    """A figure as JSON that cannot end the script element it stands in."""
    text = json.dumps(figure, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # noqa: S704  # every character that HTML reads was escaped above


def in_language(figure: Any, language: str) -> Any:  # noqa: ANN401  # any JSON value
    """The same figure with each pair of words resolved, as assets/page.js does it."""
    if isinstance(figure, dict):
        if figure.keys() == {"en", "zh"}:
            return figure[language]
        return {key: in_language(value, language) for key, value in figure.items()}
    if isinstance(figure, list):
        return [in_language(value, language) for value in figure]
    return figure
