"""A practitioner among unnamed peers: ratio against expected count, with over-dispersed limits (DOMAIN §3)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts.style import BLUE, CONFIG, INK, QUIET, TYPE_SIZE, VERMILLION, Figure, axis, layout, pair, title

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
        evidence: observed, expected and funnel {expected, ratio, phi, tau2} of the finding.
    """
    peers = evidence.get("funnel")
    if not peers or not evidence.get("expected"):
        return None
    spread = _spread(peers)
    own_expected, own_observed = float(evidence["expected"]), float(evidence["observed"])
    grid = _grid([*peers["expected"], own_expected])
    traces = [_limit_trace(grid, sign * z, spread, dash) for z, _, dash in LIMITS for sign in (1, -1)]
    traces += [_peer_trace(peers["expected"], peers["ratio"]), _own_trace(own_expected, own_observed)]
    top = max(own_observed / own_expected, *peers["ratio"], limit(grid[len(grid) // 4], LIMITS[1][0], *spread)) * 1.12
    notes = [_limit_note(grid[-1], z, spread, words) for z, words, _ in LIMITS]
    notes.append(_own_note(own_expected, own_observed))
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


def _own_trace(expected: float, observed: float) -> dict[str, Any]:
    words = pair("this doctor<br>%{y:.2f} × %{x:.1f}<extra></extra>", "该医师<br>%{y:.2f} × %{x:.1f}<extra></extra>")
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [expected],
        "y": [round(observed / expected, 4)],
        "marker": {"symbol": "diamond", "size": 13, "color": VERMILLION, "line": {"width": 1.5, "color": INK}},
        "hovertemplate": words,
    }


def _own_note(expected: float, observed: float) -> dict[str, Any]:
    return {
        "x": expected,
        "y": observed / expected,
        "text": pair("this doctor", "该医师"),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 10,
        "font": {"color": VERMILLION, "size": TYPE_SIZE},
    }


def _limit_note(expected: float, z: float, spread: tuple[float, float], words: str) -> dict[str, Any]:
    return {
        "x": expected,
        "y": limit(expected, z, *spread),
        "xanchor": "left",
        "xshift": 4,
        "text": words,
        "showarrow": False,
        "font": {"color": BLUE, "size": TYPE_SIZE},
    }


def _target(right: float) -> dict[str, Any]:
    line = {"color": QUIET, "width": 1}
    return {"type": "line", "x0": 0, "x1": right, "y0": 1, "y1": 1, "line": line, "layer": "below"}
