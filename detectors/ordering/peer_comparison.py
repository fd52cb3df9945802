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
from detectors.ordering.measured import Measure
from detectors.statistics.expected import Codes, nest
from detectors.statistics.funnel import Floats
from detectors.statistics.peers import (
    FEW_NEAREST,
    Flags,
    Standing,
    cells_apart,
    choose_tiers,
    stand_among_peers,
    stand_by_share,
)

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
        measure: what is compared.
        units: one row a unit: whose, level, department_code, counts, ``trials``, ``observed``, expected by every basis,
            and ``grain``, the size of one count: 1, or in money what a count of independent payments is worth, in fen.
        members: every unit that stands in a peer group, by row number in ``units``.
    """

    measure: Measure
    units: pl.DataFrame
    members: tuple[Member, ...]


def compare(
    measure: Measure, units: pl.DataFrame, quarters: pl.DataFrame, parameters: Mapping[str, Value]
) -> Comparison:
    """Every unit against its peers.

    Args:
        measure: what is compared.
        units: rows of grain ``unit``, in any order.
        quarters: rows of grain ``quarter`` of one measure, in any order.
        parameters: the card's.
    """
    units = _with_counts(measure, units, quarters, parameters)
    groups = [_codes(units, tier) for tier in TIERS]
    is_lonely = _lonely(units["has_volume"].to_numpy(), groups[0])
    elsewhere = [_expected(units, basis) for basis in ELSEWHERE]
    by_peers = [
        np.where(is_lonely, away, _expected(units, basis)) for basis, away in zip(EXPECTED, elsewhere, strict=True)
    ]
    expected = _Expected(by_peers, elsewhere, is_lonely)
    return Comparison(measure, units, _members(measure, units, groups, expected, parameters))


@dataclass(frozen=True)
class _Expected:
    """Expected events of each unit on each tier, and by units of other levels and departments alone."""

    by_peers: list[Floats]
    by_other_cells: list[Floats]
    is_lonely: Flags


def _with_counts(
    measure: Measure, units: pl.DataFrame, quarters: pl.DataFrame, parameters: Mapping[str, Value]
) -> pl.DataFrame:
    """Units in the order of their numbers, with what was observed and expected over all quarters.

    Money is counted in grains of sum(a^2) / sum(a) over the visits of the nearest peers: a compound Poisson sum of
    amounts a varies as a Poisson count of such grains does (Bohm G, Zech G, Nucl Instrum Methods A 2014;748:1-6).
    """
    bases, counts = sorted({*EXPECTED, *ELSEWHERE}), ("trials", "observed", "squares")
    whole = quarters.group_by("unit_no").agg(
        pl.col(counts).sum(), *(_sum_if_known(pl.col(basis)).alias(basis) for basis in bases)
    )
    grain = pl.col("squares").sum().over(TIERS[0]) / pl.col("observed").sum().over(TIERS[0])
    has_volume = (pl.col("visits") >= parameters["min_visits"]) & (pl.col("patients") >= parameters["min_patients"])
    joined = units.drop(*counts, *bases, "grain").join(whole, on="unit_no", how="inner").sort("unit_no")
    return joined.with_columns(
        has_volume.alias("has_volume"),
        (grain if measure.kind == "money" else pl.lit(1.0)).alias("grain"),
    )


def _sum_if_known(column: pl.Expr) -> pl.Expr:
    return pl.when(column.is_not_null().all()).then(column.sum())


def _expected(units: pl.DataFrame, basis: str) -> Floats:
    """Expected counts by one basis; NaN where there is no other unit."""
    thousand_millionths = units[basis].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.asarray(thousand_millionths / THOUSAND_MILLIONTHS / units["grain"].to_numpy(), dtype=np.float64)


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
    measure: Measure,
    units: pl.DataFrame,
    groups: list[Codes],
    expected: _Expected,
    parameters: Mapping[str, Value],
) -> tuple[Member, ...]:
    has_volume, least = units["has_volume"].to_numpy(), float(parameters["min_expected"])
    has_enough = [has_volume & (np.nan_to_num(counts) >= least) for counts in expected.by_peers]
    tiers = choose_tiers(groups, has_enough, int(parameters["min_peers"]))
    members: list[Member] = []
    for tier, group in enumerate(groups):
        for code in np.unique(group[tiers == tier]):
            inside = np.flatnonzero((group == code) & has_enough[tier])
            standing = _standing(measure, units, expected, groups[0], tier, inside, parameters)
            if standing is None:
                continue
            cell = groups[0][inside]
            for position in np.flatnonzero(tiers[inside] == tier):
                nearest, row = int((cell == cell[position]).sum()) - 1, int(inside[position])
                is_lonely = bool(expected.is_lonely[row])
                if measure.kind != "share" or tier == 0 or not is_lonely:
                    members.append(Member(row, tier, standing, int(position), inside, nearest, is_lonely))
    return tuple(sorted(members, key=lambda member: member.unit))


def _standing(
    measure: Measure,
    units: pl.DataFrame,
    expected: _Expected,
    nearest: Codes,
    tier: int,
    inside: Codes,
    parameters: Mapping[str, Value],
) -> Standing | None:
    """Of one peer group; None where nothing was observed in it.

    A lonely member of a widened group is allowed the variance by which levels and departments differ. Of shares that
    variance is not estimated: such members then say something of others, and are not judged themselves.
    """
    observed = units["observed"].to_numpy()[inside] / units["grain"].to_numpy()[inside]
    if observed.sum() == 0:
        return None
    counts, threshold = (observed, expected.by_peers[tier][inside]), float(parameters["min_ratio"])
    if measure.kind == "share":
        return stand_by_share(observed, units["trials"].to_numpy()[inside], counts[1], threshold)
    apart = cells_apart(nearest[inside], *counts, expected.by_other_cells[tier][inside]) if tier else 0.0
    extra, by_size = np.where(expected.is_lonely[inside], apart, 0.0), parameters["null"] == "by_size"
    return stand_among_peers(*counts, threshold, extra, by_size=by_size)
