"""Plotly's script, as Plotly itself gives it; nothing of it is kept in this repository."""

from __future__ import annotations

from plotly.offline import get_plotlyjs


def plotly_js() -> str:
    """Text of plotly.min.js of the installed Plotly, the file that ``include_plotlyjs="directory"`` refers to."""
    return str(get_plotlyjs())
