"""Why a lead has its rank: from the money at issue to the score, as a waterfall, and each finding's part of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reports.charts import Bar
from reports.rows import Lead
from reports.words import word
from schemas.card import Text

INPUTS = ("probability", "value_yuan", "count_weight", "grade_weight", "review_weight")
"""What a finding's part of the score is the product of, in the order in which it is told."""

MADE_OF = ("detector_probability", "confidence_factor")
"""What the probability is the product of, without a classifier."""

WEIGHTS = ("count_weight", "probability", "grade_weight", "review_weight")
"""What takes from the money, or adds to it, in the order of the waterfall."""

SMALLEST = 0.005
"""Yuan below which a change is none."""


@dataclass(frozen=True)
class Step:
    """One finding's part of the score, yuan.

    ``more`` is 0, or how many smaller findings this step sums up; such a step has no finding of its own. ``basis`` says
    what the probability rests on (prior, reviews, classifier), empty in a run of before; ``made_of`` is the detector's
    probability and the factor of the finding's confidence, where it is their product. ``is_floor``: the value is the
    least that the severity has.
    """

    finding_id: str
    detector_id: str
    more: int
    contribution: float
    inputs: tuple[tuple[str, float], ...]
    basis: str = ""
    made_of: tuple[float, ...] = ()
    is_floor: bool = False


@dataclass(frozen=True)
class Fall:
    """One bar of the waterfall, yuan: it begins at ``start`` and changes by ``change``.

    ``kind`` is ``finding`` (its money; ``place`` is its number among the steps), one of ``WEIGHTS``, ``more`` (the
    smaller findings together, whose inputs are not told) or ``score``, where the waterfall ends.
    """

    kind: str
    place: int
    start: float
    change: float

    @property
    def reached(self) -> float:
        """Where the bar ends."""
        return self.start + self.change


def steps(lead: Lead) -> tuple[Step, ...]:
    """Each finding's part of the score, largest first; empty where the run holds no explanation.

    Reads ``explanation`` as ``{"steps": [{"finding_id", "detector_id", "contribution", "probability", "value_yuan",
    "count_weight", "grade_weight", "review_weight", "basis", "detector_probability", "confidence_factor", "is_floor"}],
    "more_steps", "more_contribution"}``; inputs that a step lacks are left out.
    """
    made: dict[str, Any] = json.loads(lead.explanation) if lead.explanation else {}
    listed = list(made.get("steps") or [])
    if made.get("more_steps"):
        listed.append({"more": made["more_steps"], "contribution": made.get("more_contribution")})
    return tuple(map(_step, listed))


def waterfall(told: tuple[Step, ...]) -> tuple[Fall, ...]:
    """The bars from the findings' money, by what each weight takes from it, to the score; empty without steps.

    A step that names no money counts with its contribution, so that the bars always end at the score.
    """
    changes: list[tuple[str, int, float]] = []
    taken = dict.fromkeys(WEIGHTS, 0.0)
    for place, step in enumerate(told, start=1):
        known = dict(step.inputs)
        if step.more or "value_yuan" not in known:
            changes.append(("more" if step.more else "finding", place, step.contribution))
            continue
        changes.append(("finding", place, known["value_yuan"]))
        left = known["value_yuan"]
        for weight in WEIGHTS:
            taken[weight] += left * known.get(weight, 1.0) - left
            left *= known.get(weight, 1.0)
    changes.sort(key=lambda change: change[0] == "more")
    opened = [change for change in changes if change[0] == "finding"]
    falls = [(weight, 0, change) for weight, change in taken.items() if abs(change) >= SMALLEST]
    score = sum(step.contribution for step in told)
    return _chained([*opened, *falls, *changes[len(opened) :]], score) if told else ()


def rank_bars(falls: tuple[Fall, ...], told: tuple[Step, ...], titles: Mapping[str, Text]) -> tuple[Bar, ...]:
    """The bars of the figure.

    Args:
        falls: the waterfall.
        told: the steps it was made from.
        titles: title of each detector.
    """
    return tuple(Bar(_title(fall, told, titles), fall.start, fall.change, fall.kind == "score") for fall in falls)


def _title(fall: Fall, told: tuple[Step, ...], titles: Mapping[str, Text]) -> Text:
    if fall.kind == "finding":
        step = told[fall.place - 1]
        title = titles.get(step.detector_id, Text(en=step.detector_id, zh=step.detector_id))
        return Text(en=f"{fall.place} · {title.en}", zh=f"{fall.place} · {title.zh}")
    if fall.kind == "more":
        told_of, n = word("fold.more_steps"), told[fall.place - 1].more
        return Text(en=told_of.en.format(n=n), zh=told_of.zh.format(n=n))
    return word("fold.total" if fall.kind == "score" else f"input.{fall.kind}")


def _chained(changes: list[tuple[str, int, float]], score: float) -> tuple[Fall, ...]:
    """Bars that begin where the one before ended, and the score from zero, as the rounded parts add up to it."""
    bars, reached = [], 0.0
    for kind, place, change in changes:
        bars.append(Fall(kind, place, round(reached, 2), round(change, 2)))
        reached += change
    return (*bars, Fall("score", 0, 0.0, round(score, 2)))


def _step(step: Mapping[str, Any]) -> Step:
    return Step(
        finding_id=str(step.get("finding_id", "")),
        detector_id=str(step.get("detector_id", "")),
        more=int(step.get("more", 0)),
        contribution=float(step.get("contribution") or 0),
        inputs=tuple((name, float(step[name])) for name in INPUTS if _is_told(name, step.get(name))),
        basis=str(step.get("basis") or ""),
        made_of=tuple(float(step[name]) for name in MADE_OF if step.get(name) is not None),
        is_floor=bool(step.get("is_floor")),
    )


def _is_told(name: str, value: object) -> bool:
    """Whether an input is shown: these weights change nothing where they are 1, and are left out."""
    return value is not None and not (name in ("review_weight", "count_weight") and value == 1)
