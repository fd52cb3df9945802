"""Patients of one block: age, sex, insurance, home district and the illness that stays with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.medicine import AGE_GROUPS, DIAGNOSES
from pipelines.sample.moments import Flags, Floats, Ints, blank, cumulative, date_text, pick

GROUPS = len(AGE_GROUPS) * 2
"""Age groups times sexes; group number = age group × 2 + (1 for women)."""

_INSURANCE = ("310", "390", "999")


@dataclass(frozen=True)
class People:
    """Patients of one block as parallel arrays.

    Attributes:
        number: 1-based number in the whole extract, shuffled, so that it tells nothing about the patient.
        district: home district.
        group: age group × 2 + is_female.
        birth_day: days from 2025-01-01, negative.
        insurance: index into the schemes; 2 = pays all himself.
        chronic: index into DIAGNOSES of a lasting illness, −1 = none.
        is_sex_unknown, is_birth_unknown: what the register lacks.
    """

    number: Ints
    district: Ints
    group: Ints
    birth_day: Ints
    insurance: Ints
    chronic: Ints
    is_sex_unknown: Flags
    is_birth_unknown: Flags

    @property
    def ids(self) -> pl.Series:
        """Patient ids, P0000001 and up."""
        return patient_ids(self.number)


def patient_ids(numbers: Ints) -> pl.Series:
    """Ids of patients by number."""
    return "P" + pl.Series(numbers).cast(pl.String).str.zfill(7)


def _middle_year(group: int) -> float:
    low, high, _ = AGE_GROUPS[group // 2]
    return (low + high) / 2


def diagnosis_shares(setting: str) -> Floats:
    """Frequency of each diagnosis in a setting, one row a group; zero where age or sex forbids it."""
    shares = np.zeros((GROUPS, len(DIAGNOSES)))
    for group in range(GROUPS):
        sex = "F" if group % 2 else "M"
        for place, diagnosis in enumerate(DIAGNOSES):
            fits = diagnosis.ages[0] <= _middle_year(group) <= diagnosis.ages[1] and diagnosis.sex in ("", sex)
            shares[group, place] = fits * _frequency(place, setting)
    return shares


def _frequency(place: int, setting: str) -> float:
    diagnosis = DIAGNOSES[place]
    if setting == "checkup":
        return float(diagnosis.department == "checkup")
    if setting == "day_case":
        return diagnosis.inpatient * (diagnosis.department in ("oncology", "surgery", "gastroenterology"))
    if setting == "inpatient":
        return diagnosis.inpatient * (diagnosis.department not in ("emergency", "general_practice", "checkup"))
    return diagnosis.emergency if setting == "emergency" else diagnosis.outpatient


def group_shares() -> Floats:
    """Share of the population in each group."""
    return np.array([AGE_GROUPS[group // 2][2] / 2 for group in range(GROUPS)])


def draw_people(rng: np.random.Generator, first_number: int, count: int, districts: int) -> People:
    """Patients ``first_number`` … ``first_number + count − 1``."""
    group = pick(rng, cumulative(group_shares()), size=count)
    low = np.array([bounds[0] for bounds in AGE_GROUPS])[group // 2]
    high = np.array([bounds[1] for bounds in AGE_GROUPS])[group // 2]
    age_days = ((low + rng.random(count) * (high + 1 - low)) * 365.25).astype(np.int64)
    lasting = diagnosis_shares("outpatient") * np.array([diagnosis.is_chronic for diagnosis in DIAGNOSES])
    chronic = pick(rng, cumulative(lasting), rows=group)
    has_chronic = (rng.random(count) < 0.12 * (group // 2)) & (lasting.sum(axis=1)[group] > 0)
    return People(
        number=first_number + rng.permutation(count),
        district=rng.integers(0, districts, count),
        group=group,
        birth_day=-age_days,
        insurance=pick(rng, cumulative(np.array([0.45, 0.5, 0.05])), size=count),
        chronic=np.where(has_chronic, chronic, -1),
        is_sex_unknown=rng.random(count) < 0.004,
        is_birth_unknown=rng.random(count) < 0.006,
    )


def patient_table(people: People, death_day: Ints) -> pl.DataFrame:
    """Canonical patient rows; ``death_day`` is −1 for the living."""
    sex = np.where(people.is_sex_unknown, "U", np.where(people.group % 2 == 1, "F", "M"))
    return pl.DataFrame(
        {
            "patient_id": people.ids,
            "sex": pl.Series(sex),
            "birth_date": blank(date_text(people.birth_day), people.is_birth_unknown),
            "died_on": blank(date_text(np.maximum(death_day, 0)), death_day < 0),
            "insurance_type": pl.Series(_INSURANCE).gather(people.insurance),
            "region_code": pl.Series(
                [f"99{1 + code:04d}" for code in range(int(people.district.max(initial=0)) + 1)]
            ).gather(people.district),
        }
    ).sort("patient_id")
