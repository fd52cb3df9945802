"""The places and people that every block of patients shares: districts, institutions, doctors, technicians, devices."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.institutions import TEMPLATES, TYPES
from pipelines.sample.medicine import AGE_GROUPS, DEPARTMENT_KEYS, DIAGNOSES, YEARLY_VISITS
from pipelines.sample.moments import Flags, Floats, Ints, cumulative, stream
from pipelines.sample.population import GROUPS, diagnosis_shares, group_shares

WORLD_STREAM = 1
"""Branch of the seed from which the world is drawn; blocks of patients take branch 2."""

PATIENTS_PER_DISTRICT = 20_000
FOCUS_DEPARTMENT = "cardiology"
FOCUS_BELOW_PATIENTS = 5_000
"""Smaller extracts send most out-patients to one large department, so that one peer group can be judged at all."""

FOCUS_DOCTORS = 24
FOCUS_FACTOR = 16.0
"""How much more often than usual patients of a small extract have the large department's illnesses."""

VISITS_PER_DOCTOR = (64, 240)
"""Fewest and most yearly visits to a doctor for which the world is staffed."""

PRACTICE_SD = 0.28
"""σ of log propensity: a coefficient of variation of nearly 0.3 among doctors."""

PRACTICE_LIMITS = (0.5, 1.6)
HEAVY_DOCTORS, HEAVY_RATIO, HEAVY_MOST, HEAVY_PROPENSITY = 8, 1.3, 0.25, 1.1
"""Where one doctor takes the gravest patients: doctors there, how much more these call for, how rare; his own habit."""

OUTLIER_SHARE = 0.02
OUTLIER_CELL_SHARE = 0.03
"""Most outliers among the doctors of one level and department (one at least): more would be normal there."""

OUTLIER_FACTORS = (2.2, 2.5)
OUTLIER_PEERS = 22
OUTLIER_VISITS = 60

TEMPLATE_COUNT = len(TEMPLATES)


@dataclass(frozen=True)
class World:
    """Institutions and staff as arrays; an institution's number is district × templates + template.

    Attributes:
        seed, districts: what it was drawn from; how many districts it has.
        diagnosis_cdf: setting → cumulative diagnosis shares, one row a group.
        place_cdf: setting → cumulative template shares, one row a department.
        first_doctor, doctors: number of the first doctor and how many, by institution and department.
        doctor_place, doctor_department: institution and department of each doctor.
        propensity: factor on the examinations that each doctor orders; 1 = average.
        is_outlier: doctors planted as outliers.
        takes_heavy: doctors to whom their department sends its gravest patients (near misses).
        first_technician: number of the first of two technicians of each institution (laboratory, imaging).
        device: number of the first device, by institution and device type; −1 = none.
        devices: how many of that type.
    """

    seed: int
    districts: int
    diagnosis_cdf: dict[str, Floats]
    place_cdf: dict[str, Floats]
    first_doctor: Ints
    doctors: Ints
    doctor_place: Ints
    doctor_department: Ints
    propensity: Floats
    is_outlier: Flags
    takes_heavy: Flags
    first_technician: Ints
    device: Ints
    devices: Ints

    @property
    def institutions(self) -> int:
        """How many institutions there are."""
        return self.districts * TEMPLATE_COUNT

    @property
    def doctor_count(self) -> int:
        """How many doctors there are; technicians are numbered after them."""
        return int(self.doctor_place.size)


def institution_ids(numbers: Ints) -> pl.Series:
    """Ids of institutions by number, HI0 and up."""
    return "HI" + pl.Series(numbers).cast(pl.String)


def practitioner_ids(numbers: Ints) -> pl.Series:
    """Ids of practitioners by number: doctors first, then technicians."""
    return "D" + pl.Series(numbers).cast(pl.String).str.zfill(5)


def department_codes(numbers: Ints) -> pl.Series:
    """Codes of departments as the hospitals write them."""
    codes = [f"K{place + 1:02d}" for place in range(len(DEPARTMENT_KEYS))]
    return pl.Series(codes).gather(numbers)


