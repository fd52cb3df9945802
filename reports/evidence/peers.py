"""n of N: how often this institution was flagged in the month of a finding, and how its peers stand."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from reports.rows import Finding

STRIP_WIDTH, STRIP_HEIGHT = 240, 36
BARS_SHOWN = 40
WIDEST_BAR = 12


@dataclass(frozen=True)
class Bar:
    """One institution's bar in the strip, in the strip's own units, and the n of N that it stands for."""

    x: float
    y: float
    width: float
    height: float
    is_here: bool
    hits: int
    examined: int


@dataclass(frozen=True)
class Standing:
    """n of N of one institution in one month, and the rates of all institutions of that month.

    Attributes:
        month: YYYY-MM.
        hits: findings there and then, exempt ones included.
        exempt: of these, the exempt ones.
        examined: events that the rule could judge.
        place: place of this institution by rate, 1 = highest; ``institutions`` is how many there are.
        median_hits, median_examined: the institution in the middle, so that a rate can be written as n of N.
        bars: the strip, lowest rate first, at most ``BARS_SHOWN``; empty where there is none else or nothing was found.
    """

    month: str
    hits: int
    exempt: int
    examined: int
    place: int
    institutions: int
    median_hits: int
    median_examined: int
    bars: tuple[Bar, ...]


class Peers:
    """Denominators of a run, cut by detector and month once, so that a page looks up and never scans."""

    def __init__(self, denominators: pl.DataFrame) -> None:
        parts = denominators.partition_by(["detector_id", "month"], as_dict=True, maintain_order=True)
        self._rows = {key: list(part.iter_rows(named=True)) for key, part in parts.items()}

    def standing(self, finding: Finding) -> Standing | None:
        """Where the finding's institution stands in its month; None where the run has no denominator for it."""
        month = finding.occurred_at.strftime("%Y-%m") if finding.occurred_at else None
        rows = [row for row in self._rows.get((finding.detector_id, month), []) if row["examined"]]
        rows.sort(key=lambda row: (row["hits"] / row["examined"], row["institution_id"]))
        ids = [row["institution_id"] for row in rows]
        if month is None or finding.institution_id not in ids:
            return None
        position = ids.index(finding.institution_id)
        own, middle = rows[position], rows[(len(rows) - 1) // 2]
        return Standing(
            month=month,
            hits=own["hits"],
            exempt=own["exempt"],
            examined=own["examined"],
            place=len(rows) - position,
            institutions=len(rows),
            median_hits=middle["hits"],
            median_examined=middle["examined"],
            bars=_bars([(row["hits"], row["examined"]) for row in rows], position),
        )


def _bars(counts: list[tuple[int, int]], here: int) -> tuple[Bar, ...]:
    """Bars of the strip; where there are too many, evenly chosen ones and always this institution's."""
    if len(counts) < 2 or not any(hits for hits, _ in counts):
        return ()
    rates = [hits / examined for hits, examined in counts]
    step = max(1.0, len(rates) / BARS_SHOWN)
    chosen = sorted({int(place * step) for place in range(int(len(rates) / step))} | {here, len(rates) - 1})
    top = max(rates)
    pitch = min(STRIP_WIDTH / len(chosen), WIDEST_BAR)
    bars = []
    for place, index in enumerate(chosen):
        height = max(1.5, rates[index] / top * STRIP_HEIGHT)
        bars.append(
            Bar(
                x=round(place * pitch, 2),
                y=round(STRIP_HEIGHT - height, 2),
                width=round(max(pitch * 0.7, 1), 2),
                height=round(height, 2),
                is_here=index == here,
                hits=counts[index][0],
                examined=counts[index][1],
            )
        )
    return tuple(bars)
