"""From aggregated rows to each unit's standing in a share: which department does it to how many of its patients.

A *unit* is one subject (institution, department or practitioner) and one measure family: what a finding is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from detectors.declaration import Value
from detectors.statistics.expected import Codes, expected_counts, nest, total_by
from detectors.statistics.fdr import q_values
from detectors.statistics.funnel import Floats
from detectors.statistics.peers import choose_tiers
from detectors.statistics.proportions import ShareStanding, stand_in_share, two_sided

UNIT = ("subject_type", "institution_id", "department_code", "practitioner_id", "family")
TIERS: tuple[tuple[str, ...], ...] = (("level", "department_key"), ("department_key",), ("level",), ())
"""Peer groups from fine to coarse, always of one subject type and family; a unit takes the finest that has enough."""

COUNTS = ("trials", "observed", "performed", "declared", "reported", "positive", "priced")
MONEY = ("amount", "fund_amount")

_CELL_TYPES = dict.fromkeys((*UNIT, "level", "department_key", "stratum", "quarter"), pl.String)


@dataclass(frozen=True)
class Member:
    """One unit in its peer group.

    Attributes:
        unit: row number in ``Comparison.units``.
        tier: index in ``TIERS``.
        standing: of the whole group, and ``position`` of the unit in it.
        group: rows of ``Comparison.units`` that are members, in the order of ``standing``.
        p, q: p-value and its false discovery rate among all tests of the group, whatever their family.
        tests, test: p-values of all those tests, and which one is this unit's.
        nearest_peers: how many units with data enough share its level and department.
    """

    unit: int
    tier: int
    standing: ShareStanding
    position: int
    group: Codes
    p: float
    q: float
    tests: Floats
    test: int
    nearest_peers: int


@dataclass(frozen=True)
class Comparison:
    """All units, their rows with ``expected_<tier>``, and the standing of those with enough data and peers."""

    rows: pl.DataFrame
    units: pl.DataFrame
    members: tuple[Member, ...]

    def rows_of(self, member: Member) -> pl.DataFrame:
        """The rows of one member, with what peers of its tier would have had as ``expected``."""
        own = self.rows.filter(pl.col("unit") == member.unit)
        return own.with_columns(pl.col(f"expected_{member.tier}").alias("expected"))


def compare(
    cells: pl.DataFrame, patients: pl.DataFrame, parameters: Mapping[str, Value], is_two_sided: bool
) -> Comparison:
    """Every unit against its peers.

    Args:
        cells: rows of counts by unit, stratum and quarter (``COUNTS``, ``MONEY``; what a question leaves out is 0 or
            null), in any order.
        patients: rows of ``patients`` and ``top_observed`` by unit.
        parameters: the card's.
        is_two_sided: whether shares that are too low count as well as those that are too high.
    """
    rows = _with_unit(_completed(cells))
    units = _units(rows, patients, parameters)
    unit = rows["unit"].to_numpy().astype(np.int64)
    stratum = _codes(rows, ("stratum",))
    kinds = [_codes(units, ("subject_type", *tier)) for tier in TIERS]
    family = _codes(units, ("family",))
    groups = [nest(kind, family) for kind in kinds]
    counts = rows["trials"].to_numpy(), rows["observed"].to_numpy()
    by_row = [expected_counts(unit, [group[unit], stratum], *counts) for group in groups]
    rows = rows.with_columns(pl.Series(f"expected_{tier}", values) for tier, values in enumerate(by_row))
    expected = [total_by(unit, values) for values in by_row]
    has_volume = units["has_volume"].to_numpy()
    has_enough = [has_volume & np.isfinite(values) for values in expected]
    tiers = choose_tiers(groups, has_enough, int(parameters["min_peers"]))
    members: list[Member] = []
    for tier in range(len(TIERS)):
        standings = [
            _standing(units, expected[tier], np.flatnonzero((groups[tier] == code) & has_enough[tier]))
            for code in np.unique(groups[tier][tiers == tier])
        ]
        members += _members(tier, standings, kinds[tier], tiers == tier, groups[0], has_volume, is_two_sided)
    return Comparison(rows, units, tuple(sorted(members, key=lambda member: member.unit)))


def _standing(units: pl.DataFrame, expected: Floats, inside: Codes) -> tuple[Codes, ShareStanding]:
    trials = units["trials"].to_numpy()[inside].astype(np.float64)
    observed = units["observed"].to_numpy()[inside].astype(np.float64)
    return inside, stand_in_share(observed, trials, expected[inside] / trials)


def _members(
    tier: int,
    standings: list[tuple[Codes, ShareStanding]],
    kind: Codes,
    takes_tier: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    nearest: Codes,
    has_volume: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    is_two_sided: bool,
) -> list[Member]:
    """Members of one tier; the tests of all families of one group share their false discovery rate."""
    made: list[Member] = []
    near = np.bincount(nearest, weights=has_volume)[nearest]
    by_kind: dict[int, list[tuple[Codes, ShareStanding]]] = {}
    for inside, standing in standings:
        by_kind.setdefault(int(kind[inside[0]]), []).append((inside, standing))
    for group in by_kind.values():
        tails = [two_sided(one.p_high, one.p_low) if is_two_sided else one.p_high for _, one in group]
        tests = np.concatenate(tails)
        q, first = q_values(tests), 0
        for inside, standing in group:
            for position in np.flatnonzero(takes_tier[inside]):
                at, row = first + int(position), int(inside[position])
                p_and_q = float(tests[at]), float(q[at])
                peers = int(near[row]) - 1
                made.append(Member(row, tier, standing, int(position), inside, *p_and_q, tests, at, peers))
            first += inside.size
    return made


def _completed(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows with every column of ``UNIT``, ``COUNTS`` and ``MONEY``."""
    missing = [pl.lit(None, pl.String).alias(name) for name in _CELL_TYPES if name not in cells.columns]
    missing += [pl.lit(0, pl.Int64).alias(name) for name in COUNTS if name not in cells.columns]
    missing += [pl.lit(None, pl.Decimal(18, 2)).alias(name) for name in MONEY if name not in cells.columns]
    return cells.with_columns(missing)


