"""The exact rules of two families (unfounded, readmission) through the whole way: extract, ingest, prepared, question.

One small extract in every run; twelve with EXAM_AUDIT_CAMPAIGN=full (figures: RESULTS.md beside this file).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from detectors.catalogue import SHIPPED
from pipelines.sample.cases import BRIDGE, CYCLE, EXAM_ONLY, FREQUENCY, NO_INDICATION, OVERLAP, RETEST, SEX_AGE
from pipelines.sample.generate import generate

Asked = Callable[..., Any]
SEEDS = 12 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 1
PATIENTS = 1_000
RULES = (EXAM_ONLY, FREQUENCY, NO_INDICATION, SEX_AGE, CYCLE, OVERLAP, RETEST, BRIDGE)
KEYS = ["seed", "detector_id", "flagged_event_id", "index_event_id"]


def judged(folder: Path, seed: int, asked: Asked) -> Iterator[pl.DataFrame]:
    """Findings of each rule on the extract of that seed."""
    generate(PATIENTS, seed, folder / "sample", format="parquet")
    for _, outcome in asked(folder, [one for one in SHIPPED if one.id in RULES]):
        yield outcome.findings


def truth(folder: Path, seed: int, name: str) -> pl.DataFrame:
    rows = pl.read_csv(folder / "sample" / "truth" / f"{name}.csv", infer_schema=False)
    return rows.filter(pl.col("detector_id").is_in(RULES)).with_columns(pl.lit(seed).alias("seed"))


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory, asked: Asked) -> dict[str, pl.DataFrame]:
    """Findings, and what was planted, of all seeds together."""
    parts: dict[str, list[pl.DataFrame]] = {"found": [], "violation": [], "legitimate": [], "near_miss": []}
    for seed in range(1, SEEDS + 1):
        folder = tmp_path_factory.mktemp(f"seed{seed}")
        found = pl.concat(list(judged(folder, seed, asked)))
        parts["found"].append(found.with_columns(pl.lit(seed).alias("seed")))
        parts["violation"] += [truth(folder, seed, rule) for rule in RULES]
        parts["legitimate"].append(truth(folder, seed, "legitimate"))
        parts["near_miss"].append(truth(folder, seed, "near_miss"))
    return {name: pl.concat(frames) for name, frames in parts.items()}


@pytest.mark.parametrize("rule", RULES)
def test_an_exact_rule_finds_what_was_planted_and_nothing_else(campaign: dict[str, pl.DataFrame], rule: str) -> None:
    of = {name: frame.filter(pl.col("detector_id") == rule) for name, frame in campaign.items()}
    ranking = of["found"].filter(pl.col("exemption_id").is_null())
    right = ranking.join(of["violation"], on=KEYS, how="semi", nulls_equal=True).height
    planted = of["violation"].height
    precision, recall = right / max(ranking.height, 1), right / planted
    print(  # noqa: T201 - the table
        f"| {rule} | {SEEDS} | {planted} | {ranking.height} | {right} | {precision:.3f} | {recall:.3f} |"
    )
    assert planted >= SEEDS
    assert recall >= 0.99
    assert precision >= 0.99
    assert of["near_miss"].join(of["found"], on=KEYS, how="semi", nulls_equal=True).is_empty()


@pytest.mark.parametrize("rule", RULES)
def test_every_exemption_clears_its_own_cases_and_no_other(campaign: dict[str, pl.DataFrame], rule: str) -> None:
    of = {name: frame.filter(pl.col("detector_id") == rule) for name, frame in campaign.items()}
    told = of["legitimate"].join(of["found"], on=KEYS, how="left", nulls_equal=True, suffix="_found")
    for (exemption_id,), rows in told.group_by("exemption_id", maintain_order=True):
        cleared = rows.filter(pl.col("exemption_id_found") == exemption_id).height
        print(f"| {rule} | {exemption_id} | {rows.height} | {cleared} |")  # noqa: T201 - the table
        assert cleared == rows.height, exemption_id
    exempt = of["found"].filter(pl.col("exemption_id").is_not_null())
    wrongly = exempt.join(of["violation"], on=KEYS, how="semi", nulls_equal=True).height
    assert wrongly <= 0.001 * of["violation"].height
    assert exempt.height == told.height
