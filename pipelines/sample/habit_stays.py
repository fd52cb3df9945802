"""Stays of a district of habits: returns, stays elsewhere, plans, and lengths and costs just under a limit."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.sample.habit_people import INSTITUTIONS, Cast, institution_names
from pipelines.sample.identities import money
from pipelines.sample.moments import DAY, HOUR, Flags, Floats, Ints, blank, cumulative, moment_text, pick

RATE, ELSEWHERE, PLANS, PILING = (
    "readmission.institution_rate",
    "readmission.pushed_out",
    "readmission.plan_flags",
    "readmission.los_piling",
)
STAYS = (RATE, ELSEWHERE, PLANS, PILING)
"""Detectors whose habits are in the stays."""

ILLNESSES = (("C34.1", 0.18), ("I25.1", 0.10), ("J44.1", 0.14), ("K29.5", 0.05), ("M51.2", 0.03))
"""Main diagnoses and the share of their discharges that come back within a fortnight."""

GROUPS = {"QA11": 6000.0, "QA13": 10_000.0, "QA15": 15_000.0}
"""Groups of cases and their payment standards, as in the pack ``sample``."""

LIMIT_DAYS = 15
LAST_DISCHARGE = 340
"""Latest day of a first discharge, so that what follows it lies within the year."""

ENDINGS = ("home", "against_advice", "died", "transfer")
_ENDING_SHARES = np.array([0.88, 0.06, 0.03, 0.03])
TREATMENT = "化疗"


def stay_tables(cast: Cast) -> dict[str, pl.DataFrame]:
    """Patients and their stays: a first one each, and a second one for some."""
    roles = _roles(cast)
    first = _first_stays(cast, roles)
    second = _second_stays(cast, first)
    stays = pl.concat([first.select(second.columns), second]).with_row_index("row")
    place, start, end = (stays[name].to_numpy() for name in ("place", "start", "end"))
    is_second = stays["after"].to_numpy() >= 0
    patients = "PJ" + pl.Series(np.arange(first.height)).cast(pl.String).str.zfill(7)
    has_transfer, has_purpose = stays["by_transfer"].to_numpy(), stays["is_backed"].to_numpy()
    purpose = pl.Series([TREATMENT]).new_from_index(0, stays.height)
    ids = pl.Series(["EJ", "EK"]).gather(is_second.astype(np.int64)) + stays["row"].cast(pl.String).str.zfill(7)
    encounters = pl.DataFrame(
        {
            "encounter_id": ids,
            "patient_id": patients.gather(np.where(is_second, stays["after"].to_numpy(), stays["row"].to_numpy())),
            "institution_id": institution_names(place),
            "started_at": moment_text(start),
            "ended_at": moment_text(end),
            "discharge_disposition": pl.Series(ENDINGS).gather(stays["ending"]),
            "transfer_from_encounter_id": blank(ids.gather(np.maximum(stays["after"], 0)), ~has_transfer),
            "main_diagnosis_code": pl.Series([code for code, _ in ILLNESSES]).gather(stays["illness"]),
            "readmission_plan_31d": stays["plan"].cast(pl.Int8),
            "readmission_plan_purpose": blank(purpose, ~has_purpose),
            "drg_code": pl.Series(list(GROUPS)).gather(stays["group"]),
            "total_amount": money(stays["fen"].to_numpy()),
            "fund_amount": money(stays["fen"].to_numpy() * 6 // 10),
        }
    )
    same = {"encounter_type": "inpatient", "department_code": "K01", "payer": "insured"}
    told = encounters.with_columns(pl.lit(value).alias(name) for name, value in same.items())
    return {"patient": cast.patients(patients), "encounter": told}


Roles = dict[str, tuple[Ints, Ints]]
"""Habit → institutions that have it, and institutions that look alike."""


def _roles(cast: Cast) -> Roles:
    """Every institution has one role at most."""
    habits = {"returns": RATE, "elsewhere": ELSEWHERE, "plans": PLANS, "days": PILING, "payment": PILING}
    reasons = {
        "returns": "returns_are_planned",
        "elsewhere": "transfers_are_on_record",
        "plans": "plans_have_a_purpose",
        "days": "long_stays_without_a_heap",
        "payment": "costly_cases_without_a_heap",
    }
    draws = cast.take(INSTITUTIONS, 2 * len(habits))
    made: Roles = {}
    for at, (habit, detector_id) in enumerate(habits.items()):
        planted, alike = draws[2 * at], draws[2 * at + 1]
        cast.excuse(detector_id, reasons[habit], institution_names(alike))
        made[habit] = (cast.plant(detector_id, planted, institution_names(planted)), alike)
    return made


def _first_stays(cast: Cast, roles: Roles) -> pl.DataFrame:
    rng, strength = cast.rng, cast.strength
    place = np.repeat(np.arange(INSTITUTIONS), rng.integers(500, 900, INSTITUTIONS))
    count = place.size
    illness = pick(rng, cumulative(rng.dirichlet(np.full(len(ILLNESSES), 2.0), INSTITUTIONS)), place)
    days = _lengths(cast, place, roles)
    start_day = np.minimum(rng.integers(0, LAST_DISCHARGE, count), LAST_DISCHARGE - days)
    ending = pick(rng, np.cumsum(_ENDING_SHARES), size=count)
    is_home = ending <= 1
    plans = cast.shares(0.02)
    plans[roles["plans"][0]] = strength.plans
    is_backed = np.isin(place, roles["plans"][1]) & (rng.random(count) < 0.2)
    own = cast.shares(0.1) / 0.1
    own[roles["returns"][0]] *= strength.returns
    base = np.array([share for _, share in ILLNESSES])
    is_back = is_home & (rng.random(count) < np.minimum(base[illness] * own[place], 0.9))
    is_treated = is_home & np.isin(place, roles["returns"][1]) & (rng.random(count) < 0.25)
    gone = cast.shares(0.01)
    gone[roles["elsewhere"][0]] = strength.elsewhere
    is_gone = is_home & (rng.random(count) < gone[place])
    by_transfer = is_home & np.isin(place, roles["elsewhere"][1]) & (rng.random(count) < 0.1)
    group = rng.integers(0, len(GROUPS), count)
    return pl.DataFrame(
        {
            "place": place, "illness": illness, "start": start_day * DAY + 10 * HOUR,
            "end": (start_day + days) * DAY + 9 * HOUR, "ending": ending,
            "plan": is_treated | is_backed | (rng.random(count) < plans[place]), "is_backed": is_backed | is_treated,
            "group": group, "fen": _costs(cast, place, roles, group), "by_transfer": np.zeros(count, dtype=np.bool_),
            "after": np.full(count, -1), "is_back": is_back | is_treated,
            "is_gone": (is_gone | by_transfer) & ~is_back & ~is_treated, "goes_by_transfer": by_transfer,
        }
    )  # fmt: skip


def _lengths(cast: Cast, place: Ints, roles: Roles) -> Ints:
    """Days of each stay; where planted, stays that would end just beyond the limit end on its last two days."""
    rng = cast.rng
    mean = np.where(np.isin(place, roles["days"][1]), 13.0, 9.0)
    days = np.minimum(2 + rng.exponential(mean).astype(np.int64), 45)
    is_late = (days > LIMIT_DAYS) & (days <= LIMIT_DAYS + 5)
    is_moved = is_late & np.isin(place, roles["days"][0]) & (rng.random(place.size) < cast.strength.moved)
    return np.where(is_moved, LIMIT_DAYS - rng.integers(0, 2, place.size), days)


def _costs(cast: Cast, place: Ints, roles: Roles, group: Ints) -> Ints:
    """Fen of each stay; where planted, cases that would cost a little more than they are paid cost a little less."""
    rng = cast.rng
    centre = np.where(np.isin(place, roles["payment"][1]), 0.1, -0.1)
    share: Floats = np.exp(rng.normal(centre, 0.4))
    is_over: Flags = (share > 1.0) & (share <= 1.25)
    is_moved = is_over & np.isin(place, roles["payment"][0]) & (rng.random(place.size) < cast.strength.moved)
    share = np.where(is_moved, 1.0 - 0.055 * rng.random(place.size), share)
    return np.asarray((np.array(list(GROUPS.values()))[group] * share * 100).astype(np.int64))


def _second_stays(cast: Cast, first: pl.DataFrame) -> pl.DataFrame:
    """Returns to the same hospital within a fortnight, and stays in another one on the same or the next day."""
    rng = cast.rng
    rows = first.with_columns(pl.int_range(pl.len()).alias("number")).filter(pl.col("is_back") | pl.col("is_gone"))
    count, is_gone = rows.height, rows["is_gone"].to_numpy()
    place = rows["place"].to_numpy()
    elsewhere = (place + 1 + rng.integers(0, INSTITUTIONS - 1, count)) % INSTITUTIONS
    wait = np.where(is_gone, rng.integers(0, 2, count), rng.integers(1, 15, count))
    start = (rows["end"].to_numpy() // DAY + wait) * DAY + 15 * HOUR
    group = rng.integers(0, len(GROUPS), count)
    fen = np.array(list(GROUPS.values()))[group] * np.exp(rng.normal(-0.1, 0.4, count)) * 100
    return pl.DataFrame(
        {
            "place": np.where(is_gone, elsewhere, place), "illness": rows["illness"], "start": start,
            "end": start + rng.integers(2, 6, count) * DAY - 5 * HOUR, "ending": np.zeros(count, dtype=np.int64),
            "plan": np.zeros(count, dtype=np.bool_), "is_backed": np.zeros(count, dtype=np.bool_), "group": group,
            "fen": fen.astype(np.int64), "by_transfer": rows["goes_by_transfer"].to_numpy() & is_gone,
            "after": rows["number"],
        }
    )  # fmt: skip
