"""How figures are told: digits that a reader can use, and thinned lists that keep both ends."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import numpy as np

from detectors.statistics.expected import Codes


def six_digits(value: float) -> float:
    """Six significant digits: what a reader can use, and the same text on every machine."""
    return float(f"{value:.6g}")


def evenly(count: int, cap: int) -> Codes:
    """At most ``cap`` positions of 0 … count - 1, evenly spread, both ends kept."""
    if count <= cap:
        return np.arange(count, dtype=np.int64)
    return np.arange(cap, dtype=np.int64) * (count - 1) // (cap - 1)


def period_label(last_quarter: int, quarters: int) -> str:
    """Label of the quarters judged, such as ``2025Q1-2025Q4``.

    Args:
        last_quarter: year x 4 + quarter of the last one.
        quarters: how many there are.
    """
    last = last_quarter - 1
    return "-".join(f"{number // 4}Q{number % 4 + 1}" for number in (last - quarters + 1, last))


def priced(events: float, amount: Decimal | None, priced_events: int) -> Decimal | None:
    """Yuan of that many events at the mean price of those that have one; None where none has."""
    if amount is None or not priced_events:
        return None
    return (Decimal(f"{events:.6f}") * amount / priced_events).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
