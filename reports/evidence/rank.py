"""Why a lead has its rank: the steps of its score, as a waterfall that needs no script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.rows import Lead

WIDTH = 100.0


@dataclass(frozen=True)
class Step:
    """One finding's part of the score. ``start`` and ``width`` are percent of the widest extent, for the bar."""

    finding_id: str
    detector_id: str
    contribution: float
    inputs: tuple[tuple[str, Any], ...]
    start: float
    width: float


def steps(lead: Lead) -> tuple[Step, ...]:
    """The waterfall of a lead, one step a finding; empty where the run holds no explanation.

    Reads ``explanation`` as ``{"steps": [{"finding_id", "detector_id", "contribution", …}]}``; what else a step holds
    (amount, probability, weight of the grade …) is listed beside its bar.
    """
    made: Any = json.loads(lead.explanation) if lead.explanation else {}
    listed = made.get("steps", []) if isinstance(made, dict) else made
    contributions = [float(step.get("contribution") or 0) for step in listed]
    reached = [sum(contributions[: index + 1]) for index in range(len(contributions))]
    extent = max([abs(value) for value in reached] + [0.0]) or 1.0
    return tuple(
        _step(step, before, value, extent)
        for step, before, value in zip(listed, [0.0, *reached], contributions, strict=False)
    )


def _step(step: Mapping[str, Any], before: float, value: float, extent: float) -> Step:
    named = {"finding_id", "detector_id", "contribution"}
    low = min(before, before + value)
    return Step(
        finding_id=str(step.get("finding_id", "")),
        detector_id=str(step.get("detector_id", "")),
        contribution=value,
        inputs=tuple(sorted((name, one) for name, one in step.items() if name not in named)),
        start=round(max(low, 0.0) / extent * WIDTH, 2),
        width=round(max(abs(value) / extent * WIDTH, 0.5), 2),
    )