def _with_unit(cells: pl.DataFrame) -> pl.DataFrame:
    """Rows in a fixed order, with ``unit`` numbering the units from 0."""
    ordered = cells.sort(*UNIT, "stratum", "quarter", nulls_last=False)
    return ordered.with_columns(pl.struct(UNIT).rle_id().cast(pl.Int64).alias("unit"))


def _units(rows: pl.DataFrame, patients: pl.DataFrame, parameters: Mapping[str, Value]) -> pl.DataFrame:
    """One row a unit, in the order of their numbers, with its counts, patients and whether its data suffice."""
    units = rows.group_by("unit").agg(
        pl.col(UNIT).first(),
        pl.col("level").drop_nulls().min(),
        pl.col("department_key").drop_nulls().min(),
        pl.col(COUNTS).sum(),
        *(pl.when(pl.col(money).count() > 0).then(pl.col(money).sum()).alias(money) for money in MONEY),
    )
    keyed = _completed(patients).select(*UNIT, "patients", "top_observed")
    units = units.join(keyed, on=UNIT, how="left", nulls_equal=True).sort("unit")
    return units.with_columns(
        pl.col("patients", "top_observed").fill_null(0),
        (pl.col("trials") >= float(parameters["min_trials"])).alias("has_volume"),
    )


def _codes(frame: pl.DataFrame, columns: tuple[str, ...]) -> Codes:
    """Codes of the distinct values of some columns, null being a value of its own; one code where there is none."""
    codes = np.zeros(frame.height, dtype=np.int64)
    for column in columns:
        ranks = frame[column].cast(pl.String).fill_null("").rank("dense").to_numpy().astype(np.int64)
        codes = nest(codes, ranks)
    return codes
