"""Plants the roster's cases in a block: every so many patients, one becomes the patient of the next case."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from pipelines.sample.encounters import EMERGENCY, ENCOUNTER_SCHEMA, choose_doctors
from pipelines.sample.medicine import AGE_GROUPS
from pipelines.sample.moments import DAY, YEAR_DAYS, Ints
from pipelines.sample.orders import CHARGE_ONLY, ORDER_SCHEMA, PERFORMED
from pipelines.sample.population import GROUPS, People
from pipelines.sample.roster import Roster, span
from pipelines.sample.world import TEMPLATE_COUNT, World

FIRST_KEY = 10_000_000
"""Encounter keys of planted visits start here, above all keys of the background."""

DENSEST, SPARSEST = 2, 16
"""Every 2nd to every 16th patient has a planted case, fewer in larger extracts."""

_QUIET_DAYS = 20
"""Days at either end of the year in which no planted case begins or ends."""

_ANY_DAY = 1 << 20


@dataclass(frozen=True)
class Planted:
    """Planted rows of one block.

    Attributes:
        encounters, orders: rows in the shapes of the background's.
        diagnoses, procedures: key of the visit, code, name, minute.
        verdicts: tag, number of the patient, outcome, detector_id, flagged, index, label.
        roles: tag, role, key of every planted visit.
        spans: patient, start, end: where the background must keep out.
    """

    encounters: pl.DataFrame
    orders: pl.DataFrame
    diagnoses: pl.DataFrame
    procedures: pl.DataFrame
    verdicts: pl.DataFrame
    roles: pl.DataFrame
    spans: pl.DataFrame


def stride(patients: int, cases: int) -> int:
    """Every how many patients one has a planted case: small extracts still go once through the roster."""
    return int(np.clip(patients // max(cases, 1), DENSEST, SPARSEST))


def case_counts(roster: Roster, patients: int) -> dict[str, int]:
    """How many patients of an extract of that size have each case, by its name."""
    hosts = patients // stride(patients, len(roster.cases))
    rounds, rest = divmod(hosts, max(len(roster.cases), 1))
    return {case.name: rounds + (place < rest) for place, case in enumerate(roster.cases)}


def plant(
    rng: np.random.Generator, world: World, roster: Roster, people: People, patients: int
) -> tuple[Planted, People]:
    """Choose the block's scenario patients and write their cases out in absolute time.

    Returns:
        The planted rows, and the people with the ages and sexes that their cases need.
    """
    hosts = _hosts(rng, roster, people, patients)
    people = _suited(roster, people, hosts)
    encounters = _encounters(rng, world, people, roster, hosts)
    roles = encounters.select("tag", "role", "key", "place", "department", "type", "doctor", "patient")
    verdicts = hosts.select("tag", "number", "case_number").join(
        roster.verdicts, on="case_number", maintain_order="left_right"
    )
    planted = Planted(
        encounters=encounters.select(ENCOUNTER_SCHEMA.keys()).cast(ENCOUNTER_SCHEMA),  # type: ignore[arg-type]
        orders=_orders(rng, roster, hosts, roles),
        diagnoses=_notes(roster.diagnoses, hosts, roles),
        procedures=_notes(roster.procedures, hosts, roles),
        verdicts=verdicts,
        roles=roles.select("tag", "role", "key"),
        spans=_spans(roster, hosts),
    )
    return planted, people


def _hosts(rng: np.random.Generator, roster: Roster, people: People, patients: int) -> pl.DataFrame:
    """Scenario patients: patient, tag (unique in the extract), number, case_number, base (first minute of day one)."""
    every = stride(patients, len(roster.cases))
    sequence = np.sort(people.number)
    chosen = np.flatnonzero(sequence % every == 0)
    turn = sequence[chosen] // every - 1
    number: Ints = turn % len(roster.cases)
    extents: Ints = np.array([case.extent for case in roster.cases])[number]
    first = _QUIET_DAYS - np.minimum(extents[:, 0] // DAY, 0)
    room = YEAR_DAYS - _QUIET_DAYS - extents[:, 1] // DAY - 1 - first
    day = first + (rng.random(chosen.size) * np.maximum(room, 1)).astype(np.int64)
    fixed = np.array([_ANY_DAY if case.first_day is None else case.first_day for case in roster.cases])[number]
    return pl.DataFrame(
        {
            "patient": chosen,
            "tag": sequence[chosen],
            "number": people.number[chosen],
            "case_number": number,
            "base": np.where(fixed == _ANY_DAY, day, fixed) * DAY,
        }
    )


def _suited(roster: Roster, people: People, hosts: pl.DataFrame) -> People:
    """People with hosts moved into a group that their case allows, and without a lasting illness of their own."""
    allowed = np.zeros((len(roster.cases), GROUPS), dtype=bool)
    for place, case in enumerate(roster.cases):
        allowed[place, list(case.groups)] = True
    fallback = np.array([case.groups[0] for case in roster.cases])
    host, number = hosts["patient"].to_numpy(), hosts["case_number"].to_numpy()
    group, birth, chronic = people.group.copy(), people.birth_day.copy(), people.chronic.copy()
    moves = ~allowed[number, group[host]]
    moved = host[moves]
    group[moved] = fallback[number[moves]]
    middle = np.array([(low + high) / 2 for low, high, _ in AGE_GROUPS])
    birth[moved] = -(middle[group[moved] // 2] * 365.25).astype(np.int64)
    chronic[host] = -1
    sex_unknown, birth_unknown = people.is_sex_unknown.copy(), people.is_birth_unknown.copy()
    sex_unknown[host], birth_unknown[host] = False, False
    return replace(
        people,
        group=group,
        birth_day=birth,
        chronic=chronic,
        is_sex_unknown=sex_unknown,
        is_birth_unknown=birth_unknown,
    )


def _encounters(
    rng: np.random.Generator, world: World, people: People, roster: Roster, hosts: pl.DataFrame
) -> pl.DataFrame:
    frame = hosts.join(roster.visits, on="case_number", maintain_order="left_right").with_columns(
        key=pl.int_range(pl.len(), dtype=pl.Int64) + FIRST_KEY,
        start=pl.col("base") + pl.col("start"),
        end=pl.col("base") + pl.col("end"),
    )
    district = people.district[frame["patient"].to_numpy()]
    place = district * TEMPLATE_COUNT + frame["template"].to_numpy()
    department = frame["department"].to_numpy()
    doctor = choose_doctors(rng, world, place, department, np.zeros(frame.height, dtype=bool))
    frame = frame.with_columns(pl.Series("place", place), pl.Series("doctor", doctor), is_planted=pl.lit(value=True))
    keys = frame.select("tag", pl.col("role").alias("name"), pl.col("key").alias("found"))
    first_parts = keys.rename({"name": "stay", "found": "case"})
    origins = keys.rename({"name": "came_from", "found": "transfer_from"})
    return (
        frame.join(first_parts, on=["tag", "stay"], how="left", maintain_order="left")
        .join(origins, on=["tag", "came_from"], how="left", maintain_order="left")
        .with_columns(pl.col("transfer_from").fill_null(-1))
    )  # fmt: skip


def _orders(rng: np.random.Generator, roster: Roster, hosts: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    visits = roles.rename({"role": "visit", "key": "encounter"})
    frame = hosts.select("tag", "base", "case_number").join(
        roster.exams, on="case_number", maintain_order="left_right"
    ).join(visits, on=["tag", "visit"], how="left", maintain_order="left")  # fmt: skip
    place, performing = frame["place"].to_numpy(), frame["performing_template"].to_numpy()
    urgency = np.where(frame["type"].to_numpy() == EMERGENCY, 1, frame["urgency"].to_numpy())
    performed = (frame["base"] + frame["performed"]).to_numpy()
    return frame.with_columns(
        performed=pl.Series(performed),
        ordered=pl.Series(performed - rng.integers(5, 20, frame.height)),
        performing=pl.Series(np.where(performing < 0, -1, place // TEMPLATE_COUNT * TEMPLATE_COUNT + performing)),
        urgency=pl.Series(urgency),
        has_performed=pl.col("status") == PERFORMED,
        has_report=(pl.col("status") == PERFORMED) & (pl.col("charge") != CHARGE_ONLY),
    ).select(ORDER_SCHEMA.keys()).cast(ORDER_SCHEMA)  # type: ignore[arg-type]  # fmt: skip


def _notes(notes: pl.DataFrame, hosts: pl.DataFrame, roles: pl.DataFrame) -> pl.DataFrame:
    """Diagnoses or procedures of the cases: key of the visit, code, name, minute."""
    visits = roles.select("tag", pl.col("role").alias("visit"), "key")
    return (
        hosts.select("tag", "base", "case_number")
        .join(notes, on="case_number", maintain_order="left_right")
        .join(visits, on=["tag", "visit"], maintain_order="left_right")
        .select("key", "code", "name", at=pl.col("base") + pl.col("at"))
    )


def _spans(roster: Roster, hosts: pl.DataFrame) -> pl.DataFrame:
    spans: Ints = np.array([span(case) for case in roster.cases])[hosts["case_number"].to_numpy()]
    base = hosts["base"].to_numpy()
    return pl.DataFrame({"patient": hosts["patient"], "start": base + spans[:, 0], "end": base + spans[:, 1]})
