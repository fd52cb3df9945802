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
from detectors.statistics.peers import FEW_NEAREST, Flags, Standing, cells_apart, choose_tiers, stand_among_peers

UNIT = ("institution_id", "practitioner_id", "department_key", "setting")
STRATUM = ("diagnosis_group", "age_band", "sex", "urgency", "visit_kind")
TIERS = (("level", "department_key", "setting"), ("department_key", "setting"), ("setting",))
"""Peer groups from fine to coarse; a unit takes the finest that holds enough peers."""

CELL_LEVELS = (("department_key",), ("level",))
CASE_MIX_LEVELS = (("diagnosis_group",), ("age_band", "sex"), ("urgency", "visit_kind"))
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
        nearest_peers: how many of the group's other members share its level and department.
    """

    unit: int
    tier: int
    standing: Standing
    position: int
    group: Codes
    nearest_peers: int


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
    units = _units(rows, parameters)
    unit = rows["unit"].to_numpy().astype(np.int64)
    groups = [_codes(units, tier) for tier in TIERS]
    is_lonely = _lonely(units["has_volume"].to_numpy(), groups[0])
    cell, mix = ([_codes(rows, columns) for columns in levels] for levels in (CELL_LEVELS, CASE_MIX_LEVELS))
    counts = rows["visits"].to_numpy(), rows["events"].to_numpy()
    by_others = [expected_counts(unit, [group[unit], *cell, *mix], *counts) for group in groups]
    elsewhere = [expected_counts(groups[0][unit], [group[unit], *mix], *counts) for group in groups[1:]]
    widened = zip(elsewhere, by_others[1:], strict=True)
    by_row = [by_others[0], *(np.where(is_lonely[unit], *pair) for pair in widened)]
    rows = rows.with_columns(pl.Series(f"expected_{tier}", values) for tier, values in enumerate(by_row))
    by_peers, by_other_cells = (
        [total_by(unit, values) for values in tiers] for tiers in (by_row, [by_others[0], *elsewhere])
    )
    expected = _Expected(by_peers, by_other_cells, is_lonely)
    return Comparison(rows=rows, units=units, members=_members(units, groups, expected, parameters))


@dataclass(frozen=True)
class _Expected:
    """Expected events of each unit on each tier, and by units of other levels and departments alone.

    A unit is lonely where fewer than ``FEW_NEAREST`` others of its level and department have data enough: what it is
    expected to do then rests on other cells, which see its diagnoses too, and not on the few.
    """

    by_peers: list[Floats]
    by_other_cells: list[Floats]
    is_lonely: Flags


def _units(rows: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """One row a unit, in the order of their numbers, with its counts and where its rows stand."""
    units = rows.group_by("unit").agg(
        pl.col(UNIT).first(),
        pl.col("level").first(),
        pl.col("department_code").min(),
        pl.col(_COUNTS).sum(),
        *(pl.when(pl.col(money).count() > 0).then(pl.col(money).sum()).alias(money) for money in _MONEY),
        pl.len().cast(pl.Int64).alias("row_count"),
    )
    return units.sort("unit").with_columns(
        (pl.col("row_count").cum_sum() - pl.col("row_count")).alias("first_row"),
        ((pl.col("visits") >= parameters["min_visits"]) & (pl.col("patients") >= parameters["min_patients"])).alias(
            "has_volume"
        ),
    )


def _lonely(has_volume: Flags, cell: Codes) -> Flags:
    return np.bincount(cell, weights=has_volume)[cell] - has_volume < FEW_NEAREST


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
    units: pl.DataFrame, groups: list[Codes], expected: _Expected, parameters: Mapping[str, Value]
) -> tuple[Member, ...]:
    has_volume, least = units["has_volume"].to_numpy(), float(parameters["min_expected"])
    has_enough = [has_volume & (np.nan_to_num(counts) >= least) for counts in expected.by_peers]
    tiers = choose_tiers(groups, has_enough, int(parameters["min_peers"]))
    observed = units["events"].to_numpy().astype(np.float64)
    members: list[Member] = []
    for tier, group in enumerate(groups):
        for code in np.unique(group[tiers == tier]):
            inside = np.flatnonzero((group == code) & has_enough[tier])
            if observed[inside].sum() == 0:
                continue
            cell, counts = groups[0][inside], (observed[inside], expected.by_peers[tier][inside])
            apart = cells_apart(cell, *counts, expected.by_other_cells[tier][inside]) if tier else 0.0
            extra = np.where(expected.is_lonely[inside], apart, 0.0)
            standing = stand_among_peers(*counts, float(parameters["min_ratio"]), extra)
            for position in np.flatnonzero(tiers[inside] == tier):
                nearest = int((cell == cell[position]).sum()) - 1
                members.append(Member(int(inside[position]), tier, standing, int(position), inside, nearest))
    return tuple(sorted(members, key=lambda member: member.unit))
