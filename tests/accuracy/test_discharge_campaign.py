"""How many innocent institutions do the shares of discharges and the density test call out, and whom do they find?

Institutions with natural variation and a mix of cases go through the detectors' own judges. A few worlds in every run;
many with EXAM_AUDIT_CAMPAIGN=full (figures: RESULTS.md beside this file).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
import pytest

from detectors.declaration import Detector, Value
from detectors.readmission.institution_rate import INSTITUTION_RATE
from detectors.readmission.los_piling import LOS_PILING

Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
SEEDS = 60 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 12
INSTITUTIONS = 40
LAST_DAY = (date(2025, 12, 31) - date(1970, 1, 1)).days
LAST_QUARTER = 2025 * 4 + 4
STRATA = {"C34 × 65+": 0.18, "I25 × 65+": 0.10, "J44 × 65+": 0.14, "K29 × <65": 0.05, "M51 × <65": 0.03}
"""Share of discharges that come back, by stratum."""

Z_ALONE: Mapping[str, Value] = {
    "min_odds_ratio": 1.0,
    "min_difference_pct": 0.0,
    "q_max": 1.0,
    "persistent_quarters": 1,
    "min_patients": 1,
    "min_ratio": 1.0,
}
"""Every condition but the limit of 3.09 taken away."""


def asked(detector: Detector, changed: Mapping[str, Value]) -> dict[str, Value]:
    values = {parameter.name: parameter.default for parameter in detector.parameters}
    return values | {name: value for name, value in changed.items() if name in values}


def discharges(rng: np.random.Generator, correlation: float, planted: int, times: float) -> pl.DataFrame:
    """Rows of the question: true rates differ as ``correlation`` says, those planted are ``times`` as high."""
    cells = [
        {
            "institution_id": f"H{number:02d}",
            "stratum": stratum,
            "quarter": f"2025Q{quarter}",
            "trials": n,
            "back": back,
        }
        for number in range(INSTITUTIONS)
        for quarter, stratum, n, back in drawn(rng, correlation, times if number < planted else 1.0)
    ]
    frame = pl.DataFrame(cells)
    alone = frame.select(
        pl.exclude("back", "trials"), trials=pl.col("trials") - pl.col("back"), nth=pl.lit(None, pl.Int64)
    )
    told = frame.with_columns(nth=pl.int_ranges("back")).explode("nth").filter(pl.col("back") > 0)
    rows = pl.concat([alone, told.select(alone.columns).with_columns(trials=pl.lit(1, pl.Int64))])
    patient = pl.format("{}-{}-{}-{}", "institution_id", "quarter", "stratum", "nth")
    return rows.with_columns(
        pl.lit("tertiary").alias("level"), patient.alias("told_patient_id"), pl.col("trials").alias("priced"),
        pl.lit(LAST_DAY).alias("last_day"), pl.lit(LAST_QUARTER).alias("last_quarter"),
        (9000 * pl.col("trials")).cast(pl.Decimal(18, 2)).alias("amount"),
        (6000 * pl.col("trials")).cast(pl.Decimal(18, 2)).alias("fund_amount"),
    ).drop("nth")  # fmt: skip


def drawn(rng: np.random.Generator, correlation: float, times: float) -> Iterator[tuple[int, str, int, int]]:
    """Quarter, stratum, discharges and returns of one institution."""
    own = rng.beta(*(np.array([0.1, 0.9]) * (1 / correlation - 1))) / 0.1 if correlation else 1.0
    mix, size = rng.dirichlet(np.full(len(STRATA), 2.0)), rng.integers(300, 3000)
    for quarter in range(1, 5):
        for (stratum, rate), share in zip(STRATA.items(), mix, strict=True):
            trials = int(rng.poisson(size * share / 4)) + 1
            yield quarter, stratum, trials, int(rng.binomial(trials, min(rate * own * times, 0.95)))


def lengths(rng: np.random.Generator, planted: int, moved: float) -> pl.DataFrame:
    """Stays by length: a fall with a weekly rhythm; ``moved`` of days 16–20 leave on 14 and 15 where planted."""
    days = np.arange(7, 24)
    counts = []
    for number in range(INSTITUTIONS):
        size, fall, week = rng.integers(20, 120), rng.uniform(0.05, 0.2), rng.uniform(0.0, 0.25)
        mean = size * np.exp(-fall * (days - 7)) * np.where(days % 7 == 0, 1 + week, 1.0)
        if number < planted:
            mean = shifted(mean, (days >= 16) & (days <= 20), (days == 14) | (days == 15), moved)
        counts.append(rng.poisson(mean))
    return rows_of("days", days, counts)


def costs(rng: np.random.Generator, planted: int, moved: float) -> pl.DataFrame:
    """Stays by cost in steps of 2 % of what the group is paid: lognormal; ``moved`` of those just over lie under it."""
    place = np.arange(30, 71)
    counts = []
    for number in range(INSTITUTIONS):
        size, centre, sd = rng.integers(300, 3000), rng.uniform(-0.25, 0.1), rng.uniform(0.25, 0.5)
        x = np.log(place / 50)
        mean = size * 0.02 / (sd * np.sqrt(2 * np.pi)) * np.exp(-((x - centre) ** 2) / (2 * sd**2)) * 50 / place
        if number < planted:
            mean = shifted(mean, (place > 50) & (place <= 60), (place >= 48) & (place <= 50), moved)
        counts.append(rng.poisson(mean))
    return rows_of("payment", place, counts)


def shifted(mean: Floats, is_over: Flags, is_under: Flags, moved: float) -> Floats:
    """``moved`` of what lies over a limit spread evenly over what lies just under it."""
    gone = moved * mean[is_over].sum()
    return np.where(is_over, (1 - moved) * mean, mean) + np.where(is_under, gone / is_under.sum(), 0.0)


def rows_of(scale: str, places: Ints, counts: Sequence[Ints]) -> pl.DataFrame:
    """Rows of the question, one an institution and place."""
    frame = pl.DataFrame(
        {
            "institution_id": [f"H{number:02d}" for number in range(len(counts)) for _ in places],
            "place": np.tile(places, len(counts)),
            "stays": np.concatenate(counts),
        }
    )
    stays = pl.col("stays")
    return frame.with_columns(
        pl.lit(scale).alias("scale"), pl.lit(LAST_DAY).alias("last_day"), pl.lit(LAST_QUARTER).alias("last_quarter"),
        stays.alias("priced"), (9000 * stays).cast(pl.Decimal(18, 2)).alias("amount"),
        (6000 * stays).cast(pl.Decimal(18, 2)).alias("fund_amount"),
    )  # fmt: skip


SCALES = {"days": lengths, "payment": costs}


def found(detector: Detector, rows: pl.DataFrame, changed: Mapping[str, Value]) -> set[str]:
    assert detector.judge is not None
    return set(detector.judge(rows, asked(detector, changed))["institution_id"])


@pytest.mark.parametrize("correlation", [0.0, 0.001, 0.003, 0.01])
def test_beyond_3_09_stands_at_most_one_innocent_institution_in_a_hundred(correlation: float) -> None:
    alone = called = 0
    for seed in range(SEEDS):
        rows = discharges(np.random.default_rng([11, seed]), correlation, planted=0, times=1.0)
        alone += len(found(INSTITUTION_RATE, rows, Z_ALONE))
        called += len(found(INSTITUTION_RATE, rows, {}))
    share, flagged = alone / (SEEDS * INSTITUTIONS), called / (SEEDS * INSTITUTIONS)
    print(f"| null, correlation {correlation} | {SEEDS} | {alone} | {share:.4f} | {flagged:.4f} |")  # noqa: T201
    assert share <= 0.01
    assert flagged <= 0.01


@pytest.mark.parametrize("times", [2.0, 3.0])
def test_institutions_with_far_more_returns_are_found(times: float) -> None:
    right = wrong = 0
    for seed in range(SEEDS):
        rows = discharges(np.random.default_rng([12, seed]), 0.003, planted=2, times=times)
        ids = found(INSTITUTION_RATE, rows, {})
        right, wrong = right + len(ids & {"H00", "H01"}), wrong + len(ids - {"H00", "H01"})
    print(f"| planted x {times} | {SEEDS} | {right} of {2 * SEEDS} | {wrong} wrong |")  # noqa: T201
    assert wrong <= 0.01 * SEEDS * INSTITUTIONS
    assert right >= 0.75 * 2 * SEEDS or times < 3


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("baseline", ["peers", "smooth"])
def test_the_density_test_holds_its_limit_where_nothing_was_moved(baseline: str, scale: str) -> None:
    alone = called = 0
    for seed in range(SEEDS):
        rows = SCALES[scale](np.random.default_rng([13, seed]), planted=0, moved=0.0)
        alone += len(found(LOS_PILING, rows, {**Z_ALONE, "baseline": baseline}))
        called += len(found(LOS_PILING, rows, {"baseline": baseline}))
    share, flagged = alone / (SEEDS * INSTITUTIONS), called / (SEEDS * INSTITUTIONS)
    print(f"| {scale}, null, {baseline} | {SEEDS} | {alone} | {share:.4f} | {flagged:.4f} |")  # noqa: T201
    assert share <= 0.01
    assert flagged <= 0.01


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("moved", [0.5, 0.8])
def test_discharges_moved_to_the_limit_are_found(moved: float, scale: str) -> None:
    right = wrong = 0
    for seed in range(SEEDS):
        ids = found(LOS_PILING, SCALES[scale](np.random.default_rng([14, seed]), planted=2, moved=moved), {})
        right, wrong = right + len(ids & {"H00", "H01"}), wrong + len(ids - {"H00", "H01"})
    print(f"| {scale}, {moved:.0%} moved | {SEEDS} | {right} of {2 * SEEDS} | {wrong} wrong |")  # noqa: T201
    assert wrong <= 0.01 * SEEDS * INSTITUTIONS
    assert right >= 0.6 * 2 * SEEDS or moved < 0.8
