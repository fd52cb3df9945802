"""The money of leads: a finding's counts in the lead of its own subject, once an event; leads above include it."""

from __future__ import annotations

import polars as pl

SUBJECT = ["subject_type", "subject_id"]

ABOVE: dict[str, pl.Expr] = {
    "practitioner": pl.col("practitioner_id"),
    "department": pl.format("{}|{}", "institution_id", "department_code"),
    "institution": pl.col("institution_id"),
}
"""Subject type above a patient → the subject that a patient's finding stands at; null where the finding names none."""


def own_money(opened: pl.DataFrame) -> pl.DataFrame:
    """amount_at_issue and fund_amount_at_issue by subject; an event that several detectors question counts once.

    Args:
        opened: findings for which no exemption held.
    """
    return (
        _by_event(opened, SUBJECT)
        .group_by(SUBJECT)
        .agg(_known_sum("amount_at_issue"), _known_sum("fund_amount_at_issue"))
    )


def included_money(opened: pl.DataFrame) -> pl.DataFrame:
    """included_count and included_amount by subject above patients: what stands in patients' leads and is not added.

    Args:
        opened: findings for which no exemption held.
    """
    patients = opened.filter(pl.col("subject_type") == "patient_episode")
    parts = [
        patients.with_columns(pl.lit(kind).alias("subject_type"), subject.alias("subject_id")).drop_nulls("subject_id")
        for kind, subject in ABOVE.items()
    ]
    placed = pl.concat(parts)
    counts = placed.group_by(SUBJECT).agg(pl.len().cast(pl.Int64).alias("included_count"))
    yuan = _by_event(placed, SUBJECT).group_by(SUBJECT).agg(_known_sum("amount_at_issue").alias("included_amount"))
    return counts.join(yuan, on=SUBJECT, how="left")


def _by_event(findings: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """The money of each event once, and of what lies within a questioned stay no more than the stay holds.

    An examination of a stay that is itself questioned is part of the stay's money: the two count as the larger of the
    stay's amount and the sum of its examinations.
    """
    event = pl.coalesce("flagged_event_id", "finding_id").alias("event")
    amounts = ("amount_at_issue", "fund_amount_at_issue")
    events = findings.group_by([*keys, event]).agg(
        pl.col("encounter_id").min(), *(pl.col(one).max() for one in amounts)
    )
    stays = events.select(*keys, pl.col("event").alias("encounter_id"), pl.col("event").alias("stay"))
    placed = events.join(stays, on=[*keys, "encounter_id"], how="left").with_columns(
        pl.coalesce("stay", "event").alias("whole")
    )
    is_part = pl.col("event") != pl.col("whole")
    return (
        placed.group_by([*keys, "whole"])
        .agg(
            *(pl.col(one).filter(~is_part).max().alias(one) for one in amounts),
            *(_known_sum(one, is_part).alias(f"{one}_of_parts") for one in amounts),
        )
        .with_columns(pl.max_horizontal(one, f"{one}_of_parts").alias(one) for one in amounts)
        .rename({"whole": "event"})
    )


def _known_sum(column: str, where: pl.Expr | None = None) -> pl.Expr:
    """Sum of what is known; null where nothing is."""
    values = pl.col(column) if where is None else pl.col(column).filter(where)
    return pl.when(values.is_not_null().any()).then(values.sum()).alias(column)
