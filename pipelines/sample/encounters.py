"""Background encounters of one block: who goes where, when, with what, and to which doctor."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.medicine import DEPARTMENT_KEYS, DIAGNOSES, YEARLY_VISITS
from pipelines.sample.moments import DAY, HOUR, SEASONS, YEAR_DAYS, YEAR_END, Flags, Ints, draw_minutes, pick
from pipelines.sample.population import People
from pipelines.sample.world import TEMPLATE_COUNT, World

ENCOUNTER_TYPES = ("outpatient", "chronic_outpatient", "emergency", "observation", "day_case", "checkup", "inpatient")
"""Types in the order of the generator's numbers."""

OUTPATIENT, CHRONIC, EMERGENCY, OBSERVATION, DAY_CASE, CHECKUP, INPATIENT = range(7)
DISPOSITIONS = ("home", "transfer", "community", "against_advice", "died", "other")
HOME, TRANSFER, COMMUNITY, AGAINST_ADVICE, DIED, OTHER = range(6)

STAY_GAP = 45 * DAY
"""Least time between two ordinary stays of a patient: beyond every readmission window."""

_CHRONIC_SHARE = 0.6
_ABROAD_SHARE = 0.04
_HEAVY_SHARE = 0.5
_SEASON = np.array([SEASONS.index(diagnosis.season) for diagnosis in DIAGNOSES])
_DEPARTMENT = np.array([DEPARTMENT_KEYS.index(diagnosis.department) for diagnosis in DIAGNOSES])
_HEAVY = np.array([diagnosis.is_heavy for diagnosis in DIAGNOSES])
_STAY_DAYS = np.array([diagnosis.stay_days for diagnosis in DIAGNOSES])

PAYERS = ("insured", "self_paid")
INSURED, SELF_PAID = range(2)

ENCOUNTER_SCHEMA = {
    "key": pl.Int64,
    "patient": pl.Int64,
    "place": pl.Int64,
    "department": pl.Int64,
    "type": pl.Int64,
    "diagnosis": pl.String,
    "diagnosis_name": pl.String,
    "illness": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "doctor": pl.Int64,
    "disposition": pl.Int64,
    "case": pl.Int64,
    "is_interim": pl.Boolean,
    "transfer_from": pl.Int64,
    "plan": pl.Boolean,
    "plan_purpose": pl.String,
    "is_bare": pl.Boolean,
    "is_planted": pl.Boolean,
    "is_untreated": pl.Boolean,
    "payer": pl.Int64,
}
"""Encounters while they are made: numbers, not ids; ``key`` is unique in the block, ``patient`` counts from 0 in it.

``illness`` is an index into DIAGNOSES or −1; ``case`` groups settled parts of one stay; ``transfer_from`` is a key;
``payer`` an index into PAYERS, −1 = as the patient's scheme says.
"""


def draw_encounters(rng: np.random.Generator, world: World, people: People) -> pl.DataFrame:
    """All background encounters of the block, unclean: stays may still touch, visits may fall into stays."""
    parts = [_draw(rng, world, people, setting) for setting in YEARLY_VISITS]
    frame = pl.concat(parts).with_columns(pl.int_range(pl.len()).alias("key"))
    return _with_interim_claims(rng, frame.with_columns(pl.col("key").alias("case"))).select(ENCOUNTER_SCHEMA.keys())


