"""Prepared tables: what every question reads, built once in SQL, in the order of ``STEPS``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from detectors.engines.protocol import Bound, Engine

STEPS = (
    "patient_key",
    "stay_part",
    "open_line",
    "bracketed_line",
    "reversal",
    "line_reversal",
    "line_fund",
    "charge",
    "order_report",
    "known_order",
    "unnamed_line",
    "encounter_charge",
    "loose_charge",
    "order_charge",
    "order_money",
    "unordered_line",
    "exam_done",
    "ceiling",
    "encounter_context",
    "exam_double",
    "exam_event",
    "exam_series",
    "exam_elsewhere",
    "recognised_item",
    "recognised_institution",
    "recognised_pair",
    "imaging_pair",
    "stay",
    "next_stay",
    "visit",
    "overlap",
    "mention",
    "happening_of_procedure",
    "serial_indication",
    "happening_of_event",
    "planned_stay",
    "happening_of_stay",
    "happening_of_series",
    "happening_of_report",
    "stay_charge",
    "happening_of_admission",
    "limited_day",
    "pair_line",
    "charge_pairing",
    "tentative_visit",
    "happening",
    "discharge",
    "indicating_diagnosis",
    "admission",
    "imaging_study",
    "imaging_context",
)
"""Names of the SQL files beside this one, each of which becomes ``prepared.<name>``; later ones read earlier ones."""

COUNTED_KEYS = {"patient_key": "patient_key"}
"""Step → its integer key that is counted over all its rows (``row_number`` without a partition), and so means something
only within one building. A key made of another key, such as ``patient_key * n + m``, is not counted."""

LOOKUPS = ("indicating_diagnosis",)
"""Steps whose rows belong to no patient and say the same of a value whoever has it: built for some patients alone, they
hold what those patients need, and nothing that they say of a value changes with anybody else's rows."""


@cache
def statement(step: str) -> str:
    """SQL text of a prepared table."""
    return (Path(__file__).parent / f"{step}.sql").read_text(encoding="utf-8")


def statements_sha256() -> str:
    """SHA-256 of every prepared table's text and of the shared exemption step: part of a run's identity."""
    digest = hashlib.sha256((Path(__file__).parents[1] / "exemptions.sql").read_bytes())
    for step in STEPS:
        digest.update(statement(step).encode())
    return digest.hexdigest()


def prepare(
    engine: Engine,
    parameters: Mapping[str, Bound],
    *,
    steps: Sequence[str] = STEPS,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, int]:
    """Build the prepared tables; returns rows by table.

    Args:
        engine: holds schemas ``main`` (17 canonical tables) and ``pack`` (see ``detectors.policy``).
        parameters: ``as_of`` (date) and ``default_retest_hours`` (hours or None).
        steps: which tables, in order.
        on_step: called with the name of each table before it is built.
    """
    rows: dict[str, int] = {}
    for step in steps:
        if on_step is not None:
            on_step(step)
        rows[step] = engine.store(f"prepared.{step}", statement(step), parameters)
    return rows


@cache
def account_statement() -> str:
    """SQL text of the account of reversals."""
    return (Path(__file__).parent / "account" / "reversals.sql").read_text(encoding="utf-8")


def reversal_account(engine: Engine) -> dict[str, object]:
    """Reversal lines by outcome and yuan before and after them (see ``schemas.quality.ReversalAccount``)."""
    (row,) = engine.answer(account_statement(), {}).to_pylist()
    return dict(row)
