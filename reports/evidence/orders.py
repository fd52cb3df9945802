"""A practitioner's sampled orders, by family of examinations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from reports.names import Names
from reports.rows import Order
from schemas.card import Text


@dataclass(frozen=True)
class DrawnFamily:
    """The orders drawn from one family; ``drawn_from`` is how many orders of it there are in all."""

    family: Text
    drawn_from: int
    orders: tuple[Order, ...]


def drawn_families(orders: Sequence[Order], names: Names) -> tuple[DrawnFamily, ...]:
    """The sample by family, in the order of the rows."""
    grouped = ((family, tuple(rows)) for family, rows in groupby(orders, key=lambda one: one.family))
    return tuple(DrawnFamily(names.value("family", family), rows[0].drawn_from, rows) for family, rows in grouped)
