"""A doctor or department among unnamed peers: ratio against expected count, over-dispersed limits (DOMAIN §3)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts.style import (
    BLUE,
    CONFIG,
    INK,
    QUIET,
    TYPE_SIZE,
    VERMILLION,
    Figure,
    axis,
    layout,
    pair,
    pair_of,
    title,
)
from reports.terms import term
from schemas.card import Text

LIMITS = ((1.96, "95 %", "dash"), (3.09, "99.8 %", "solid"))
"""z, its two-sided level, and how its line is drawn (Spiegelhalter 2005)."""

STEPS = 60


def limit(expected: float, z: float, tau2: float, grain: float = 1.0) -> float:
    """Ratio O/E at ``z`` on the square-root scale, target 1: (1 + z·√(g/(4E) + τ²))², never below 0.

    Args:
        expected: expected count, positive.
        z: standard deviations, negative for the lower limit.
        tau2: over-dispersion between practitioners on the square-root scale.
        grain: of money, the yuan that vary as one count does.
    """
    y = 1 + z * math.sqrt(grain / (4 * expected) + tau2)
    return max(y, 0.0) ** 2


def own_name(evidence: Mapping[str, Any]) -> Text:
    """What the subject is called among its peers: this doctor, this department.

    Args:
        evidence: as ``funnel`` reads it; a run of before ``subject`` was told compared doctors only.
    """
    name = term("subject", str(evidence.get("subject") or "practitioner"))
    return Text(en=f"this {name.en.lower()}", zh=f"该{name.zh}")


def limit_note(x: float, y: float, level: int) -> dict[str, Any]:
    """The name of a limit beside the end of its line: the outer above it, the inner below, so that they never meet.

    Args:
        x: where the line ends.
        y: its height there.
        level: place in ``LIMITS``.
    """
    return {
        "x": x,
        "y": y,
        "text": LIMITS[level][1],
        "showarrow": False,
        "xanchor": "left",
        "yanchor": "bottom" if level else "top",
        "xshift": 4,
        "font": {"color": BLUE, "size": TYPE_SIZE},
    }


def _spread(peers: Mapping[str, Any]) -> tuple[float, float]:
    """tau2 and grain of a funnel."""
    return float(peers.get("tau2") or 0.0), float(peers.get("grain") or 1.0)


def limits_beside(evidence: Mapping[str, Any]) -> tuple[float, ...] | None:
    """The subject's ratio and the two limits on its side of 1 at its expected count; None where there is no funnel.

    Args:
        evidence: as ``funnel`` reads it.
    """
    peers = evidence.get("funnel")
    if not peers or not evidence.get("expected"):
        return None
    expected, own = float(evidence["expected"]), float(evidence["observed"]) / float(evidence["expected"])
    sign = 1 if own >= 1 else -1
    return own, *(limit(expected, sign * z, *_spread(peers)) for z, _, _ in LIMITS)


def funnel(evidence: Mapping[str, Any]) -> Figure | None:
    """The funnel of one outlier finding, or None where its evidence holds no funnel.

    Args:
        evidence: observed, expected, subject and funnel {expected, ratio, phi, tau2} of the finding.
    """
    peers = evidence.get("funnel")
    if not peers or not evidence.get("expected"):
        return None
    spread = _spread(peers)
    own_expected, own_observed = float(evidence["expected"]), float(evidence["observed"])
    grid = _grid([*peers["expected"], own_expected])
    traces = [_limit_trace(grid, sign * z, spread, dash) for z, _, dash in LIMITS for sign in (1, -1)]
    name = own_name(evidence)
    traces += [_peer_trace(peers["expected"], peers["ratio"]), _own_trace(own_expected, own_observed, name)]
    top = max(own_observed / own_expected, *peers["ratio"], limit(grid[len(grid) // 4], LIMITS[1][0], *spread)) * 1.12
    notes = [limit_note(grid[-1], limit(grid[-1], z, *spread), level) for level, (z, _, _) in enumerate(LIMITS)]
    notes.append(_own_note(own_expected, own_observed, name))
    return {
        "data": traces,
        "layout": layout(
            360,
            margin={"l": 8, "r": 56, "t": 12, "b": 8},
            xaxis=axis(title=title("expected from the peers", "按同行水平的预期"), range=[0, grid[-1]], showline=True),
            yaxis=axis(title=title("observed ÷ expected", "实际 ÷ 预期"), range=[0, top]),
            shapes=[_target(grid[-1])],
            annotations=notes,
        ),
        "config": CONFIG,
    }


def _grid(expected: Sequence[float]) -> list[float]:
    """Expected counts at which limits are drawn, denser where they bend."""
    low, high = max(min(expected) * 0.5, 0.5), max(expected) * 1.08
    return [round(low * (high / low) ** (step / STEPS), 3) for step in range(STEPS + 1)]


def _limit_trace(grid: Sequence[float], z: float, spread: tuple[float, float], dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(grid),
        "y": [round(limit(expected, z, *spread), 4) for expected in grid],
        "line": {"color": BLUE, "width": 1.25, "dash": dash},
        "hoverinfo": "skip",
    }


def _peer_trace(expected: Sequence[float], ratio: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(expected),
        "y": list(ratio),
        "marker": {"symbol": "circle-open", "size": 7, "color": QUIET, "line": {"width": 1.25}},
        "hovertemplate": pair(
            "a peer<br>%{y:.2f} × %{x:.1f}<extra></extra>", "同行<br>%{y:.2f} × %{x:.1f}<extra></extra>"
        ),
    }


def _own_trace(expected: float, observed: float, name: Text) -> dict[str, Any]:
    place = "<br>%{y:.2f} × %{x:.1f}<extra></extra>"
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [expected],
        "y": [round(observed / expected, 4)],
        "marker": {"symbol": "diamond", "size": 13, "color": VERMILLION, "line": {"width": 1.5, "color": INK}},
        "hovertemplate": pair(name.en + place, name.zh + place),
    }


def _own_note(expected: float, observed: float, name: Text) -> dict[str, Any]:
    return {
        "x": expected,
        "y": observed / expected,
        "text": pair_of(name),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 10,
        "font": {"color": VERMILLION, "size": TYPE_SIZE},
    }


def _target(right: float) -> dict[str, Any]:
    line = {"color": QUIET, "width": 1}
    return {"type": "line", "x0": 0, "x1": right, "y0": 1, "y1": 1, "line": line, "layer": "below"}
