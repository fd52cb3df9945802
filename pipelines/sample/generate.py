"""Makes a synthetic extract: blocks of patients one after another, written chunk by chunk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl

from pipelines.sample import encounters as visits
from pipelines.sample import orders as exams
from pipelines.sample.care_tables import (
    Block,
    diagnosis_table,
    encounter_table,
    identified,
    order_table,
    procedure_table,
)
from pipelines.sample.charges import claim_line_table, draw_lines, settlement_totals
from pipelines.sample.exams import Items, read_items
from pipelines.sample.moments import DAY, YEAR_END, stream
from pipelines.sample.planting import case_counts, plant
from pipelines.sample.population import draw_people, patient_table
from pipelines.sample.registers import register_tables
from pipelines.sample.results import complaint_table, consent_table, exam_result_table
from pipelines.sample.roster import Roster, build_roster
from pipelines.sample.sink import Format, Sink, canonical_columns
from pipelines.sample.truth import TRUTH_COLUMNS, planted_truth, practitioner_truth, write_prevalence
from pipelines.sample.world import World, build_world
from schemas.errors import UsageError
from schemas.pack import load_pack

BLOCK_PATIENTS = 2_000
"""Patients drawn from one seed; the unit of determinism, so that no chunk size changes a byte."""

BLOCK_STREAM = 2
DEFAULT_CHUNK_PATIENTS = 10_000


@dataclass(frozen=True)
class SampleSummary:
    """What was written.

    Attributes:
        rows: rows of each canonical table.
        truth: rows of each truth file.
    """

    rows: dict[str, int]
    truth: dict[str, int]


def generate(
    patients: int,
    seed: int,
    out: Path,
    *,
    format: Format = "csv",
    chunk_patients: int = DEFAULT_CHUNK_PATIENTS,
    pack: str | Path = "sample",
    on_progress: Callable[[int, int], None] | None = None,
) -> SampleSummary:
    """Write ``out/extract`` (17 canonical tables) and ``out/truth`` (what was planted, and what was nearly).

    The bytes depend on ``patients``, ``seed``, ``format`` and the pack, never on ``chunk_patients`` (for Parquet, the
    rows do; its row groups follow the chunks).

    Args:
        patients: patients to make, at least 1.
        seed: non-negative; the same seed makes the same extract.
        out: folder; files of an earlier extract are replaced.
        format: of the extract; truth is CSV always.
        chunk_patients: patients held in memory at once, rounded up to whole blocks of ``BLOCK_PATIENTS``.
        pack: policy pack whose items and intervals are used.
        on_progress: called with (patients done, patients) after each chunk.

    Raises:
        UsageError: a count or seed out of range.
        PackError: the pack has too few examination items.
    """
    _check(patients, seed, chunk_patients, format)
    plan = make_plan(patients, seed, pack)
    extract = Sink(out / "extract", format, canonical_columns())
    truth = Sink(out / "truth", "csv", TRUTH_COLUMNS)
    with extract, truth:
        _write(plan, extract, truth, chunk_patients, on_progress)
    cases = case_counts(plan.roster, patients)
    write_prevalence(out / "truth", patients, seed, cases, extract.rows, truth.rows)
    return SampleSummary(dict(extract.rows), dict(truth.rows))


def _write(
    plan: Plan, extract: Sink, truth: Sink, chunk_patients: int, on_progress: Callable[[int, int], None] | None
) -> None:
    extract.write_all(register_tables(plan.world))
    truth.write_all(practitioner_truth(plan.world))
    done = 0
    for size, tables, known in _chunks(plan, chunk_patients):
        extract.write_all(tables)
        truth.write_all(known)
        done += size
        if on_progress is not None:
            on_progress(done, plan.patients)


def _check(patients: int, seed: int, chunk_patients: int, file_format: str) -> None:
    for name, value, least in (("patients", patients, 1), ("seed", seed, 0), ("chunk_patients", chunk_patients, 1)):
        if value < least:
            raise UsageError(f"{name} is too small", got=str(value), allowed=f"{least} or more", where=name)
    if file_format not in get_args(Format):
        raise UsageError("no such format", got=file_format, allowed=", ".join(get_args(Format)), where="format")


@dataclass(frozen=True)
class Plan:
    """What every block of one extract shares."""

    patients: int
    world: World
    items: Items
    roster: Roster


def make_plan(patients: int, seed: int, pack: str | Path) -> Plan:
    """Read the pack and build the world for an extract of that size."""
    policy = load_pack(pack)
    items = read_items(policy)
    return Plan(patients, build_world(patients, seed), items, build_roster(items, policy))


Tables = dict[str, pl.DataFrame]


def _chunks(plan: Plan, chunk_patients: int) -> Iterator[tuple[int, Tables, Tables]]:
    """Blocks of patients, joined until a chunk is full: patients in it, canonical tables, truth tables."""
    blocks = -(-plan.patients // BLOCK_PATIENTS)
    per_chunk = -(-chunk_patients // BLOCK_PATIENTS)
    for first in range(0, blocks, per_chunk):
        numbers = range(first, min(first + per_chunk, blocks))
        made = [make_block(plan, number) for number in numbers]
        size = min(plan.patients, (numbers[-1] + 1) * BLOCK_PATIENTS) - first * BLOCK_PATIENTS
        yield size, _joined([one for one, _ in made]), _joined([two for _, two in made])


def _joined(parts: list[Tables]) -> Tables:
    return {name: pl.concat([part[name] for part in parts]) for name in parts[0]}


def make_block(plan: Plan, number: int) -> tuple[Tables, Tables]:
    """Canonical tables and truth of one block of patients."""
    world, items = plan.world, plan.items
    first = number * BLOCK_PATIENTS
    size = min(BLOCK_PATIENTS, plan.patients - first)
    rng = stream(world.seed, BLOCK_STREAM, number)
    people = draw_people(rng, first + 1, size, world.districts)
    planted, people = plant(rng, world, plan.roster, people, plan.patients)
    encounters = visits.keep_apart(visits.draw_encounters(rng, world, people), planted.spans)
    encounters = pl.concat([encounters, planted.encounters])
    orders = exams.draw_orders(rng, world, people, items, encounters)
    orders = pl.concat([exams.keep_apart(orders, planted.orders, items), planted.orders])
    block = Block(number, rng, world, people, items, *identified(number, encounters, orders))
    lines = draw_lines(block)
    tables = {
        "patient": patient_table(people, _death_days(block)),
        "encounter": encounter_table(block, settlement_totals(block, lines)),
        "diagnosis": diagnosis_table(block, planted.diagnoses),
        "procedure": procedure_table(block, planted.procedures),
        "exam_order": order_table(block),
        "exam_result": exam_result_table(block),
        "claim_line": claim_line_table(block, lines),
        "consent": consent_table(block),
        "complaint": complaint_table(block),
    }
    return tables, planted_truth(block, lines, planted)


def _death_days(block: Block) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    day = np.full(block.people.number.size, -1, dtype=np.int64)
    dead = block.encounters.filter(
        (pl.col("disposition") == visits.DIED) & (pl.col("type") == visits.INPATIENT) & (pl.col("end") < YEAR_END)
    )
    day[dead["patient"].to_numpy()] = dead["end"].to_numpy() // DAY
    return day
