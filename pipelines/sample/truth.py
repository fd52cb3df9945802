"""What was planted, by id: violations of each detector, legitimate look-alikes, near misses, and the prevalences."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from pipelines.sample.care_tables import Block
from pipelines.sample.cases import (
    ACROSS,
    BRIDGE,
    CASCADE,
    CYCLE,
    EXAM_ONLY,
    FREQUENCY,
    NO_INDICATION,
    OUTLIER,
    OVERLAP,
    PANEL,
    REPEAT,
    RETEST,
    SEX_AGE,
)
from pipelines.sample.encounters import INPATIENT
from pipelines.sample.identities import nulls
from pipelines.sample.orders import CHARGE_ONLY
from pipelines.sample.planting import Planted
from pipelines.sample.world import OUTLIER_FACTORS, PRACTICE_LIMITS, PRACTICE_SD, World, practitioner_ids

BY_EVENT = (
    REPEAT,
    ACROSS,
    PANEL,
    CASCADE,
    CYCLE,
    OVERLAP,
    RETEST,
    BRIDGE,
    EXAM_ONLY,
    FREQUENCY,
    NO_INDICATION,
    SEX_AGE,
)
"""Detectors whose violations are planted as cases, one truth file each."""

_EVENT = ("detector_id", "flagged_event_id", "index_event_id")
TRUTH_COLUMNS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(BY_EVENT, (*_EVENT, "subject_id")),
    OUTLIER: (*_EVENT, "subject_id"),
    "legitimate": (*_EVENT, "subject_id", "exemption_id"),
    "near_miss": (*_EVENT, "reason", "subject_id"),
}
"""Truth files and their columns. A patient's subject_id is ``patient|institution|year of the flagged event``."""


def planted_truth(block: Block, lines: pl.DataFrame, planted: Planted) -> dict[str, pl.DataFrame]:
    """Truth rows of one block, sorted by flagged event."""
    events = _events(block, lines, planted)
    flagged = events.rename({"role": "flagged", "id": "flagged_event_id"})
    index = events.select(
        "tag", pl.col("role").alias("index"), pl.col("id").alias("index_event_id"), pl.col("place").alias("index_place")
    )
    rows = (
        planted.verdicts.join(flagged, on=["tag", "flagged"], how="left")
        .join(index, on=["tag", "index"], how="left")
        .with_columns(subject_id=_subjects())
        .sort("detector_id", "flagged_event_id")
    )
    truth = {
        detector: rows.filter(pl.col("outcome") == "violation", pl.col("detector_id") == detector)
        for detector in BY_EVENT
    }
    truth["legitimate"] = rows.filter(pl.col("outcome") == "legitimate").rename({"label": "exemption_id"})
    truth["near_miss"] = rows.filter(pl.col("outcome") == "near_miss").rename({"label": "reason"})
    return {name: frame.select(TRUTH_COLUMNS[name]) for name, frame in truth.items()}


def _subjects() -> pl.Expr:
    """Whom a finding is about; a visit inside a stay is told of the institution of the stay, not of its own."""
    is_visit_inside = (pl.col("detector_id") == OVERLAP) & (pl.col("type") != INPATIENT)
    place = pl.when(is_visit_inside).then(pl.col("index_place")).otherwise(pl.col("place"))
    institution = "HI" + place.cast(pl.String)
    year = (2025 - (pl.col("minute") < 0).cast(pl.Int64)).cast(pl.String)
    return "P" + pl.col("number").cast(pl.String).str.zfill(7) + "|" + institution + "|" + year


def _events(block: Block, lines: pl.DataFrame, planted: Planted) -> pl.DataFrame:
    """Id of every planted visit and examination: tag, role, id, place, minute; doubles have the least id."""
    charges = lines.filter(pl.col("tag") >= 0, pl.col("undoes") < 0, pl.col("units") > 0).select(
        pl.col("order"), pl.col("id").alias("line_id")
    )
    orders = (
        block.orders.with_row_index("order")
        .with_columns(pl.col("order").cast(pl.Int64))
        .filter(pl.col("tag") >= 0)
        .join(charges, on="order", how="left")
        .with_columns(id=pl.when(pl.col("charge") == CHARGE_ONLY).then("line_id").otherwise("id"))
        .select("tag", "role", "id", "place", pl.col("performed").alias("minute"), pl.lit(-1, pl.Int64).alias("type"))
    )
    visits = planted.roles.join(
        block.encounters.select("key", "id", "place", pl.col("start").alias("minute"), "type"), on="key"
    ).select("tag", "role", "id", "place", "minute", "type")
    both = pl.concat([orders, visits])
    return both.group_by("tag", "role").agg(
        pl.col("id").min(), pl.col("place").first(), pl.col("minute").first(), pl.col("type").first()
    )


def practitioner_truth(world: World) -> dict[str, pl.DataFrame]:
    """Planted outliers, and the doctors whose many examinations their patients explain."""
    return {
        OUTLIER: _practitioners(np.flatnonzero(world.is_outlier)),
        "near_miss": _practitioners(np.flatnonzero(world.takes_heavy)),
    }


def _practitioners(numbers: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> pl.DataFrame:
    empty = nulls(numbers.size)
    return pl.DataFrame(
        {
            "detector_id": pl.Series([OUTLIER]).new_from_index(0, numbers.size),
            "flagged_event_id": empty,
            "index_event_id": empty,
            "reason": pl.Series(["takes_the_gravest_patients"]).new_from_index(0, numbers.size),
            "subject_id": practitioner_ids(numbers),
        }
    )


def write_prevalence(
    folder: Path,
    patients: int,
    seed: int,
    cases: Mapping[str, int],
    rows: Mapping[str, int],
    truth: Mapping[str, int],
) -> None:
    """Write PREVALENCE.json: what was asked for, how many rows came of it, and the shares that were planted."""
    stated = {
        "patients": patients,
        "seed": seed,
        "rows": {name: rows[name] for name in sorted(rows)},
        "patients_by_case": dict(cases),
        "planted": {name: truth[name] for name in sorted(truth)},
        "share_of_orders_that_are_planted_repeats": _share(truth[REPEAT], rows["exam_order"]),
        "share_of_encounters_that_are_planted_returns": _share(truth[CYCLE], rows["encounter"]),
        "share_of_doctors_that_are_planted_outliers": _share(truth[OUTLIER], rows["practitioner_pay"] // 12),
        "practice_log_sd": PRACTICE_SD,
        "ordinary_propensity": list(PRACTICE_LIMITS),
        "outlier_propensity": list(OUTLIER_FACTORS),
    }
    text = json.dumps(stated, ensure_ascii=False, indent=2, sort_keys=True)
    (folder / "PREVALENCE.json").write_text(text + "\n", encoding="utf-8")


def _share(part: int, whole: int) -> float:
    return round(part / whole, 6) if whole else 0.0
