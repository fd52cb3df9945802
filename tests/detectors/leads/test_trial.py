"""The classifier takes over only where it beats the priors on verdicts that neither has seen."""

from __future__ import annotations

import json
import os
from datetime import date, datetime, timedelta
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.catalogue import SHIPPED
from detectors.leads.classifier import model_identity
from detectors.leads.features import FEATURES, features_of, with_detector_logit
from detectors.leads.grouping import leads_of
from detectors.leads.trial import VERDICTS_NEEDED, Choice, choose
from detectors.leads.verdicts import track_records
from schemas.finding import FINDING_SCHEMA

DETECTOR_IDS = ("repeat.same_institution", "repeat.across_institutions", "readmission.cycle")
NUMBER = 900
SEEDS = 60 if os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full" else 2
"""Worlds of each kind that the trial is tried on; figures of the whole campaign: tests/accuracy/RESULTS.md."""


def world(seed: int = 3, gap_tells: float = 5.0) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Findings and their verdicts: the shorter the gap, the likelier substantiated; a claimed reason clears half."""
    dice = np.random.default_rng(seed)
    findings, verdicts = [], []
    for number in range(NUMBER):
        gap, is_claimed = float(dice.uniform(0, 1)), bool(dice.uniform() < 0.3)
        share = 1 / (1 + np.exp(gap_tells * (gap - 0.5))) * (0.5 if is_claimed and gap_tells else 1.0)
        id_, detector_id = f"f{number:04d}", DETECTOR_IDS[int(dice.integers(3))]
        findings.append(finding(id_, detector_id, gap, is_claimed, float(dice.uniform(50, 900))))
        outcome = "substantiated" if dice.uniform() < share else "unsubstantiated"
        day = date(2025, 1, 1) + timedelta(days=int(dice.integers(300)))
        verdicts.append({"finding_id": id_, "detector_id": detector_id, "outcome": outcome, "decided_on": day})
    return frame(findings), pl.DataFrame(verdicts)


def finding(id_: str, detector_id: str, gap: float, is_claimed: bool, yuan: float) -> dict[str, object]:
    told = {"gap_hours": gap * 100, "interval_hours": 100.0, "claimed_reason": "1" if is_claimed else None}
    return {
        "finding_id": id_,
        "detector_id": detector_id,
        "subject_type": "patient_episode",
        "subject_id": f"P{id_}|H1|2025",
        "institution_id": "H1",
        "flagged_event_id": f"e{id_}",
        "occurred_at": datetime(2025, 1, 1),  # noqa: DTZ001
        "amount_at_issue": Decimal(f"{yuan:.2f}"),
        "severity": "medium",
        "confidence": "medium",
        "grade": "suspected",
        "evidence": json.dumps({**told, "exemptions_tested": {"a": "no data", "b": "does not"}}),
    }


def frame(rows: list[dict[str, object]]) -> pl.DataFrame:
    empty = pl.from_arrow(FINDING_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)
    schema = {name: kind for name, kind in empty.schema.items() if name != "run_id"}
    return pl.DataFrame([{name: row.get(name) for name in schema} for row in rows], schema=schema, orient="row")


@pytest.fixture(scope="module")
def learned() -> Choice:
    return choose(*world(), SHIPPED)


def test_where_the_evidence_tells_more_than_the_detector_the_classifier_takes_over(learned: Choice) -> None:
    assert (learned.reason, learned.verdicts, learned.matched) == ("classifier_better", NUMBER, NUMBER)
    assert learned.classifier is not None
    assert learned.trial is not None
    assert learned.trial.brier_classifier + learned.trial.margin < learned.trial.brier_priors
    assert learned.trial.fitted + learned.trial.calibrated + learned.trial.held_back == NUMBER
    for bins in (learned.trial.priors, learned.trial.classifier):
        assert sum(one.verdicts for one in bins) == learned.trial.held_back


@pytest.mark.parametrize(("gap_tells", "least", "most"), [(0.0, 0.0, 0.05), (2.0, 0.0, 1.0), (5.0, 0.95, 1.0)])
def test_the_classifier_takes_over_where_the_evidence_tells_and_hardly_ever_else(
    gap_tells: float, least: float, most: float
) -> None:
    choices = [choose(*world(seed, gap_tells), SHIPPED) for seed in range(SEEDS)]
    trials = [choice.trial for choice in choices if choice.trial is not None]
    taken = sum(choice.classifier is not None for choice in choices)
    lower = sum(trial.brier_classifier < trial.brier_priors for trial in trials)
    means = [
        sum(scores) / SEEDS for scores in zip(*((t.brier_priors, t.brier_classifier) for t in trials), strict=True)
    ]
    print(f"| {gap_tells} | {SEEDS} | {means[0]:.4f} | {means[1]:.4f} | {lower} | {taken} |")  # noqa: T201 - the table
    assert len(trials) == SEEDS
    assert least * SEEDS <= taken <= most * SEEDS


def test_without_verdicts_nothing_is_tried_and_the_ranking_is_that_of_the_priors() -> None:
    findings, verdicts = world()
    for none in (None, verdicts.clear()):
        choice = choose(findings, none, SHIPPED)
        assert (choice.reason, choice.trial, choice.classifier) == ("no_verdicts", None, None)
        assert leads_of(findings, SHIPPED, None, choice.classifier).equals(leads_of(findings, SHIPPED))


def test_fewer_verdicts_than_needed_or_one_outcome_alone_teach_nothing() -> None:
    findings, verdicts = world()
    few = choose(findings, verdicts.head(VERDICTS_NEEDED - 1), SHIPPED)
    alike = choose(findings, verdicts.with_columns(pl.lit("substantiated").alias("outcome")), SHIPPED)
    one_day = choose(findings, verdicts.with_columns(pl.lit(date(2025, 1, 1)).alias("decided_on")), SHIPPED)
    assert {few.reason, alike.reason, one_day.reason} == {"too_few_verdicts"}


def test_a_verdict_on_a_finding_that_is_gone_counts_for_the_detector_and_teaches_nothing() -> None:
    findings, verdicts = world()
    choice = choose(findings.head(500), verdicts, SHIPPED)
    assert (choice.verdicts, choice.matched) == (NUMBER, 500)


def test_what_was_decided_last_is_held_back_and_no_day_is_divided(learned: Choice) -> None:
    _, verdicts = world()
    assert learned.trial is not None
    late = verdicts.filter(pl.col("decided_on") >= learned.trial.held_back_from)
    assert late.height == learned.trial.held_back
    changed = verdicts.with_columns(
        pl.when(pl.col("decided_on") >= learned.trial.held_back_from)
        .then(pl.lit("unsubstantiated"))
        .otherwise("outcome")
        .alias("outcome")
    )
    again = choose(world()[0], changed, SHIPPED)
    # neither prediction moves with what is held back; only how right it was
    assert again.trial is None
    predicted = [one.predicted for one in learned.trial.classifier]
    half = verdicts.with_columns(
        pl.when(pl.col("decided_on") > learned.trial.held_back_from + timedelta(days=40))
        .then(pl.lit("substantiated"))
        .otherwise("outcome")
        .alias("outcome")
    )
    moved = choose(world()[0], half, SHIPPED).trial
    assert moved is not None
    assert [one.predicted for one in moved.classifier] == predicted
    assert moved.brier_classifier != learned.trial.brier_classifier


def test_the_order_of_rows_is_irrelevant_and_the_same_verdicts_give_the_same_ranking(learned: Choice) -> None:
    findings, verdicts = world()
    again = choose(findings.reverse(), verdicts.sample(fraction=1, shuffle=True, seed=1), SHIPPED)
    assert again.trial == learned.trial
    records = track_records(verdicts, SHIPPED)
    one, other = (leads_of(findings, SHIPPED, records, choice.classifier) for choice in (learned, again))
    assert one.equals(other)
    steps = json.loads(one["explanation"][0])["steps"]
    assert {step["basis"] for step in steps} == {"classifier"}
    assert one["probability"].n_unique() > 10


def test_a_short_gap_ranks_before_a_long_one_of_the_same_price(learned: Choice) -> None:
    rows = [finding(f"x{n}", DETECTOR_IDS[0], gap, False, 300.0) for n, gap in enumerate((0.9, 0.1))]
    leads = leads_of(frame(rows), SHIPPED, None, learned.classifier)
    assert leads["subject_id"].to_list() == ["Px1|H1|2025", "Px0|H1|2025"]
    assert leads["probability"][0] > 2 * leads["probability"][1]


VALUES = st.floats(0, 2).map(lambda value: round(value, 3))


@given(base=st.lists(VALUES, min_size=len(FEATURES), max_size=len(FEATURES)), step=st.floats(0.01, 3))
def test_a_feature_moves_the_probability_in_its_own_direction_only(learned, base: list[float], step: float) -> None:
    assert learned.classifier is not None
    row = dict(zip(FEATURES, base, strict=True))
    rows = pl.DataFrame([row, *({**row, name: row[name] + step} for name in FEATURES)])
    said = learned.classifier.probabilities(rows)
    assert ((said >= 0) & (said <= 1)).all()
    for name, moved in zip(FEATURES, said[1:], strict=True):
        assert FEATURES[name] * (moved - said[0]) >= -1e-12, name


def test_features_are_told_of_what_may_rank_and_name_nobody() -> None:
    findings, _ = world()
    exempt = findings.with_columns(
        pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("transfer")).otherwise("exemption_id").alias("exemption_id")
    )
    features = with_detector_logit(features_of(exempt), track_records(None, SHIPPED))
    assert features.height == NUMBER - 1
    assert set(features.columns) == {"finding_id", "detector_id", *FEATURES}
    assert features["unanswered_exemptions"].unique().to_list() == [0.5]
    assert features["evidence_probability"].null_count() == features.height
    assert features["gap_share"].is_between(0, 1).all()


def test_the_model_is_named_by_features_recipe_verdicts_and_library() -> None:
    assert sorted(model_identity("abc")) == ["features", "recipe", "scikit-learn", "verdicts_sha256"]
    assert "gap_share:-1" in model_identity("abc")["features"]
