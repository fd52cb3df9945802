"""Repeat detectors through the whole way: generated extract, ingest, prepared tables, questions, exemptions.

One small extract in every run; ten with EXAM_AUDIT_CAMPAIGN=full (figures: RESULTS.md beside this file).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from detectors.catalogue import SHIPPED, chosen
from pipelines.sample.generate import generate

Asked = Callable[..., Any]
FULL = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"
SEEDS = range(1, 11 if FULL else 2)
PATIENTS = 1500 if FULL else 1000
RULES = chosen(SHIPPED, ["repeat.*"])
EVENT = ["detector_id", "flagged_event_id", "index_event_id"]
LEAST_RECALL, LEAST_PRECISION, MOST_FALSE_ALARMS = 0.99, 0.99, 0.001


@dataclass(frozen=True)
class Answers:
    """What one extract holds, and what was found in it: keys of events, findings with their exemption."""

    planted: pl.DataFrame
    legitimate: pl.DataFrame
    near_misses: pl.DataFrame
    findings: pl.DataFrame
    examined: dict[str, int]


def answers_of(folder: Path, seed: int, asked: Asked) -> Answers:
    """The repeat detectors' findings in the extract of that seed, beside its truth."""
    generate(PATIENTS, seed, folder / "sample", format="parquet")
    outcomes = dict(asked(folder, RULES))
    truth = folder / "sample" / "truth"
    planted = pl.concat([pl.read_csv(truth / f"{rule.id}.csv", infer_schema=False) for rule in RULES])
    ids = [rule.id for rule in RULES]
    told = {
        name: pl.read_csv(truth / f"{name}.csv", infer_schema=False).filter(pl.col("detector_id").is_in(ids))
        for name in ("legitimate", "near_miss")
    }
    examined = {rule: int(str(one.row["examined"])) for rule, one in outcomes.items()}
    findings = pl.concat([one.findings for one in outcomes.values()])
    return Answers(planted, told["legitimate"], told["near_miss"], findings, examined)


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory, asked: Asked) -> list[Answers]:
    return [answers_of(tmp_path_factory.mktemp(f"seed{seed}"), seed, asked) for seed in SEEDS]


def of(frame: pl.DataFrame, rule: str) -> pl.DataFrame:
    return frame.filter(pl.col("detector_id") == rule)


@pytest.mark.parametrize("rule", [rule.id for rule in RULES])
def test_planted_repeats_are_found_and_nothing_else_ranks(campaign: list[Answers], rule: str) -> None:
    planted = ranking = right = near = 0
    for answers in campaign:
        own = of(answers.planted, rule)
        found = of(answers.findings, rule).filter(pl.col("exemption_id").is_null())
        planted, ranking = planted + own.height, ranking + found.height
        right += own.join(found, on=EVENT, how="semi").height
        near += of(answers.near_misses, rule).join(of(answers.findings, rule), on=EVENT, how="semi").height
    examined = sum(answers.examined[rule] for answers in campaign)
    print(  # noqa: T201 - the campaign's table
        f"| {rule} | {len(SEEDS)} | {examined} | {planted} | {ranking} | {right} | "
        f"{right / ranking:.4f} | {right / planted:.4f} | {near} |"
    )
    assert planted >= 5 * len(SEEDS)
    assert right >= LEAST_RECALL * planted
    assert right >= LEAST_PRECISION * ranking
    assert near == 0


def test_each_exemption_clears_what_it_should_and_hardly_anything_else(campaign: list[Answers]) -> None:
    """Its false-alarm rate is the share of planted, unexplained repeats that it clears all the same."""
    unexplained = pl.concat([answers.planted.join(answers.findings, on=EVENT) for answers in campaign])
    legitimate = pl.concat(
        [answers.legitimate.join(answers.findings, on=EVENT, how="left", suffix="_found") for answers in campaign]
    )
    for rule, name in legitimate.select("detector_id", "exemption_id").unique().sort(pl.all()).rows():
        own = of(legitimate, rule).filter(pl.col("exemption_id") == name)
        held = own.filter(pl.col("exemption_id_found") == name).height
        wrong = of(unexplained, rule).filter(pl.col("exemption_id") == name).height
        rate = wrong / max(1, of(unexplained, rule).height)
        print(f"| {rule} | {name} | {own.height} | {held} | {wrong} | {rate:.4f} |")  # noqa: T201 - the campaign's table
        assert held >= LEAST_RECALL * own.height, (rule, name)
        assert rate <= MOST_FALSE_ALARMS, (rule, name)
