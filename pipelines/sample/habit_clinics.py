"""Clinics of a district of habits: departments, change points, orders for strangers, days that hold too much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.sample.habit_people import INSTITUTIONS, PLANTED, Cast, institution_names
from pipelines.sample.moments import DAY, HOUR, YEAR_DAYS, Flags, Floats, Ints, draw_minutes, moment_text

DEPARTMENT, TREND, UNSEEN, IMPOSSIBLE = (
    "ordering.outlier_department",
    "ordering.trend_break",
    "ordering.without_encounter",
    "ordering.impossible_day",
)
CLINICS = (DEPARTMENT, TREND, UNSEEN, IMPOSSIBLE)
"""Detectors whose habits are in the clinics."""

DEPARTMENTS = (
    ("K01", "03.01"),
    ("K11", "03.02"),
    ("K12", "03.03"),
    ("K13", "03.04"),
    ("K14", "03.05"),
    ("K15", "03.07"),
)
"""Department codes and their national codes: wards, then one department for each story below."""

DAYS_BY_MONTH = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
GRAVE, SLIGHT = "C34.1", "J06.9"
OVER_A_DEVICE = 288
"""Patients of a CT in 24 hours at five minutes each: a full day, not beyond it."""

FULL_DAY = 150
"""Patients of a doctor in a day: the most that the rule lets pass."""


@dataclass
class Visits:
    """Visits of one story; arrays of one length, ids of doctors as text."""

    department: str
    place: Ints
    minute: Ints
    attending: pl.Series
    ordering: pl.Series
    count: Ints
    is_grave: Flags
    patient: Ints
    item: Ints
    device: pl.Series | None = None


@dataclass(frozen=True)
class Clinics:
    """Tables of patients, visits and orders; departments; devices."""

    tables: dict[str, pl.DataFrame]
    departments: tuple[tuple[str, str], ...]
    devices: pl.DataFrame


def clinic_tables(cast: Cast, items: tuple[str, ...]) -> Clinics:
    """Everything that happens in the clinics; ``items`` are of different families."""
    impossible, devices = _impossible_days(cast)
    stories = [_departments(cast), _trends(cast), _guideline(cast), _strangers(cast), *impossible]
    parts = [_tables(number, story, items) for number, story in enumerate(stories)]
    encounters, orders = (pl.concat([part[at] for part in parts]) for at in (0, 1))
    patients = cast.patients(encounters["patient_id"].unique(maintain_order=True))
    return Clinics({"patient": patients, "encounter": encounters, "exam_order": orders}, DEPARTMENTS, devices)


def _tables(number: int, story: Visits, items: tuple[str, ...]) -> tuple[pl.DataFrame, pl.DataFrame]:
    visits = pl.DataFrame(
        {
            "encounter_id": _ids(f"EL{number}", story.place.size),
            "patient_id": f"PL{number}" + pl.Series(story.patient).cast(pl.String).str.zfill(6),
            "institution_id": institution_names(story.place),
            "attending_id": story.attending,
            "started_at": moment_text(story.minute),
            "main_diagnosis_code": pl.Series([SLIGHT, GRAVE]).gather(story.is_grave.astype(np.int64)),
        }
    ).with_columns(
        department_code=pl.lit(story.department), encounter_type=pl.lit("outpatient"), payer=pl.lit("insured")
    )
    row = np.repeat(np.arange(story.place.size), story.count)
    nth = np.arange(row.size) - np.repeat(np.cumsum(story.count) - story.count, story.count)
    item = np.where(story.item[row] >= 0, story.item[row], (row + nth) % (len(items) - 1))
    orders = visits.select("encounter_id", "patient_id", "institution_id")[row].with_columns(
        _ids(f"OL{number}", row.size).alias("order_id"),
        pl.Series("item_code", items).gather(item),
        story.ordering.gather(row).alias("ordering_practitioner_id"),
        moment_text(story.minute[row] + 10).alias("ordered_at"),
        moment_text(story.minute[row] + 30 + 5 * nth).alias("performed_at"),
        (
            story.device.gather(row)
            if story.device is not None
            else pl.Series([None], dtype=pl.String).new_from_index(0, row.size)
        ).alias("device_id"),
    )
    told = orders.with_columns(
        ordering_department_code=pl.lit(story.department),
        performing_institution_id=pl.col("institution_id"),
        status=pl.lit("performed"),
    )
    return visits, told


def _ids(prefix: str, count: int) -> pl.Series:
    return prefix + pl.Series(np.arange(count)).cast(pl.String).str.zfill(6)


def _doctors(story: str, numbers: Ints) -> pl.Series:
    return f"DJ{story}" + pl.Series(numbers).cast(pl.String).str.zfill(3)


def _clinic_minutes(cast: Cast, count: int) -> Ints:
    return draw_minutes(cast.rng, np.zeros(count, dtype=np.int64), is_clinic=True)


def _departments(cast: Cast) -> Visits:
    """Two doctors a department; where planted both examine more, the look-alikes have graver patients."""
    rng = cast.rng
    planted, alike = cast.take(INSTITUTIONS, 2)
    department = DEPARTMENTS[1][0]
    planted = cast.plant(DEPARTMENT, planted, institution_names(planted) + f"|{department}")
    cast.excuse(DEPARTMENT, "graver_patients", institution_names(alike) + f"|{department}")
    doctor = np.repeat(np.arange(2 * INSTITUTIONS), rng.integers(120, 200, 2 * INSTITUTIONS))
    place = doctor // 2
    share = rng.beta(4, 8, INSTITUTIONS)
    share[alike] = 0.85
    own = cast.factors(INSTITUTIONS, 0.2)
    own[planted] *= cast.strength.rate
    is_grave = rng.random(place.size) < share[place]
    count = rng.poisson(np.where(is_grave, 1.6, 0.5) * own[place])
    who = _doctors("A", doctor)
    return _visits(cast, department, place, who, count, is_grave)


def _visits(
    cast: Cast, department: str, place: Ints, who: pl.Series, count: Ints, is_grave: Flags | None = None
) -> Visits:
    """Visits to the doctor who orders, each of a patient of his own."""
    size = place.size
    minute = _clinic_minutes(cast, size)
    grave = np.zeros(size, dtype=np.bool_) if is_grave is None else is_grave
    return Visits(department, place, minute, who, who, count, grave, np.arange(size), np.full(size, -1))


def _month(minute: Ints) -> Ints:
    return np.searchsorted(DAYS_BY_MONTH, minute // DAY, side="right")


def _trends(cast: Cast) -> Visits:
    """Three doctors a department; the planted rise from a month on, look-alikes by one patient or one item."""
    rng, doctors = cast.rng, 3 * INSTITUTIONS
    planted, one_patient, one_item = cast.take(doctors, 3, 2 * PLANTED)
    planted = cast.plant(TREND, planted, _doctors("B", planted))
    cast.excuse(TREND, "one_patient", _doctors("B", one_patient))
    cast.excuse(TREND, "one_item", _doctors("B", one_item))
    doctor = np.repeat(np.arange(doctors), 240)
    visits = _visits(cast, DEPARTMENTS[2][0], doctor // 3, _doctors("B", doctor), doctor)
    month = _month(visits.minute)
    changes = rng.integers(5, 9, doctors)
    rises = np.where(np.isin(doctor, planted) & (month >= changes[doctor]), cast.strength.rate, 1.0)
    restless = cast.factors(doctors * 13, 0.1)[doctor * 13 + month]
    visits.count = rng.poisson(0.8 * cast.factors(doctors, 0.3)[doctor] * restless * rises)
    more = [_extra(cast, visits, doctor, one_patient, False), _extra(cast, visits, doctor, one_item, True)]
    return _joined([visits, *more])


def _extra(cast: Cast, visits: Visits, doctor: Ints, chosen: Ints, is_one_item: bool) -> Visits:
    """From July on: one patient with eleven examinations at each of twelve visits; or one more item at every visit."""
    if is_one_item:
        rows = np.flatnonzero(np.isin(doctor, chosen) & (_month(visits.minute) >= 7))
        count, item = np.full(rows.size, 1), np.full(rows.size, 11)
        minute, patient = visits.minute[rows] + 120, visits.patient[rows]
    else:
        rows = np.flatnonzero(np.isin(doctor, chosen))[:: 240 // 12]
        count, item = np.full(rows.size, 11), np.full(rows.size, -1)
        minute = (182 + cast.rng.integers(0, 180, rows.size)) * DAY + 9 * HOUR
        patient = 900_000 + doctor[rows]
    who = visits.attending.gather(rows)
    grave = np.zeros(rows.size, dtype=np.bool_)
    return Visits(visits.department, visits.place[rows], minute, who, who, count, grave, patient, item)


def _joined(parts: list[Visits]) -> Visits:
    """The visits of one story, one part after another."""

    def of(name: str) -> Ints:
        return np.concatenate([getattr(part, name) for part in parts])

    attending, ordering = (pl.concat([getattr(part, name) for part in parts]) for name in ("attending", "ordering"))
    numbers = of("place"), of("minute"), attending, ordering, of("count")
    return Visits(parts[0].department, *numbers, of("is_grave").astype(np.bool_), of("patient"), of("item"))


def _guideline(cast: Cast) -> Visits:
    """A doctor of one department in every hospital: all of them examine twice as much from July on."""
    doctor = np.repeat(np.arange(INSTITUTIONS), 200)
    visits = _visits(cast, DEPARTMENTS[3][0], doctor, _doctors("C", doctor), doctor)
    rises = np.where(_month(visits.minute) >= 7, 2.0, 1.0)
    visits.count = cast.rng.poisson(0.8 * cast.factors(INSTITUTIONS, 0.3)[doctor] * rises)
    return visits


def _strangers(cast: Cast) -> Visits:
    """Two doctors in each hospital and a head; an order without a visit stands on a visit to the head.

    The look-alikes' patients came to them a month before.
    """
    rng, doctors = cast.rng, 2 * INSTITUTIONS
    planted, alike = cast.take(doctors, 2, 2 * PLANTED)
    planted = cast.plant(UNSEEN, planted, _doctors("D", planted))
    cast.excuse(UNSEEN, "seen_a_month_before", _doctors("D", alike))
    doctor = np.repeat(np.arange(doctors), rng.integers(150, 260, doctors))
    share: Floats = cast.shares(0.05, doctors, 0.02)
    share[planted] = cast.strength.unseen
    is_alike = np.isin(doctor, alike) & (rng.random(doctor.size) < 0.4)
    is_unseen = is_alike | (rng.random(doctor.size) < share[doctor])
    own = _visits(cast, DEPARTMENTS[4][0], doctor // 2, _doctors("D", doctor), np.ones(doctor.size, dtype=np.int64))
    own.attending = own.ordering.zip_with(pl.Series(~is_unseen), _doctors("DH", doctor // 2))
    rows = np.flatnonzero(is_alike & (own.minute >= 45 * DAY))
    seen_before = own.ordering.gather(rows)
    earlier = Visits(
        own.department, own.place[rows], own.minute[rows] - 30 * DAY, seen_before, seen_before,
        np.zeros(rows.size, dtype=np.int64), own.is_grave[rows], own.patient[rows], own.item[rows],
    )  # fmt: skip
    return _joined([own, earlier])


def _impossible_days(cast: Cast) -> tuple[list[Visits], pl.DataFrame]:
    """Doctors and devices with one day that holds too much, and as many with a day just full."""
    strength = cast.strength
    planted, full = cast.take(INSTITUTIONS, 2)
    doctors, devices = _doctors("E", np.arange(INSTITUTIONS)), "VJ" + pl.Series(np.arange(INSTITUTIONS)).cast(pl.String)
    over = cast.plant(IMPOSSIBLE, planted, pl.concat([doctors.gather(planted), devices.gather(planted)]))
    cast.excuse(IMPOSSIBLE, "a_full_day", pl.concat([doctors.gather(full), devices.gather(full)]).to_list())
    by_doctor = _one_day(cast, over, full, (strength.patients_a_day, FULL_DAY), doctors, None)
    by_device = _one_day(cast, over, full, (strength.studies_a_day, OVER_A_DEVICE), None, devices)
    register = pl.DataFrame({"device_id": devices, "institution_id": institution_names(np.arange(INSTITUTIONS))})
    return [by_doctor, by_device], register.with_columns(device_type=pl.lit("CT"))


def _one_day(
    cast: Cast, over: Ints, full: Ints, sizes: tuple[int, int], doctors: pl.Series | None, devices: pl.Series | None
) -> Visits:
    place = np.concatenate([np.repeat(over, sizes[0]), np.repeat(full, sizes[1])])
    day = cast.rng.integers(100, YEAR_DAYS - 60, INSTITUTIONS)[place]
    minute = day * DAY + 8 * HOUR + cast.rng.integers(0, 10 * HOUR, place.size)
    nobody = pl.Series([None], dtype=pl.String).new_from_index(0, place.size)
    who = nobody if doctors is None else doctors.gather(place)
    return Visits(
        DEPARTMENTS[5][0], place, minute, who, who, np.ones(place.size, dtype=np.int64),
        np.zeros(place.size, dtype=np.bool_), np.arange(place.size), np.full(place.size, -1),
        None if devices is None else devices.gather(place),
    )  # fmt: skip
