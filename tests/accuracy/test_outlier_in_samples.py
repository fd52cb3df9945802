"""The outlier list through the whole way: generated extract, ingest, prepared tables, question, judge.

One small extract in every run; twenty with EXAM_AUDIT_CAMPAIGN=full (figures: RESULTS.md beside this file).
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl

from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from pipelines.sample.generate import generate

Asked = Callable[..., Any]
SEEDS = 20 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 1
PATIENTS = 2500


def list_of(folder: Path, seed: int, asked: Asked) -> tuple[set[str], set[str]]:
    """Doctors flagged, and doctors planted, in the extract of that seed."""
    generate(PATIENTS, seed, folder / "sample", format="parquet")
    ((_, outcome),) = asked(folder, [OUTLIER_PRACTITIONER])
    planted = pl.read_csv(folder / "sample" / "truth" / f"{OUTLIER_PRACTITIONER.id}.csv", infer_schema=False)
    return set(outcome.findings["subject_id"]), set(planted["subject_id"])


def test_at_most_one_in_five_flagged_doctors_of_a_sample_was_not_planted(tmp_path: Path, asked: Asked) -> None:
    lists = [list_of(tmp_path / str(seed), seed, asked) for seed in range(1, SEEDS + 1)]
    flagged = sum(len(one) for one, _ in lists)
    right = sum(len(one & planted) for one, planted in lists)
    everybody = sum(len(planted) for _, planted in lists)
    print(f"| sample of {PATIENTS} patients | {SEEDS} | {flagged} | {right} | {everybody} |")  # noqa: T201 - the table
    assert everybody >= SEEDS
    assert flagged - right <= math.ceil(0.2 * flagged)
