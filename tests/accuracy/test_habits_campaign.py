"""The judges of institutions, departments and doctors through the whole way.

Districts of habits (``pipelines/sample/habits.py``) are ingested, prepared, asked and judged: one clear one in every
run; twelve of each strength with EXAM_AUDIT_CAMPAIGN=full (figures: RESULTS.md beside this file).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from detectors.catalogue import SHIPPED
from pipelines.sample.habits import HABITS, generate_habits

Asked = Callable[..., Any]
FULL = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"
SEEDS = 12 if FULL else 1
STRENGTHS = ("clear", "weak", "none") if FULL else ("clear",)

LEAST_RECALL = dict.fromkeys(HABITS, 0.75) | {"ordering.impossible_day": 1.0}
"""Of clear habits; weak ones stand within what innocent variation does, save days that hold too much."""

WRONG_A_DISTRICT = dict.fromkeys(HABITS, 0.1) | {"ordering.outlier_department": 0.4}
"""False flags that a district of forty hospitals may yield; departments are compared in five peer groups."""


@dataclass(frozen=True)
class Tally:
    """What one detector said of all districts of one strength, by subject."""

    flagged: int
    right: int
    planted: int
    alike: int
    alike_flagged: int
    examined: int


def judged(folder: Path, strength: str, seed: int, asked: Asked) -> Iterator[tuple[str, set[str], int]]:
    """Subjects that each detector flags in one district, and how many cases it looked at."""
    generate_habits(strength, seed, folder / "sample", format="parquet")
    for detector_id, outcome in asked(folder, [one for one in SHIPPED if one.id in HABITS]):
        yield detector_id, set(outcome.findings["subject_id"]), int(str(outcome.row["examined"]))


def truth(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_csv(folder / "sample" / "truth" / f"{name}.csv", infer_schema=False)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory, asked: Asked) -> dict[tuple[str, str], Tally]:
    """Tallies by detector and strength."""
    counted: dict[tuple[str, str], list[tuple[int, ...]]] = {}
    for strength in STRENGTHS:
        for seed in range(1, SEEDS + 1):
            folder = tmp_path_factory.mktemp(f"{strength}{seed}")
            for detector_id, flagged, examined in judged(folder, strength, seed, asked):
                near = truth(folder, "near_miss").filter(pl.col("detector_id") == detector_id)
                truth_of = set(truth(folder, detector_id)["subject_id"])
                alike = set(near["subject_id"])
                row = (len(flagged), len(flagged & truth_of), len(truth_of), len(alike), len(alike & flagged), examined)
                counted.setdefault((detector_id, strength), []).append(row)
    return {key: Tally(*(sum(column) for column in zip(*rows, strict=True))) for key, rows in counted.items()}


@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("detector_id", HABITS)
def test_habits_are_found_and_look_alikes_are_not(
    campaign: dict[tuple[str, str], Tally], detector_id: str, strength: str
) -> None:
    of = campaign[detector_id, strength]
    precision = f"{of.right / of.flagged:.2f}" if of.flagged else "–"
    recall = f"{of.right / of.planted:.2f}" if of.planted else "–"
    print(  # noqa: T201 - the campaign's table
        f"| {detector_id} | {strength} | {SEEDS} | {of.planted} | {of.flagged} | {of.right} | {precision} | {recall} |"
        f" {of.alike_flagged} of {of.alike} | {of.examined} |"
    )
    assert of.examined > 0
    assert of.flagged - of.right <= max(1, WRONG_A_DISTRICT[detector_id] * SEEDS)
    if strength == "clear":
        assert of.right >= LEAST_RECALL[detector_id] * of.planted
