"""From what each unit did and was expected to do to its standing among peers.

A *unit* is one doctor (or department) at one institution in one department and setting: the smallest thing that has
peers. What peers would have done comes from the steps in ``standardising/``, by peer group from near to widest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.statistics.expected import Codes, nest
from detectors.statistics.funnel import Floats
from detectors.statistics.peers import FEW_NEAREST, Flags, Standing, cells_apart, choose_tiers, stand_among_peers

TIERS = (("level", "department_key", "setting"), ("department_key", "setting"), ("setting",))
"""Peer groups from fine to coarse; a unit takes the finest that holds enough peers."""

EXPECTED = ("near", "wide", "widest")
"""What others of each tier's group would have done, through strata of the own level and department."""

ELSEWHERE = ("near", "away_wide", "away_widest")
"""What others of each tier's group would have done, whatever their level and department."""

THOUSAND_MILLIONTHS = 1e9
"""Expected counts come in whole ones of these, so that adding them up is exact."""


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
        is_lonely: whether fewer than ``FEW_NEAREST`` others of its level and department have data enough: what it is
            expected to do in a wider group then rests on other levels and departments, and not on the few.
    """

    unit: int
    tier: int
    standing: Standing
    position: int
    group: Codes
    nearest_peers: int
    is_lonely: bool

    @property
    def basis(self) -> str:
        """Column of expected counts that the unit is measured against."""
        return ELSEWHERE[self.tier] if self.is_lonely else EXPECTED[self.tier]


@dataclass(frozen=True)
class Comparison:
    """All units in the order of their numbers, with their counts, and the standing of those with data and peers enough.

    Attributes:
        units: one row a unit: whose, level, department_code, counts, ``observed`` and expected by every basis.
        members: every unit that stands in a peer group, by row number in ``units``.
    """

    units: pl.DataFrame
    members: tuple[Member, ...]


def compare(units: pl.DataFrame, quarters: pl.DataFrame, parameters: Mapping[str, Value]) -> Comparison:
    """Every unit against its peers.

    Args:
        units: rows of grain ``unit``, in any order.
        quarters: rows of grain ``quarter`` of one measure, in any order.
        parameters: the card's.
    """
    units = _with_counts(units, quarters, parameters)
    groups = [_codes(units, tier) for tier in TIERS]
    is_lonely = _lonely(units["has_volume"].to_numpy(), groups[0])
    elsewhere = [_expected(units, basis) for basis in ELSEWHERE]
    by_peers = [
        np.where(is_lonely, away, _expected(units, basis)) for basis, away in zip(EXPECTED, elsewhere, strict=True)
    ]
    return Comparison(units, _members(units, groups, _Expected(by_peers, elsewhere, is_lonely), parameters))


@dataclass(frozen=True)
class _Expected:
    """Expected events of each unit on each tier, and by units of other levels and departments alone."""

    by_peers: list[Floats]
    by_other_cells: list[Floats]
    is_lonely: Flags


def _with_counts(units: pl.DataFrame, quarters: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """Units in the order of their numbers, with what was observed and expected over all quarters."""
    bases = sorted({*EXPECTED, *ELSEWHERE})
    whole = quarters.group_by("unit_no").agg(
        pl.col("observed").sum(), *(_sum_if_known(pl.col(basis)).alias(basis) for basis in bases)
    )
    has_volume = (pl.col("visits") >= parameters["min_visits"]) & (pl.col("patients") >= parameters["min_patients"])
    return (
        units.drop("observed", *bases)
        .join(whole, on="unit_no", how="inner")
        .sort("unit_no")
        .with_columns(has_volume.alias("has_volume"))
    )


def _sum_if_known(column: pl.Expr) -> pl.Expr:
    return pl.when(column.is_not_null().all()).then(column.sum())


def _expected(units: pl.DataFrame, basis: str) -> Floats:
    """Expected counts by one basis; NaN where there is no other unit."""
    return units[basis].cast(pl.Float64).fill_null(float("nan")).to_numpy() / THOUSAND_MILLIONTHS


def _lonely(has_volume: Flags, cell: Codes) -> Flags:
    return np.bincount(cell, weights=has_volume)[cell] - has_volume < FEW_NEAREST


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
    observed = units["observed"].to_numpy().astype(np.float64)
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
                row = int(inside[position])
                is_lonely = bool(expected.is_lonely[row])
                members.append(Member(row, tier, standing, int(position), inside, nearest, is_lonely))
    return tuple(sorted(members, key=lambda member: member.unit))
