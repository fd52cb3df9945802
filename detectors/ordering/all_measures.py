"""All measures of a doctor at once, for the second opinion on those who are flagged already."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from detectors.ordering.peer_comparison import Comparison, Member
from detectors.statistics.second_opinion import Opinion, second_opinions
from detectors.statistics.telling import six_digits

Told: TypeAlias = dict[str, Any]
"""An opinion as evidence."""


def opinions_on(flagged: Sequence[tuple[Member, Comparison]], comparisons: Sequence[Comparison]) -> list[Told | None]:
    """What a forest over all measures says of each flagged unit among its peer group; None where there is one measure.

    Args:
        flagged: units that a measure has flagged, and that measure's comparison.
        comparisons: one a measure.
    """
    standing = [{_unit_no(one, member.unit): _z(member) for member in one.members} for one in comparisons]
    if sum(bool(one) for one in standing) < 2:
        return [None] * len(flagged)
    names = [one.measure.name for one in comparisons]
    asked: dict[tuple[int, ...], set[int]] = {}
    for member, comparison in flagged:
        asked.setdefault(_group(member, comparison), set()).add(_unit_no(comparison, member.unit))
    told: dict[tuple[tuple[int, ...], int], Told] = {}
    for group, units in asked.items():
        z = np.array([[one.get(unit, np.nan) for one in standing] for unit in group])
        rows = [row for row, unit in enumerate(group) if unit in units]
        opinions = second_opinions(z, names, np.array(rows, dtype=np.int64))
        told |= {(group, group[row]): _told(opinion) for row, opinion in zip(rows, opinions, strict=False)}
    return [told.get((_group(member, one), _unit_no(one, member.unit))) for member, one in flagged]


def _group(member: Member, comparison: Comparison) -> tuple[int, ...]:
    """unit_no of the whole peer group."""
    return tuple(comparison.units["unit_no"].to_numpy()[member.group].tolist())


def _unit_no(comparison: Comparison, row: int) -> int:
    return int(comparison.units["unit_no"][row])


def _z(member: Member) -> float:
    return float(member.standing.z[member.position])


def _told(opinion: Opinion) -> Told:
    drivers = [
        {"measured": one.feature, "z": six_digits(one.z), "contribution": six_digits(one.contribution)}
        for one in opinion.drivers
    ]
    return {
        "score": six_digits(opinion.score),
        "place": opinion.place,
        "members": opinion.members,
        "drivers": drivers,
    }
