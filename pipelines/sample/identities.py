"""Numbers become ids once all rows of a block are known, in order of time, so that no id tells what was planted."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.moments import Flags, Ints, blank

BLOCK_IDS = 1_000_000
"""Ids that a block of patients may use of each kind."""


def ranks(*keys: Ints) -> Ints:
    """Position of each row when sorted by the keys, the first key leading; ties keep their order."""
    order = np.lexsort(tuple(reversed(keys)))
    rank = np.empty(order.size, dtype=np.int64)
    rank[order] = np.arange(order.size)
    return rank


def numbered(prefix: str, block: int, positions: Ints, is_missing: Flags | None = None) -> pl.Series:
    """Ids such as E0000017 from positions within the block; null where ``is_missing``."""
    ids = prefix + (pl.Series(positions) + block * BLOCK_IDS).cast(pl.String).str.zfill(7)
    return ids if is_missing is None else blank(ids, is_missing)


def choices(names: tuple[str, ...], numbers: Ints) -> pl.Series:
    """Words by number; null where the number is negative or the word empty."""
    return pl.Series([*[name or None for name in names], None], dtype=pl.String).gather(
        np.where(numbers < 0, len(names), numbers)
    )


def flags(values: Flags, is_missing: Flags | None = None) -> pl.Series:
    """0 or 1 as extracts write flags."""
    series = pl.Series(values).cast(pl.Int8)
    return series if is_missing is None else blank(series, is_missing)


def money(fen: Ints, is_missing: Flags | None = None) -> pl.Series:
    """Yuan with two decimals from integer fen."""
    series = (pl.Series(fen).cast(pl.Float64) / 100).cast(pl.Decimal(18, 2))
    return series if is_missing is None else blank(series, is_missing)


def nulls(count: int) -> pl.Series:
    """A text column of nulls."""
    return pl.Series([None], dtype=pl.String).new_from_index(0, count)
