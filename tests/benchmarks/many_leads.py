"""A run folder with as many leads as are asked for: the sample run over and over, under other ids."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import polars as pl

SAMPLE = Path(__file__).parents[1] / "reports" / "run_folder_sample.py"

PLACES = 25
"""Copies of the register: with the eight institutions of the sample, two hundred."""

OF_A_COPY = (
    *("lead_id", "finding_id", "patient_id", "practitioner_id", "encounter_id", "index_event_id", "flagged_event_id"),
    *("event_id", "stay_id", "row_id"),
)
"""Columns of ids that each copy has for itself."""


def write_run(folder: Path, leads: int) -> Path:
    """Writes a run of so many leads into ``folder`` and returns it; the same rows every time."""
    spec = importlib.util.spec_from_file_location("run_folder_sample", SAMPLE)
    assert spec is not None
    assert spec.loader is not None
    sample = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sample)
    sample.write_run(folder)
    copies = -(-leads // pl.read_parquet(folder / "leads.parquet").height)
    for path in sorted(folder.rglob("*.parquet")):
        frame = pl.read_parquet(path)
        if path.stem in ("detectors", "names"):
            continue
        of_a_place = path.stem in ("denominators", "institutions")
        many = _multiplied(frame, PLACES if of_a_place else copies)
        (many if path.stem != "leads" else _ranked(many, leads)).write_parquet(path)
    return folder


def _multiplied(frame: pl.DataFrame, copies: int) -> pl.DataFrame:
    """Every row once a copy, under ids of its own, at one of the places."""
    copy, place = pl.format("-{}", "copy"), pl.format("-{}", pl.col("copy") % PLACES)
    many = pl.DataFrame({"copy": range(copies)}).join(frame, how="cross")
    made = [pl.concat_str(name, copy).alias(name) for name in OF_A_COPY if name in frame.columns]
    made += [pl.concat_str(name, place).alias(name) for name in frame.columns if name.endswith("institution_id")]
    if "subject_id" in frame.columns:
        parts = pl.col("subject_id").str.split("|")
        episode = pl.concat_str(parts.list.get(0), copy, pl.lit("|"), parts.list.get(1, null_on_oob=True), place,
                                pl.lit("|"), parts.list.get(2, null_on_oob=True))  # fmt: skip
        # Rows without a subject type are of one kind of subject, and none of those is an episode.
        is_episode = pl.col("subject_type") == "patient_episode" if "subject_type" in frame.columns else pl.lit(False)
        made.append(pl.when(is_episode).then(episode).otherwise(pl.concat_str("subject_id", copy)).alias("subject_id"))
    return many.with_columns(made).drop("copy") if "lead_id" not in frame.columns else many.with_columns(made)


def _ranked(many: pl.DataFrame, leads: int) -> pl.DataFrame:
    """The first leads, ranked through, with amounts, days and authorities of their own."""
    authorities = pl.col("referral_authorities")
    told = many.sort("copy", "rank").with_columns(
        amount_at_issue=(pl.col("amount_at_issue") + pl.col("copy") * 37 % 9973).cast(pl.Decimal(18, 2)),
        last_occurred_at=pl.col("last_occurred_at") - pl.duration(days=pl.col("copy") % 300),
        referral_authorities=pl.when(pl.col("copy") % 3 == 0)
        .then(pl.concat_list(authorities, pl.lit("market")))
        .otherwise(authorities),
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int64),
    )
    return told.head(leads).drop("copy")