def _draw(rng: np.random.Generator, world: World, people: People, setting: str) -> pl.DataFrame:
    rate = np.array(YEARLY_VISITS[setting])[people.group // 2]
    patient = np.repeat(np.arange(people.group.size), rng.poisson(rate))
    illness = pick(rng, world.diagnosis_cdf[setting], rows=people.group[patient])
    if setting == "outpatient":
        lasting = people.chronic[patient]
        illness = np.where((lasting >= 0) & (rng.random(patient.size) < _CHRONIC_SHARE), lasting, illness)
    department = _DEPARTMENT[illness]
    district = people.district[patient]
    goes_abroad = rng.random(patient.size) < _ABROAD_SHARE
    district = np.where(goes_abroad, rng.integers(0, world.districts, patient.size), district)
    if setting == "emergency":
        department = np.full(patient.size, DEPARTMENT_KEYS.index("emergency"))
    place = district * TEMPLATE_COUNT + pick(rng, world.place_cdf[setting], rows=department)
    start = draw_minutes(rng, _SEASON[illness], is_clinic=setting not in ("emergency", "inpatient"))
    return _frame(rng, world, setting, patient, illness, department, place, start)


def _frame(
    rng: np.random.Generator,
    world: World,
    setting: str,
    patient: Ints,
    illness: Ints,
    department: Ints,
    place: Ints,
    start: Ints,
) -> pl.DataFrame:
    kind = _types(rng, setting, illness)
    end = start + _minutes_spent(rng, kind, illness)
    names = pl.Series([diagnosis.name for diagnosis in DIAGNOSES])
    codes = pl.Series([diagnosis.code for diagnosis in DIAGNOSES])
    is_stay = kind == INPATIENT
    leaves = np.where(is_stay, pick(rng, np.cumsum([0.9, 0.0, 0.03, 0.03, 0.025, 0.015]), size=patient.size), HOME)
    return pl.DataFrame(
        {
            "key": np.zeros(patient.size, dtype=np.int64),
            "patient": patient,
            "place": place,
            "department": department,
            "type": kind,
            "diagnosis": codes.gather(illness),
            "diagnosis_name": names.gather(illness),
            "illness": illness,
            "start": start,
            "end": end,
            "doctor": choose_doctors(rng, world, place, department, _HEAVY[illness]),
            "disposition": leaves,
            "case": np.zeros(patient.size, dtype=np.int64),
            "is_interim": np.zeros(patient.size, dtype=bool),
            "transfer_from": np.full(patient.size, -1),
            "plan": np.zeros(patient.size, dtype=bool),
            "plan_purpose": pl.Series([None], dtype=pl.String).new_from_index(0, patient.size),
            "is_bare": is_stay & (rng.random(patient.size) < 0.03),
            "is_planted": np.zeros(patient.size, dtype=bool),
            "is_untreated": np.zeros(patient.size, dtype=bool),
            "payer": np.full(patient.size, -1),
        },
        schema=ENCOUNTER_SCHEMA,
    )


def _types(rng: np.random.Generator, setting: str, illness: Ints) -> Ints:
    draw = rng.random(illness.size)
    is_lasting = np.array([diagnosis.is_chronic for diagnosis in DIAGNOSES])[illness]
    if setting == "outpatient":
        return np.where(is_lasting & (draw < 0.15), CHRONIC, OUTPATIENT)
    if setting == "emergency":
        return np.where(draw < 0.15, OBSERVATION, EMERGENCY)
    return np.full(illness.size, ENCOUNTER_TYPES.index(setting))


def _minutes_spent(rng: np.random.Generator, kind: Ints, illness: Ints) -> Ints:
    visit = rng.integers(15, 4 * HOUR, kind.size)
    days = np.maximum(1, np.rint(rng.gamma(4.0, _STAY_DAYS[illness] / 4.0)))
    stay = (days * DAY).astype(np.int64) - rng.integers(0, 6 * HOUR, kind.size)
    watched = rng.integers(4 * HOUR, 30 * HOUR, kind.size)
    return np.select([kind == INPATIENT, kind == OBSERVATION], [stay, watched], visit).astype(np.int64)


def choose_doctors(rng: np.random.Generator, world: World, place: Ints, department: Ints, is_heavy: Flags) -> Ints:
    """A doctor of that institution and department; half of the gravest patients go to the one who takes them."""
    first, count = world.first_doctor[place, department], world.doctors[place, department]
    doctor = first + (rng.random(place.size) * count).astype(np.int64)
    sent = is_heavy & world.takes_heavy[first] & (rng.random(place.size) < _HEAVY_SHARE)
    return np.asarray(np.where(sent, first, doctor), dtype=np.int64)


def _with_interim_claims(rng: np.random.Generator, frame: pl.DataFrame) -> pl.DataFrame:
    """Settle some long stays in two parts that share their case number; the second part ends the stay."""
    length = (frame["end"] - frame["start"]).to_numpy()
    split = (frame["type"].to_numpy() == INPATIENT) & (length > 14 * DAY) & (rng.random(frame.height) < 0.5)
    split &= frame["end"].to_numpy() < YEAR_END
    cut = (frame["start"].to_numpy() // DAY + (length // DAY) // 2) * DAY
    rest = frame.filter(pl.Series(split)).with_columns(
        pl.Series(cut[split]).alias("start"), (pl.col("key") + frame.height).alias("key")
    )
    first = frame.with_columns(
        pl.when(pl.Series(split)).then(pl.Series(cut)).otherwise(pl.col("end")).alias("end"),
        pl.Series(split).alias("is_interim"),
        pl.when(pl.Series(split)).then(OTHER).otherwise(pl.col("disposition")).alias("disposition"),
    )
    return pl.concat([first, rest.with_columns(is_bare=pl.lit(value=False))])


def keep_apart(frame: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Drop what must not be there: stays too close to another, visits during a stay, anything near a planted case.

    Args:
        frame: background encounters (``ENCOUNTER_SCHEMA``).
        spans: planted cases: patient, start, end; nothing of the background may stand between.

    Returns:
        The encounters that remain, in the order they came in.
    """
    frame = _outside(frame, spans)
    frame = _outside(frame, _deaths(frame))
    stays = (
        frame.filter(pl.col("type") == INPATIENT)
        .group_by("patient", "case")
        .agg(pl.col("start").min(), pl.col("end").max())
        .sort("patient", "start", "case")
        .with_columns(pl.col("end").cum_max().shift(1).over("patient").alias("before"))
    )
    good = stays.filter(pl.col("before").is_null() | (pl.col("start") - pl.col("before") > STAY_GAP))
    kept = frame.filter((pl.col("type") != INPATIENT) | pl.col("case").is_in(good["case"].implode()))
    visits = kept.filter(pl.col("type") != INPATIENT)
    visits = _outside(visits, good.select("patient", pl.col("start") - DAY, pl.col("end") + DAY))
    return pl.concat([visits, kept.filter(pl.col("type") == INPATIENT)]).sort("key")


def _deaths(frame: pl.DataFrame) -> pl.DataFrame:
    """From each patient's first death on, for ever."""
    return (
        frame.filter(pl.col("disposition") == DIED)
        .group_by("patient")
        .agg((pl.col("end").min() + 1).alias("start"))
        .with_columns(end=pl.lit(10 * YEAR_DAYS * DAY, dtype=pl.Int64))
    )


def _outside(frame: pl.DataFrame, spans: pl.DataFrame) -> pl.DataFrame:
    """Encounters that touch no span of their patient; spans of one patient do not overlap each other."""
    if spans.is_empty():
        return frame
    ordered = spans.select("patient", "start", "end").sort("patient", "start")
    width = np.int64(1) << 26
    keys = ordered["patient"].to_numpy() * width + ordered["start"].to_numpy() + width // 2
    patient = frame["patient"].to_numpy()
    place = np.searchsorted(keys, patient * width + frame["end"].to_numpy() + width // 2, side="right") - 1
    safe = np.maximum(place, 0)
    same = (place >= 0) & (ordered["patient"].to_numpy()[safe] == patient)
    touches = same & (ordered["end"].to_numpy()[safe] >= frame["start"].to_numpy())
    return frame.filter(pl.Series(~touches))
