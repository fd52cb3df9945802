"""From findings to ranked leads: one lead a subject, so that a person looks at one story once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import polars as pl

from detectors.declaration import Detector
from detectors.findings import content_id
from detectors.leads.classifier import Classifier
from detectors.leads.money import included_money, own_money
from detectors.leads.once import with_count_weight
from detectors.leads.scoring import score_findings
from detectors.leads.verdicts import TrackRecord
from schemas.card import Authority
from schemas.lead import LEAD_SCHEMA

MOST_STEPS = 20
"""Steps of the score's waterfall that are told one by one; the rest is told as one sum."""

STEP = (
    "basis",
    "confidence_factor",
    "contribution",
    "count_weight",
    "detector_id",
    "detector_probability",
    "finding_id",
    "grade_weight",
    "is_floor",
    "probability",
    "review_weight",
    "value_yuan",
)
"""What is told of a step: whose it is, its part of the score, what that is the product of, and where it comes from."""

_CENTS = 100


def leads_of(
    findings: pl.DataFrame,
    detectors: Sequence[Detector],
    records: Mapping[str, TrackRecord] | None = None,
    classifier: Classifier | None = None,
) -> pl.DataFrame:
    """Ranked leads without run_id; evidence_path is null until a page is rendered.

    A subject whose every finding is exempt gives no lead. Ties of score go to the smaller lead_id.

    Args:
        findings: of every detector.
        detectors: the catalogue.
        records: what verdicts say of each detector; None = no verdict yet.
        classifier: says P(substantiated) in the priors' place; None = priors do.
    """
    scored = with_count_weight(score_findings(findings, detectors, records, classifier))
    keys = ["subject_type", "subject_id"]
    grouped = scored.group_by(keys).agg(
        _whole_sum("contribution").alias("score"),
        pl.col("probability").max(),
        pl.col("institution_id").min(),
        pl.col("detector_id").unique().sort().alias("detector_ids"),
        pl.len().cast(pl.Int64).alias("finding_count"),
        pl.col("occurred_at").min().alias("first_occurred_at"),
        pl.col("occurred_at").max().alias("last_occurred_at"),
        pl.when((pl.col("grade") == "suspected").any())
        .then(pl.lit("suspected"))
        .otherwise(pl.lit("clue"))
        .alias("grade"),
    )
    exempt = findings.group_by(keys).agg(pl.col("exemption_id").count().cast(pl.Int64).alias("exempt_count"))
    leads = (
        grouped.join(exempt, on=keys, how="left")
        .join(own_money(scored), on=keys, how="left")
        .join(included_money(scored), on=keys, how="left")
        .join(_explanations(scored, keys), on=keys, how="left")
    )
    return _ranked(_told(leads, detectors))


def _whole_sum(column: str) -> pl.Expr:
    """Sum of a column of cents-exact floats, in whole cents so that the order of addition is irrelevant."""
    return ((pl.col(column) * _CENTS).round(0).cast(pl.Int64).sum() / _CENTS).round(2)


def _explanations(scored: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The waterfall of each score as JSON: the largest steps one by one, then how many more and their sum."""
    ordered = scored.sort("contribution", "finding_id", descending=[True, False])
    step = pl.struct(STEP)
    told = ordered.group_by(keys, maintain_order=True).agg(
        step.head(MOST_STEPS).alias("steps"),
        (pl.len() - step.head(MOST_STEPS).len()).cast(pl.Int64).alias("more_steps"),
        ((pl.col("contribution") * _CENTS).round(0).cast(pl.Int64).slice(MOST_STEPS).sum() / _CENTS)
        .round(2)
        .alias("more_contribution"),
    )
    as_json = pl.struct("more_contribution", "more_steps", "steps").struct.json_encode()
    return told.select(*keys, as_json.alias("explanation"))


def _told(leads: pl.DataFrame, detectors: Sequence[Detector]) -> pl.DataFrame:
    by_id = {detector.id: detector for detector in detectors}
    order = get_args(Authority)

    def authorities(ids: Sequence[str]) -> list[str]:
        named = {authority for id_ in ids for authority in by_id[id_].referral_authorities}
        return [authority for authority in order if authority in named]

    ids = leads["detector_ids"].to_list()
    return leads.with_columns(
        pl.Series("title_en", [" + ".join(by_id[i].title.en for i in one) for one in ids], pl.String),
        pl.Series("title_zh", ["、".join(by_id[i].title.zh for i in one) for one in ids], pl.String),
        pl.Series("referral_authorities", [authorities(one) for one in ids], pl.List(pl.String)),
        pl.Series(
            "lead_id", [content_id(*row) for row in leads.select("subject_type", "subject_id").rows()], pl.String
        ),
        pl.lit(None, pl.String).alias("evidence_path"),
    )


def _ranked(leads: pl.DataFrame) -> pl.DataFrame:
    ranked = leads.sort("score", "lead_id", descending=[True, False]).with_row_index("rank", offset=1)
    columns = [name for name in LEAD_SCHEMA.names if name != "run_id"]
    return ranked.with_columns(
        pl.col("rank").cast(pl.Int64),
        pl.col("amount_at_issue").cast(pl.Decimal(18, 2)),
        pl.col("fund_amount_at_issue").cast(pl.Decimal(18, 2)),
        pl.col("included_amount").cast(pl.Decimal(18, 2)),
    ).select(columns)
