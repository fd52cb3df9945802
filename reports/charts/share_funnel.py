"""A department, institution or doctor among unnamed peers: share against cases, with over-dispersed limits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from reports.charts import style
from reports.charts.funnel import LIMITS, STEPS, limit_note, own_name
from schemas.card import Text


def share_limit(trials: float, target: float, z: float, tau2: float) -> float:
    """Share at ``z`` on the scale of the angle arcsin √p: sin²(arcsin √p + z·√(1/(4n) + τ²)), 0 to 1.

    Args:
        trials: number of cases, positive.
        target: share to compare with, 0 to 1.
        z: standard deviations, negative for the lower limit.
        tau2: over-dispersion between peers on the scale of the angle.
    """
    angle = math.asin(math.sqrt(target)) + z * math.sqrt(1 / (4 * trials) + tau2)
    return math.sin(min(max(angle, 0.0), math.pi / 2)) ** 2


def share_limits_beside(evidence: Mapping[str, Any]) -> tuple[float, ...] | None:
    """The subject's share and the two limits on its side of the target at its cases; None where there is no funnel.

    Args:
        evidence: as ``share_funnel`` reads it.
    """
    peers = evidence.get("share_funnel")
    if not peers or not evidence.get("trials"):
        return None
    trials, target = float(evidence["trials"]), float(peers["target"])
    own = float(evidence["observed"]) / trials
    sign = 1 if own >= target else -1
    return own, *(share_limit(trials, target, sign * z, float(peers["tau2"])) for z, _, _ in LIMITS)


def share_funnel(evidence: Mapping[str, Any]) -> style.Figure | None:
    """The funnel of one finding about a share, or None where its evidence holds none.

    Args:
        evidence: observed, trials, subject and share_funnel {trials, share, target, phi, tau2} of the finding.
    """
    peers = evidence.get("share_funnel")
    if not peers or not evidence.get("trials"):
        return None
    tau2, target = float(peers["tau2"]), float(peers["target"])
    trials, own = float(evidence["trials"]), float(evidence["observed"]) / float(evidence["trials"])
    grid = _grid([*peers["trials"], trials])
    lines = [_limit_trace(grid, target, sign * z, tau2, dash) for z, _, dash in LIMITS for sign in (1, -1)]
    top = max(own, *peers["share"], share_limit(grid[len(grid) // 4], target, LIMITS[1][0], tau2)) * 112
    ends = [100 * share_limit(grid[-1], target, z, tau2) for z, _, _ in LIMITS]
    notes = [*(limit_note(grid[-1], end, level) for level, end in enumerate(ends))]
    notes.append(_own_note(trials, 100 * own, own_name(evidence)))
    return {
        "data": [*lines, _peers(peers["trials"], peers["share"]), _own(trials, own)],
        "layout": style.layout(
            360,
            margin={"l": 8, "r": 56, "t": 12, "b": 8},
            xaxis=style.axis(title=style.title("cases", "例数"), range=[0, grid[-1]], showline=True),
            yaxis=style.axis(title=style.title("share, %", "占比（%）"), range=[0, min(top, 104)]),
            shapes=[_target(grid[-1], 100 * target)],
            annotations=notes,
        ),
        "config": style.CONFIG,
    }


def _grid(trials: Sequence[float]) -> list[float]:
    """Numbers of cases at which limits are drawn, denser where they bend."""
    low, high = max(min(trials) * 0.5, 1.0), max(trials) * 1.08
    return [round(low * (high / low) ** (step / STEPS), 3) for step in range(STEPS + 1)]


def _limit_trace(grid: Sequence[float], target: float, z: float, tau2: float, dash: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(grid),
        "y": [round(100 * share_limit(trials, target, z, tau2), 3) for trials in grid],
        "line": {"color": style.BLUE, "width": 1.25, "dash": dash},
        "hoverinfo": "skip",
    }


def _peers(trials: Sequence[float], share: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": list(trials),
        "y": [round(100 * one, 3) for one in share],
        "marker": {"symbol": "circle-open", "size": 7, "color": style.QUIET, "line": {"width": 1.25}},
        "hovertemplate": style.pair(
            "a peer<br>%{y:.1f} %, %{x}<extra></extra>", "同行<br>%{y:.1f}%，%{x}例<extra></extra>"
        ),
    }


def _own(trials: float, share: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [trials],
        "y": [round(100 * share, 3)],
        "marker": {
            "symbol": "diamond",
            "size": 13,
            "color": style.VERMILLION,
            "line": {"width": 1.5, "color": style.INK},
        },
        "hovertemplate": style.pair("%{y:.1f} %, %{x}<extra></extra>", "%{y:.1f}%，%{x}例<extra></extra>"),
    }


def _own_note(trials: float, share: float, name: Text) -> dict[str, Any]:
    return {
        "x": trials,
        "y": share,
        "text": style.pair_of(name),
        "showarrow": False,
        "xanchor": "right",
        "xshift": -6,
        "yshift": 12,
        "font": {"color": style.VERMILLION, "size": style.TYPE_SIZE},
    }


def _target(right: float, height: float) -> dict[str, Any]:
    line = {"color": style.QUIET, "width": 1}
    return {"type": "line", "x0": 0, "x1": right, "y0": height, "y1": height, "line": line, "layer": "below"}
