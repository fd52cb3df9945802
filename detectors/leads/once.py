"""The same money is worth looking at once, however many findings question it."""

from __future__ import annotations

import polars as pl

SUBJECT = ["subject_type", "subject_id"]
_CENTS = 100


def with_count_weight(scored: pl.DataFrame) -> pl.DataFrame:
    """Adds count_weight, 1 or 0, and takes it into contribution: of the findings on one money the most telling counts.

    Findings of one subject are on one money where they question the same event; examinations within a stay that is
    itself questioned are part of the stay's money, and the stay counts, or they do, whichever contributes more (see
    ``detectors.leads.money``). Ties go to the smaller finding_id, and to the stay.

    Args:
        scored: findings that may rank, with their contribution in yuan.
    """
    keyed = scored.select(
        *SUBJECT,
        "finding_id",
        pl.coalesce("flagged_event_id", "finding_id").alias("event"),
        pl.col("encounter_id").alias("stay"),
        (pl.col("contribution") * _CENTS).round(0).cast(pl.Int64).alias("cents"),
    )
    first = keyed.sort("cents", "finding_id", descending=[True, False]).unique([*SUBJECT, "event"], keep="first")
    counting = first.join(_outweighed(first), on=[*SUBJECT, "finding_id"], how="anti").select(*SUBJECT, "finding_id")
    weighed = scored.join(
        counting.with_columns(pl.lit(1.0).alias("count_weight")),
        on=[*SUBJECT, "finding_id"],
        how="left",
        maintain_order="left",
    ).with_columns(pl.col("count_weight").fill_null(0.0))
    return weighed.with_columns((pl.col("contribution") * pl.col("count_weight")).alias("contribution"))


def _outweighed(events: pl.DataFrame) -> pl.DataFrame:
    """Events that stand back: the examinations of a questioned stay, or the stay where they contribute more."""
    stays = events.select(*SUBJECT, pl.col("event").alias("stay"), pl.col("cents").alias("stay_cents"))
    parts = events.join(stays, on=[*SUBJECT, "stay"]).filter(pl.col("event") != pl.col("stay"))
    parts = parts.with_columns((pl.col("cents").sum().over([*SUBJECT, "stay"]) > pl.col("stay_cents")).alias("lead"))
    own = parts.filter("lead").select(*SUBJECT, pl.col("stay").alias("event")).unique()
    within = parts.filter(~pl.col("lead")).select(*SUBJECT, "finding_id")
    return pl.concat([within, events.join(own, on=[*SUBJECT, "event"]).select(*SUBJECT, "finding_id")])
