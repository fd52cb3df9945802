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
    event = pl.coalesce("flagged_event_id", "finding_id").alias("event")
    return findings.group_by([*keys, event]).agg(pl.col("amount_at_issue").max(), pl.col("fund_amount_at_issue").max())


def _known_sum(column: str) -> pl.Expr:
    """Sum of what is known; null where nothing is."""
    return pl.when(pl.col(column).is_not_null().any()).then(pl.col(column).sum()).alias(column)
