"""Unflagged cases drawn by lot: the only way to learn what the detectors miss. Being drawn is no suspicion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from detectors.engines.protocol import Bound, Engine
from detectors.findings import content_id, plain_episode
from detectors.leads.capacity import lot
from detectors.leads.verdicts import CONFIRMS, newest_that_count
from detectors.statistics.exact import wilson_interval
from detectors.statistics.telling import six_digits
from schemas.ranking import Misses
from schemas.unflagged import BY_LOT

DRAWN_SHARE = 0.05
"""Share of unflagged cases that the lot draws. Source: DOMAIN 3."""

BELOW = f"{round(0x10000 * DRAWN_SHARE):04x}"
"""A case is drawn where the first four hexadecimal digits of its hash stand before these."""


@dataclass(frozen=True)
class Scope:
    """What a run looked at: flagged events of these days, at these institutions (none = all)."""

    as_of: date
    window_from: date | None
    window_to: date | None
    institutions: Sequence[str]


def unflagged_by_lot(engine: Engine, findings: pl.DataFrame, scope: Scope, run_id: str) -> tuple[int, pl.DataFrame]:
    """How many patient episodes with examinations have no lead, and the rows of ``UNFLAGGED_SCHEMA`` drawn of them.

    Whether a case is drawn hangs on its own id alone, so that a case once drawn stays drawn and its verdict keeps
    counting; in which order the drawn ones come up is another lot in each run.

    Args:
        engine: holds the prepared tables of the run.
        findings: of every detector; an episode whose every finding is exempt has no lead and may be drawn.
        scope: what the run looked at.
        run_id: of the run.
    """
    opened = findings.filter(pl.col("exemption_id").is_null(), pl.col("patient_id").is_not_null())
    by_subject = pl.col("subject_id").str.slice(-4).cast(pl.Int32, strict=False)
    years = (pl.col("occurred_at").dt.year(), pl.when(pl.col("subject_type") == "patient_episode").then(by_subject))
    flagged = pl.concat([opened.select("patient_id", "institution_id", year.alias("in_year")) for year in years])
    engine.put("work.flagged_episode", flagged.drop_nulls().unique().sort(flagged.columns).to_arrow())
    chosen = pl.DataFrame({"institution_id": list(scope.institutions)}, schema={"institution_id": pl.String})
    engine.put("work.chosen_institution", chosen.to_arrow())
    bound: dict[str, Bound] = {
        "as_of": scope.as_of,
        "below": BELOW,
        "is_bounded": bool(scope.institutions),
        "window_from": scope.window_from,
        "window_to": scope.window_to,
    }
    (episodes,) = engine.answer(_question("count"), bound)["episodes"].to_pylist()
    drawn = pl.from_arrow(engine.answer(_question("drawn"), bound))
    assert isinstance(drawn, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return int(episodes), _in_the_order_of_the_lot(drawn, run_id)


def misses_of(unflagged: int, drawn: pl.DataFrame, verdicts: pl.DataFrame | None) -> Misses:
    """What verdicts on the cases drawn say of all unflagged ones.

    Args:
        unflagged: how many there are.
        drawn: rows of ``UNFLAGGED_SCHEMA``.
        verdicts: rows of ``schemas.verdict.VERDICT_SCHEMA``; those on drawn cases have ``BY_LOT`` for a detector and
            count while the case is still among the drawn.
    """
    reviewed = confirmed = 0
    if verdicts is not None:
        told = newest_that_count(verdicts, [BY_LOT]).join(drawn, left_on="finding_id", right_on="lead_id", how="semi")
        reviewed, confirmed = told.height, int(told["outcome"].is_in(CONFIRMS).sum())
    low, high = wilson_interval(confirmed, reviewed)
    return Misses(
        unflagged=unflagged,
        drawn=drawn.height,
        reviewed=reviewed,
        substantiated=confirmed,
        share_low=six_digits(low),
        share_high=six_digits(high),
        missed=round(unflagged * confirmed / reviewed) if reviewed else None,
        missed_low=round(unflagged * low) if reviewed else None,
        missed_high=round(unflagged * high) if reviewed else None,
    )


def _in_the_order_of_the_lot(drawn: pl.DataFrame, run_id: str) -> pl.DataFrame:
    named = drawn.with_columns(plain_episode().alias("subject_id"), pl.lit("patient_episode").alias("subject_type"))
    ids = [content_id("patient_episode", subject_id) for subject_id in named["subject_id"]]
    return (
        named.with_columns(
            pl.lit(run_id).alias("run_id"),
            pl.Series("lead_id", ids, pl.String),
            pl.Series("lot", [lot(run_id, id_) for id_ in ids], pl.String),
        )
        .sort("lot", "lead_id")
        .with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("lot"))
    )


def _question(name: str) -> str:
    return Path(__file__).with_name(f"unflagged_{name}.sql").read_text(encoding="utf-8")
