"""Who has a habit in a district of habits, who only looks alike, and how natural variation is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from pipelines.sample.moments import Floats, Ints, date_text

INSTITUTIONS = 40
"""Hospitals of one level: enough for every judge's peers."""

PLANTED = 2
"""Institutions (or departments, or pairs of doctors) with each habit, and as many that look alike."""

CORRELATION = 0.003
"""Intra-class correlation of institutions' own shares: at a mean of 10 % a standard deviation of 1.6 points."""


@dataclass(frozen=True)
class Strength:
    """How far planted habits stand out.

    Attributes:
        planted: 1 where habits are planted, 0 where nobody has one.
        returns: times as many returns as the mix of cases calls for.
        elsewhere: share of discharges home that are followed by a stay elsewhere.
        plans: share of discharges with a 31-day plan that nothing backs.
        moved: share of stays just beyond a limit that end just before it instead.
        rate: times as many examinations.
        unseen: share of examinations of patients whom the doctor never saw.
        patients_a_day: patients of a doctor on the impossible day.
        studies_a_day: patients on a device on the impossible day.
    """

    planted: int
    returns: float
    elsewhere: float
    plans: float
    moved: float
    rate: float
    unseen: float
    patients_a_day: int
    studies_a_day: int


@dataclass
class Cast:
    """The dice, the strength, and who plays what; filled while the tables are made.

    Attributes:
        rng: one stream for the whole district.
        strength: how far habits stand out.
        planted: detector → subject ids.
        alike: (detector, reason, subject id) of the innocent who look alike.
    """

    rng: np.random.Generator
    strength: Strength
    planted: dict[str, list[str]] = field(default_factory=dict)
    alike: list[tuple[str, str, str]] = field(default_factory=list)

    def take(self, count: int, parts: int, size: int = PLANTED) -> list[Ints]:
        """``parts`` disjoint draws of ``size`` numbers below ``count``."""
        order = self.rng.permutation(count)
        return [np.sort(order[at * size : (at + 1) * size]) for at in range(parts)]

    def plant(self, detector_id: str, numbers: Ints, names: pl.Series) -> Ints:
        """Note those numbers as having the habit; nobody where nothing is planted."""
        if not self.strength.planted:
            return numbers[:0]
        self.planted.setdefault(detector_id, []).extend(names.to_list())
        return numbers

    def excuse(self, detector_id: str, reason: str, names: Iterable[str]) -> None:
        """Note subjects that look alike and are innocent."""
        self.alike += [(detector_id, reason, name) for name in names]

    def shares(self, mean: float, count: int = INSTITUTIONS, correlation: float = CORRELATION) -> Floats:
        """Own shares of ``count`` subjects around a mean."""
        weight = 1 / correlation - 1
        return self.rng.beta(mean * weight, (1 - mean) * weight, count)

    def factors(self, count: int, cv: float) -> Floats:
        """Own factors on a rate, lognormal with mean 1."""
        sd = np.sqrt(np.log(1 + cv**2))
        return self.rng.lognormal(-(sd**2) / 2, sd, count)

    def patients(self, ids: pl.Series) -> pl.DataFrame:
        """Patients of those ids: sex and an adult's date of birth."""
        born = -365 * self.rng.integers(20, 85, ids.len()) - self.rng.integers(0, 365, ids.len())
        sex = pl.Series(["F", "M"]).gather(self.rng.integers(0, 2, ids.len()))
        return pl.DataFrame({"patient_id": ids, "sex": sex, "birth_date": date_text(born)})


def institution_names(numbers: Ints) -> pl.Series:
    """Ids of the district's hospitals."""
    return "HJ" + pl.Series(numbers).cast(pl.String).str.zfill(2)
