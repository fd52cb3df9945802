"""An extract of its own for judges of institutions, departments and doctors: a district in which some have a habit.

Ordinary extracts hold single cases; a judge needs peers. Forty hospitals of one level have stays (``habit_stays``) and
clinics (``habit_clinics``) with natural variation; a few have a habit that is planted, as many look alike but are
innocent: their patients, plans, transfers or colleagues explain what they do. Rules that judge single events are not
this extract's matter: its truth says nothing of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.sample.habit_clinics import CLINICS, Clinics, clinic_tables
from pipelines.sample.habit_people import INSTITUTIONS, Cast, Strength, institution_names
from pipelines.sample.habit_stays import STAYS, stay_tables
from pipelines.sample.moments import stream
from pipelines.sample.sink import Format, Sink, canonical_columns
from schemas.errors import UsageError
from schemas.pack import load_pack

HABIT_STREAM = 9

STRENGTHS = {
    "none": Strength(0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0, 0),
    "weak": Strength(1, 2.0, 0.04, 0.07, 0.4, 1.8, 0.2, 151, 289),
    "clear": Strength(1, 3.0, 0.1, 0.2, 0.8, 3.0, 0.4, 200, 340),
}
"""How far a planted habit stands out; ``none`` plants nobody and keeps the look-alikes."""

HABITS = (*STAYS, *CLINICS)
"""Detectors whose habits are planted."""

TRUTH_COLUMNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(HABITS, ("detector_id", "subject_id")),
    "near_miss": ("detector_id", "reason", "subject_id"),
}
"""Truth files and their columns: who has the habit, and who only looks alike."""


@dataclass(frozen=True)
class HabitSummary:
    """Rows of each canonical table, and of each truth file."""

    rows: dict[str, int]
    truth: dict[str, int]


def generate_habits(strength: str, seed: int, out: Path, *, format: Format = "csv") -> HabitSummary:
    """Write ``out/extract`` and ``out/truth`` of a district with habits.

    Args:
        strength: ``none``, ``weak`` or ``clear``.
        seed: non-negative; the same seed makes the same extract.
        out: folder; files of an earlier extract are replaced.
        format: of the extract; truth is CSV always.

    Raises:
        UsageError: no such strength, or a seed below 0.
    """
    if strength not in STRENGTHS:
        raise UsageError("no such strength of habits", got=strength, allowed=", ".join(STRENGTHS), where="strength")
    if seed < 0:
        raise UsageError("seed is too small", got=str(seed), allowed="0 or more", where="seed")
    cast = Cast(stream(seed, HABIT_STREAM), STRENGTHS[strength])
    clinics = clinic_tables(cast, _items())
    extract = Sink(out / "extract", format, canonical_columns())
    truth = Sink(out / "truth", "csv", TRUTH_COLUMNS)
    with extract, truth:
        for tables in (_registers(clinics), stay_tables(cast), clinics.tables):
            extract.write_all({name: _completed(name, frame) for name, frame in tables.items()})
        truth.write_all(_truth(cast))
    return HabitSummary(dict(extract.rows), dict(truth.rows))


def _items() -> tuple[str, ...]:
    """Laboratory items of different families, so that every one of them is an examination of its own."""
    items = load_pack("sample").tables["exam_items"].filter(pl.col("modality") == "LAB")
    chosen = items.unique("family", keep="first", maintain_order=True)["item_code"]
    return tuple(chosen.head(12).to_list())


def _registers(clinics: Clinics) -> dict[str, pl.DataFrame]:
    ids = institution_names(np.arange(INSTITUTIONS))
    departments = pl.DataFrame(
        clinics.departments, schema=["department_code", "national_department_code"], orient="row"
    )
    return {
        "institution": pl.DataFrame({"institution_id": ids, "institution_name": "示例医院" + ids}).with_columns(
            level=pl.lit("secondary"), kind=pl.lit("general_hospital"), region_code=pl.lit("990001")
        ),
        "department": pl.DataFrame({"institution_id": ids}).join(departments, how="cross"),
        "device": clinics.devices,
    }


def _completed(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The table with every canonical column; those that habits say nothing of are null."""
    missing = [column for column in canonical_columns()[name] if column not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(column) for column in missing)


def _truth(cast: Cast) -> dict[str, pl.DataFrame]:
    tables = {
        name: pl.DataFrame({"subject_id": pl.Series(cast.planted.get(name, []), dtype=pl.String)}).with_columns(
            detector_id=pl.lit(name)
        )
        for name in HABITS
    }
    tables["near_miss"] = pl.DataFrame(
        cast.alike, schema={"detector_id": pl.String, "reason": pl.String, "subject_id": pl.String}, orient="row"
    )
    return tables
