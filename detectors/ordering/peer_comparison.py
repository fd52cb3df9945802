"""From aggregated rows to each doctor's standing among peers.

A *unit* is one doctor at one institution in one department and setting: the smallest thing that has peers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.statistics.expected import Codes, expected_counts, nest, total_by
from detectors.statistics.funnel import Floats
from detectors.statistics.peers import Standing, choose_tiers, stand_among_peers

UNIT = ("institution_id", "practitioner_id", "department_key", "setting")
STRATUM = ("diagnosis_group", "age_band", "sex", "urgency", "visit_kind")
TIERS = (("level", "department_key", "setting"), ("department_key", "setting"), ("setting",))
"""Peer groups from fine to coarse; a unit takes the finest that holds enough peers."""

LEVELS = (("department_key",), ("diagnosis_group",), ("age_band", "sex"), ("urgency", "visit_kind"))
"""Strata within a peer group, coarse to fine; each rate is shrunk to that of the level before."""

_ROW_ORDER = (*UNIT, *STRATUM, "quarter", "is_top_patient")
_COUNTS = ("visits", "patients", "events", "priced", "reported", "positive")
_MONEY = ("amount", "fund_amount")


@dataclass(frozen=True)
class Member:
    """One unit in its peer group.

    Attributes:
        unit: row number in ``Comparison.units``.
        tier: index in ``TIERS``.
        standing: of the whole group.
        position: of the unit in ``standing``.
        group: rows of ``Comparison.units`` that are members, in the order of ``standing``.
        finer_peers: how many peers the finest tier would have had.
    """

    unit: int
    tier: int
    standing: Standing
    position: int
    group: Codes
    finer_peers: int


@dataclass(frozen=True)
class Comparison:
    """All units, the rows they were made of, and the standing of those that have enough data and enough peers.

    Attributes:
        rows: stratum rows with columns ``unit`` and ``expected_<tier>`` added, in a fixed order.
        units: one row a unit: ``UNIT``, level, department_code and the counts.
        members: every unit that stands in a peer group, by row number in ``units``.
    """

    rows: pl.DataFrame
    units: pl.DataFrame
    members: tuple[Member, ...]

    def rows_of(self, unit: int) -> pl.DataFrame:
        """The stratum rows of one unit: they stand together."""
        first, count = self.units.select("first_row", "row_count").row(unit)
        return self.rows.slice(first, count)


def compare(strata: pl.DataFrame, parameters: Mapping[str, Value]) -> Comparison:
    """Every unit against its peers.

    Args:
        strata: rows of grain ``stratum`` of the question, in any order.
        parameters: the card's.
    """
    rows = _with_unit(strata)
    units = rows.group_by("unit").agg(
        pl.col(UNIT).first(),
        pl.col("level").first(),
        pl.col("department_code").min(),
        pl.col(_COUNTS).sum(),
        *(pl.when(pl.col(money).count() > 0).then(pl.col(money).sum()).alias(money) for money in _MONEY),
        pl.len().cast(pl.Int64).alias("row_count"),
    )
    units = units.sort("unit").with_columns((pl.col("row_count").cum_sum() - pl.col("row_count")).alias("first_row"))
    unit = rows["unit"].to_numpy().astype(np.int64)
    groups = [_codes(units, tier) for tier in TIERS]
    strata_codes = [_codes(rows, columns) for columns in LEVELS]
    visits, events = rows["visits"].to_numpy(), rows["events"].to_numpy()
    expected_rows = [expected_counts(unit, [group[unit], *strata_codes], visits, events) for group in groups]
    rows = rows.with_columns(pl.Series(f"expected_{tier}", values) for tier, values in enumerate(expected_rows))
    expected = [total_by(unit, values) for values in expected_rows]
    return Comparison(rows=rows, units=units, members=_members(units, groups, expected, parameters))


def _with_unit(strata: pl.DataFrame) -> pl.DataFrame:
    """Rows in a fixed order, with ``unit`` numbering the units from 0."""
    ordered = strata.sort(_ROW_ORDER, nulls_last=False)
    return ordered.with_columns(pl.struct(UNIT).rle_id().cast(pl.Int64).alias("unit"))


def _codes(frame: pl.DataFrame, columns: tuple[str, ...]) -> Codes:
    """Codes of the distinct values of some columns, null being a value of its own."""
    ranks = [
        frame[column].cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64) for column in columns
    ]
    codes = ranks[0]
    for rank in ranks[1:]:
        codes = nest(codes, rank)
    return codes


def _members(
    units: pl.DataFrame, groups: list[Codes], expected: list[Floats], parameters: Mapping[str, Value]
) -> tuple[Member, ...]:
    has_volume = (
        (units["visits"] >= parameters["min_visits"]) & (units["patients"] >= parameters["min_patients"])
    ).to_numpy()
    has_enough = [has_volume & (np.nan_to_num(counts) >= float(parameters["min_expected"])) for counts in expected]
    tiers = choose_tiers(groups, has_enough, int(parameters["min_peers"]))
    observed = units["events"].to_numpy().astype(np.float64)
    members = []
    for tier, group in enumerate(groups):
        for code in np.unique(group[tiers == tier]):
            inside = np.flatnonzero((group == code) & has_enough[tier])
            if observed[inside].sum() == 0:
                continue
            standing = stand_among_peers(observed[inside], expected[tier][inside], float(parameters["min_ratio"]))
            for position, row in enumerate(inside):
                if tiers[row] == tier:
                    finer = int((has_enough[0] & (groups[0] == groups[0][row])).sum()) - int(has_enough[0][row])
                    members.append(Member(int(row), tier, standing, position, inside, finer))
    return tuple(sorted(members, key=lambda member: member.unit))
