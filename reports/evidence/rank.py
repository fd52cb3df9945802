"""Why a lead has its rank: the steps of its score, as a waterfall that needs no script."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.rows import Lead

WIDTH = 100.0


INPUTS = ("probability", "value_yuan", "grade_weight", "review_weight")
"""What a finding's part of the score is the product of, in the order in which it is told."""


@dataclass(frozen=True)
class Step:
    """One finding's part of the score. ``start`` and ``width`` are percent of the widest extent, for the bar.

    ``more`` is 0, or how many smaller findings this step sums up; such a step has no finding of its own.
    """

    finding_id: str
    detector_id: str
    more: int
    contribution: float
    inputs: tuple[tuple[str, float], ...]
    start: float
    width: float


def steps(lead: Lead) -> tuple[Step, ...]:
    """The waterfall of a lead, largest step first; empty where the run holds no explanation.

    Reads ``explanation`` as ``{"steps": [{"finding_id", "detector_id", "contribution", "probability", "value_yuan",
    "grade_weight", "review_weight"}], "more_steps", "more_contribution"}``; inputs that a step lacks are left out.
    """
    made: dict[str, Any] = json.loads(lead.explanation) if lead.explanation else {}
    listed = list(made.get("steps") or [])
    if made.get("more_steps"):
        listed.append({"more": made["more_steps"], "contribution": made.get("more_contribution")})
    contributions = [float(step.get("contribution") or 0) for step in listed]
    reached = [sum(contributions[: index + 1]) for index in range(len(contributions))]
    extent = max([abs(value) for value in reached] + [0.0]) or 1.0
    return tuple(
        _step(step, before, value, extent)
        for step, before, value in zip(listed, [0.0, *reached], contributions, strict=False)
    )


def _step(step: Mapping[str, Any], before: float, value: float, extent: float) -> Step:
    return Step(
        finding_id=str(step.get("finding_id", "")),
        detector_id=str(step.get("detector_id", "")),
        more=int(step.get("more", 0)),
        contribution=value,
        inputs=tuple((name, float(step[name])) for name in INPUTS if _is_told(name, step.get(name))),
        start=round(max(min(before, before + value), 0.0) / extent * WIDTH, 2),
        width=round(max(abs(value) / extent * WIDTH, 0.5), 2),
    )


def _is_told(name: str, value: object) -> bool:
    """Whether an input is shown: a review weight of 1 changes nothing and is left out."""
    return value is not None and not (name == "review_weight" and value == 1)
