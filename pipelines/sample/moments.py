"""Time in the generator: integer minutes since 2025-01-01, drawn from a clinic's week, written as ISO text."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FIRST_DAY = date(2025, 1, 1)
"""Day 0; every integer day and minute counts from its midnight."""

YEAR_DAYS = 365
DAY = 1440
HOUR = 60
YEAR_END = YEAR_DAYS * DAY
"""First minute after the extract: nothing of it happens then or later, so that its last day is 2025-12-31."""

_MARGIN_DAYS = 400

_DATE_TEXT = pl.Series(
    [(FIRST_DAY + timedelta(days=day)).isoformat() for day in range(-_MARGIN_DAYS, YEAR_DAYS + _MARGIN_DAYS)]
)
_CLOCK_TEXT = pl.Series([f"T{minute // 60:02d}:{minute % 60:02d}:00" for minute in range(DAY)])

_HOLIDAYS = (*range(0, 1), *range(27, 35), *range(120, 125), *range(273, 281))
"""Days of 2025 on which out-patient clinics are nearly closed: New Year, Spring Festival, May, October."""

_CLINIC_HOURS = (0, 0, 0, 0, 0, 0, 0, 4, 16, 18, 14, 7, 1, 4, 11, 10, 7, 3, 1, 1, 1, 0, 0, 0)
_EMERGENCY_HOURS = (3, 2, 2, 1, 1, 2, 3, 4, 5, 5, 5, 4, 4, 4, 4, 4, 5, 5, 6, 7, 7, 6, 5, 4)

_SEASONS = {
    "flat": (1.0,) * 12,
    "winter": (1.7, 1.5, 1.1, 0.8, 0.6, 0.5, 0.5, 0.5, 0.7, 0.9, 1.3, 1.7),
    "summer": (0.6, 0.6, 0.8, 1.0, 1.2, 1.5, 1.7, 1.6, 1.2, 0.9, 0.6, 0.6),
}
SEASONS = tuple(_SEASONS)


def stream(seed: int, *path: int) -> np.random.Generator:
    """A random stream of its own for ``path``: the same numbers whatever else was drawn before it."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *path])))


def cumulative(weights: Floats) -> Floats:
    """Cumulative probabilities along the last axis; all-zero rows become uniform."""
    totals = weights.sum(axis=-1, keepdims=True)
    even = np.full_like(weights, 1.0 / weights.shape[-1])
    shares = np.divide(weights, totals, out=even, where=totals > 0)
    return np.asarray(np.cumsum(shares, axis=-1), dtype=np.float64)


def pick(rng: np.random.Generator, cdf: Floats, rows: Ints | None = None, size: int | None = None) -> Ints:
    """Draw one index a row: of row ``rows[i]`` of a matrix of cumulative probabilities, or ``size`` of one vector."""
    if rows is None:
        return np.minimum(np.searchsorted(cdf, rng.random(size), side="right"), cdf.size - 1).astype(np.int64)
    wide = cdf[rows]
    return np.asarray(np.minimum((rng.random((rows.size, 1)) >= wide).sum(axis=1), cdf.shape[1] - 1), dtype=np.int64)


def _calendar(is_clinic: bool) -> Floats:
    """Cumulative day weights, one row a season of ``SEASONS``; clinics thin out at week-ends and on holidays."""
    days = np.arange(YEAR_DAYS)
    weekday = (days + FIRST_DAY.weekday()) % 7
    week = np.where(weekday == 0, 1.15, np.where(weekday < 5, 1.0, np.where(weekday == 5, 0.55, 0.35)))
    if not is_clinic:
        week = np.ones(YEAR_DAYS)
    elif _HOLIDAYS:
        week[list(_HOLIDAYS)] *= 0.2
    months = np.array([(FIRST_DAY + timedelta(days=int(day))).month - 1 for day in days])
    seasons = np.array(list(_SEASONS.values()))
    return cumulative(seasons[:, months] * week)


_CLINIC_DAYS, _ANY_DAYS = _calendar(is_clinic=True), _calendar(is_clinic=False)
_CLINIC_CLOCK, _ANY_CLOCK = cumulative(np.array(_CLINIC_HOURS, float)), cumulative(np.array(_EMERGENCY_HOURS, float))


def draw_minutes(rng: np.random.Generator, season: Ints, is_clinic: bool) -> Ints:
    """Minutes within 2025, one for each index into ``SEASONS``: clinic hours and days, or any."""
    days, clock = (_CLINIC_DAYS, _CLINIC_CLOCK) if is_clinic else (_ANY_DAYS, _ANY_CLOCK)
    day = np.zeros(season.size, dtype=np.int64)
    for kind in range(len(SEASONS)):
        here = season == kind
        day[here] = pick(rng, days[kind], size=int(here.sum()))
    hour = pick(rng, clock, size=season.size)
    return np.asarray(day * DAY + hour * HOUR + rng.integers(0, HOUR, season.size), dtype=np.int64)


def moment_text(minutes: Ints, is_bare: Flags | None = None, is_missing: Flags | None = None) -> pl.Series:
    """ISO 8601 text of each minute; a bare date where ``is_bare``, null where ``is_missing``."""
    day, minute = np.divmod(minutes, DAY)
    dates = _DATE_TEXT.gather(np.clip(day + _MARGIN_DAYS, 0, _DATE_TEXT.len() - 1))
    text = dates + _CLOCK_TEXT.gather(minute)
    if is_bare is not None:
        text = text.zip_with(pl.Series(~is_bare), dates)
    return text if is_missing is None else blank(text, is_missing)


def blank(values: pl.Series, is_missing: Flags) -> pl.Series:
    """The series with nulls where ``is_missing``."""
    return values.zip_with(
        pl.Series(~is_missing), pl.Series([None], dtype=values.dtype).new_from_index(0, values.len())
    )


def date_text(days: Ints) -> pl.Series:
    """ISO date text of days counted from ``FIRST_DAY``, of any year."""
    epoch = (FIRST_DAY - date(1970, 1, 1)).days
    return pl.Series((days + epoch).astype(np.int32)).cast(pl.Date).dt.to_string("%Y-%m-%d")
