"""What is measured of a doctor: each measure has an expected value, a test and a finding of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """One thing that is measured.

    Attributes:
        name: as ``measures/cell.sql`` writes it.
        id: stands in a finding's id, and so never changes.
        kind: ``count`` of examinations, ``money`` in fen, or ``share`` of the trials.
    """

    name: str
    id: str
    kind: Literal["count", "money", "share"]

    @property
    def counted_by_family(self) -> str:
        """The measure whose rows of ``work.family`` say what was done in each family."""
        return self.name if self.kind == "share" else "volume"


MEASURES = (
    Measure("volume", "exam_events_per_visit", "count"),
    Measure("cost", "exam_amount_per_visit", "money"),
    Measure("repeat_share", "repeats_per_exam", "share"),
    Measure("high_cost_share", "high_cost_per_exam", "share"),
    Measure("first_day_bundle", "first_day_bundles_per_stay", "share"),
)
"""In the order in which they state the money at issue: it stands in the first of a unit's findings and in no other."""
