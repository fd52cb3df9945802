"""Counts by cell from rows by patient: a question tells those who had the sign one by one, all others together.

A row holds cases of one cell (unit, stratum, quarter …): of one patient who had the sign (``told_patient_id``), or of
everybody without it (null). So one grain gives the shares, their money, and how much hangs on one patient.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

MONEY = ("amount", "fund_amount")
RESULTS = ("reported", "positive")
IS_TOLD = pl.col("told_patient_id").is_not_null()


def told_cells(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Cases of each cell, those with the sign (``observed``), and the money and results of the latter.

    Args:
        rows: told_patient_id, trials, priced, amount, fund_amount; reported and positive where results are counted.
        by: the columns that make a cell.
    """
    priced = pl.col("priced").filter(IS_TOLD).sum()
    return rows.group_by(by).agg(
        pl.col("trials").sum(),
        pl.col("trials").filter(IS_TOLD).sum().alias("observed"),
        *(pl.col(name).filter(IS_TOLD).sum() for name in RESULTS if name in rows.columns),
        priced,
        *(pl.when(priced > 0).then(pl.col(name).filter(IS_TOLD).sum()).alias(name) for name in MONEY),
    )


def told_patients(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Patients with the sign in each unit, and how often the one had it who had it most (``top_observed``).

    Args:
        rows: as for ``told_cells``.
        by: the columns that make a unit.
    """
    times = rows.filter(IS_TOLD).group_by(*by, "told_patient_id").agg(pl.col("trials").sum())
    return times.group_by(by).agg(
        pl.len().cast(pl.Int64).alias("patients"), pl.col("trials").max().alias("top_observed")
    )