def device_ids(numbers: Ints) -> pl.Series:
    """Ids of devices by number."""
    return "V" + pl.Series(numbers).cast(pl.String).str.zfill(4)


def build_world(patients: int, seed: int) -> World:
    """The world for an extract of that many patients."""
    rng = stream(seed, WORLD_STREAM)
    districts = max(1, patients // PATIENTS_PER_DISTRICT)
    is_focused = patients < FOCUS_BELOW_PATIENTS
    shares = {setting: _focused(diagnosis_shares(setting), setting, is_focused) for setting in YEARLY_VISITS}
    places = {setting: _place_shares(setting, is_focused) for setting in YEARLY_VISITS}
    visits = _expected_visits(shares["outpatient"], places["outpatient"], patients / districts)
    per_template = _staff(visits, is_focused)
    doctors = np.tile(per_template, (districts, 1))
    flat = doctors.ravel()
    owner = np.repeat(np.arange(flat.size), flat)
    first = (np.cumsum(flat) - flat).reshape(doctors.shape)
    propensity = np.clip(rng.lognormal(-(PRACTICE_SD**2) / 2, PRACTICE_SD, owner.size), *PRACTICE_LIMITS)
    takes_heavy = _heavy_takers(first, doctors, owner.size)
    yearly = np.tile(visits / np.maximum(per_template, 1), (districts, 1)).ravel()[owner]
    is_outlier = _choose_outliers(rng, owner, yearly, takes_heavy)
    propensity[takes_heavy] = HEAVY_PROPENSITY
    propensity[is_outlier] = rng.uniform(*OUTLIER_FACTORS, int(is_outlier.sum()))
    device, devices = _devices(districts)
    return World(
        seed=seed,
        districts=districts,
        diagnosis_cdf={setting: cumulative(values) for setting, values in shares.items()},
        place_cdf={setting: cumulative(values) for setting, values in places.items()},
        first_doctor=first,
        doctors=doctors,
        doctor_place=owner // len(DEPARTMENT_KEYS),
        doctor_department=owner % len(DEPARTMENT_KEYS),
        propensity=propensity,
        is_outlier=is_outlier,
        takes_heavy=takes_heavy,
        first_technician=owner.size + 2 * np.arange(districts * TEMPLATE_COUNT),
        device=device,
        devices=devices,
    )


def _focused(shares: Floats, setting: str, is_focused: bool) -> Floats:
    if is_focused and setting == "outpatient":
        shares = shares * np.array([FOCUS_FACTOR if d.department == FOCUS_DEPARTMENT else 1.0 for d in DIAGNOSES])
    return shares


def _place_shares(setting: str, is_focused: bool) -> Floats:
    """Pull of each template on the patients of each department; ``is_focused`` favours the first hospital."""
    pull = np.zeros((len(DEPARTMENT_KEYS), TEMPLATE_COUNT))
    for number, template in enumerate(TEMPLATES):
        weight = template.outpatient if setting in ("outpatient", "checkup") else template.inpatient
        for key in template.departments:
            favoured = is_focused and number == 0 and key == FOCUS_DEPARTMENT
            pull[DEPARTMENT_KEYS.index(key), number] = weight * (20 if favoured else 1)
    return pull


def _expected_visits(shares: Floats, places: Floats, patients: float) -> Floats:
    """Expected out-patient visits of a year in each template and department of one district."""
    rate = np.array([YEARLY_VISITS["outpatient"][group // 2] for group in range(GROUPS)])
    mix = np.diff(cumulative(shares), axis=1, prepend=0.0)
    by_diagnosis = (group_shares() * rate * patients) @ mix
    by_department = np.zeros(len(DEPARTMENT_KEYS))
    for count, diagnosis in zip(by_diagnosis, DIAGNOSES, strict=True):
        by_department[DEPARTMENT_KEYS.index(diagnosis.department)] += count
    share = np.divide(places, places.sum(axis=1, keepdims=True), out=np.zeros_like(places), where=places > 0)
    return np.asarray((by_department[:, None] * share).T)


def _staff(visits: Floats, is_focused: bool) -> Ints:
    """Doctors of each template and department: one at least where the department exists."""
    target = float(np.clip(visits.max() / (FOCUS_DOCTORS + 2), *VISITS_PER_DOCTOR))
    exists = np.zeros(visits.shape, dtype=bool)
    for number, template in enumerate(TEMPLATES):
        exists[number, [DEPARTMENT_KEYS.index(key) for key in template.departments]] = True
    staff = np.where(exists, np.maximum(1, np.rint(visits / target)), 0).astype(np.int64)
    if is_focused:
        focus = DEPARTMENT_KEYS.index(FOCUS_DEPARTMENT)
        staff[0, focus] = max(FOCUS_DOCTORS, staff[0, focus])
    return staff


def _heavy_takers(first: Ints, doctors: Ints, count: int) -> Flags:
    """The first doctor of a large department sees its gravest patients, where these call for far more than others."""
    has_graver = np.array([_gravity(key) >= HEAVY_RATIO for key in DEPARTMENT_KEYS])
    takes = np.zeros(count + 1, dtype=bool)
    takes[np.where((doctors >= HEAVY_DOCTORS) & has_graver, first, count)] = True
    return takes[:-1]


def _gravity(department: str) -> float:
    """Examinations at a visit for the department's heavy diagnoses over its others; 0 where these are not the rule."""
    own = [diagnosis for diagnosis in DIAGNOSES if diagnosis.department == department]
    heavy, light = [d for d in own if d.is_heavy], [d for d in own if not d.is_heavy]
    if not heavy or sum(d.outpatient for d in heavy) > HEAVY_MOST * sum(d.outpatient for d in light):
        return 0.0
    wanted = [[sum(d.exams.values()) for d in kind] for kind in (heavy, light)]
    return (sum(wanted[0]) / len(heavy)) / (sum(wanted[1]) / len(light))


def _choose_outliers(rng: np.random.Generator, owner: Ints, yearly: Floats, takes_heavy: Flags) -> Flags:
    """About 2 % of the out-patient doctors who have peers and visits enough, one at least where any qualifies."""
    place, department = owner // len(DEPARTMENT_KEYS), owner % len(DEPARTMENT_KEYS)
    levels = sorted({template.level for template in TEMPLATES})
    level = np.array([levels.index(template.level) for template in TEMPLATES])[place % TEMPLATE_COUNT]
    cell = level * len(DEPARTMENT_KEYS) + department
    peers = np.bincount(cell, minlength=cell.max(initial=0) + 1)[cell]
    eligible = np.flatnonzero((peers >= OUTLIER_PEERS) & (yearly >= OUTLIER_VISITS * 0.8) & ~takes_heavy)
    shuffled = rng.permutation(eligible)
    order = np.argsort(cell[shuffled], kind="stable")
    first = np.searchsorted(cell[shuffled][order], cell[shuffled], side="left")
    turn = np.empty(shuffled.size, dtype=np.int64)
    turn[order] = np.arange(shuffled.size)
    turn -= first
    allowed = shuffled[turn < np.maximum(1, (peers[shuffled] * OUTLIER_CELL_SHARE).astype(np.int64))]
    wanted = max(1, round(OUTLIER_SHARE * eligible.size))
    chosen = np.zeros(owner.size, dtype=bool)
    chosen[allowed[:wanted]] = True
    return chosen


def _devices(districts: int) -> tuple[Ints, Ints]:
    """First device and number of devices of each type, by institution."""
    per_template = np.array([[template.devices.count(kind) for kind in TYPES] for template in TEMPLATES])
    devices = np.tile(per_template, (districts, 1))
    flat = devices.ravel()
    first = np.where(flat > 0, np.cumsum(flat) - flat, -1)
    return first.reshape(devices.shape), devices


def age_group_factor() -> Floats:
    """Factor on examinations by age group: the old are examined more."""
    return np.linspace(0.85, 1.2, len(AGE_GROUPS))
