"""The runner: asks each detector's question, lets its judge speak, answers the exemptions, counts n of N."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

import polars as pl
import sqlglot

from detectors.cards import card_of
from detectors.declaration import TESTED_COLUMNS, UNJUDGED, Detector
from detectors.engines.protocol import Bound, Engine
from detectors.exemptions import answer_exemptions
from detectors.findings import findings_of
from detectors.policy import exemption_rows
from schemas.card import Card, ResolvedParameter
from schemas.finding import DENOMINATOR_SCHEMA, DETECTOR_SCHEMA, FINDING_SCHEMA
from schemas.pack import Pack

EPOCH = date(1970, 1, 1)
FAR_PAST_DAY = -1_000_000
"""A day before any extract: the lower bound where the user gave none."""

PERIODS = ("last_month", "last_quarter")
"""Bound values that move with the season, for questions that compare everybody over a period."""

DAYS_TO_SETTLE = 30
"""How old a day must be for its month and quarter to be compared with earlier ones."""


@dataclass(frozen=True)
class Request:
    """What one run asks.

    Attributes:
        as_of: the last day that exists for this run.
        window_from, window_to: bounds of the flagged event, both inclusive; None = no bound.
        institutions: only findings of these; empty = all.
        parameters: detector id → resolved parameters.
        present: canonical table → columns ever loaded.
        switched_off: canonical table → quality check that switched its detectors off.
    """

    as_of: date
    window_from: date | None
    window_to: date | None
    institutions: tuple[str, ...]
    parameters: Mapping[str, tuple[ResolvedParameter, ...]]
    present: Mapping[str, frozenset[str]]
    switched_off: Mapping[str, str]

    def bound(self, detector: Detector) -> dict[str, Bound]:
        """Every value that the detector's question may bind.

        One that is asked by patient gets no period of months or quarters: what it found stands from night to night
        while nothing of the patient changes.
        """
        own: dict[str, Bound] = {p.name: p.value for p in self.parameters[detector.id]}
        days = bound_days(self.as_of, self.window_from, self.window_to)
        return own | {name: days[name] for name in days if not (detector.is_by_patient and name in PERIODS)}


def bound_days(as_of: date, window_from: date | None = None, window_to: date | None = None) -> dict[str, Bound]:
    """What every question may bind: when it is asked, and over which days.

    Args:
        as_of: the last day that exists.
        window_from: first day of flagged events; None = no bound.
        window_to: their last day, which counts too; None = no bound.

    Returns:
        ``as_of``; ``from_day`` and ``to_day``, the first and last day that count, in days since 1970; ``last_month``
        (year x 12 + month) and ``last_quarter`` (year x 4 + quarter), in which the last day lies that is followed by
        thirty others: what came later is not all on record yet.
    """
    last = min(as_of, window_to) if window_to else as_of
    settled = date.fromordinal(max(last.toordinal() - DAYS_TO_SETTLE, 1))
    return {
        "as_of": as_of,
        "from_day": (window_from - EPOCH).days if window_from else FAR_PAST_DAY,
        "to_day": (last - EPOCH).days,
        "last_month": settled.year * 12 + settled.month,
        "last_quarter": settled.year * 4 + (settled.month + 2) // 3,
    }


@dataclass(frozen=True)
class Outcome:
    """What became of one detector: its row of detectors.parquet, its findings and its denominators."""

    row: dict[str, object]
    findings: pl.DataFrame
    denominators: pl.DataFrame


def missing_needs(detector: Detector, present: Mapping[str, frozenset[str]]) -> str | None:
    """``missing …`` in words, or None where every need has an alternative that was loaded."""
    lacking = [alternatives for alternatives in detector.needs if not any(_has(one, present) for one in alternatives)]
    return "missing " + ", ".join(" or ".join(alternatives) for alternatives in lacking) if lacking else None


def _has(need: str, present: Mapping[str, frozenset[str]]) -> bool:
    table, dot, column = need.partition(".")
    return table in present and (not dot or column in present[table])


def reason_not_to_run(detector: Detector, request: Request) -> str | None:
    """What a detector lacks, or which quality check switched it off; None where it can run."""
    missing = missing_needs(detector, request.present)
    if missing:
        return missing
    read = {one.partition(".")[0] for alternatives in detector.needs for one in alternatives}
    for table in sorted(read & set(request.switched_off)):
        return f"switched off by quality check {request.switched_off[table]} on {table}"
    return None


def run_detector(engine: Engine, detector: Detector, pack: Pack, request: Request) -> Outcome:
    """Ask one detector; a detector that cannot run gives an outcome that says why."""
    reason = reason_not_to_run(detector, request)
    if reason is not None:
        return not_run(detector, reason)
    started = time.perf_counter()
    findings, examined, unjudged = judged(engine, detector, pack, request)
    return outcome_of(detector, findings, examined, time.perf_counter() - started, unjudged)


def judged(
    engine: Engine, detector: Detector, pack: Pack, request: Request
) -> tuple[pl.DataFrame, pl.DataFrame, str | None]:
    """Findings of a detector that can run, its denominators (``examined_by_month``), and whom it could not judge."""
    findings, unjudged = found(engine, detector, pack, request)
    return findings, examined_by_month(engine, detector, request), unjudged


def found(engine: Engine, detector: Detector, pack: Pack, request: Request) -> tuple[pl.DataFrame, str | None]:
    """Findings of a detector that can run, and whom it could not judge."""
    unjudged = None
    answers = asked(engine, detector, request.bound(detector))
    if detector.judge is not None:
        values = {p.name: p.value for p in request.parameters[detector.id]}
        unjudged = None if detector.unjudged is None else unjudged_in_words(detector.unjudged(answers, values))
        answers = detector.judge(answers, values)
    if request.institutions:
        answers = answers.filter(pl.col("institution_id").is_in(request.institutions))
    rules = exemption_rows(pack, detector.id) if set(TESTED_COLUMNS) <= set(answers.columns) else []
    tested = answer_exemptions(engine, answers, rules, set(request.present))
    return findings_of(detector, answers, tested), unjudged


def unjudged_in_words(counts: Mapping[str, int]) -> str | None:
    """``not judged: 3 with too few cases, 2 with too few peers``; None where everybody was judged."""
    told = [f"{counts[code]} with {code.replace('_', ' ')}" for code in UNJUDGED if counts.get(code)]
    return f"not judged: {', '.join(told)}" if told else None


def asked(engine: Engine, detector: Detector, bound: Mapping[str, Bound]) -> pl.DataFrame:
    """Rows of a detector's question, or of the last of its steps; tables that steps leave are emptied again."""
    if not detector.steps:
        return _frame(engine, detector.question, bound)
    names = ["asked", *(step.stem for step in detector.steps)]
    *before, last = detector.statements
    for name, sql in zip(names, before, strict=False):
        engine.store(f"work.{name}", sql, bound)
    rows = _frame(engine, last, bound)
    for name in names[:-1]:
        engine.store(f"work.{name}", "select cast(null as varchar) as institution_id where false", {})
    return rows


def examined_by_month(engine: Engine, detector: Detector, request: Request) -> pl.DataFrame:
    """Rows that a detector could judge (``examined``) and could not (``not_judged``), by institution_id and month."""
    examined = _frame(engine, examined_statement(detector.question), request.bound(detector))
    if request.institutions:
        examined = examined.filter(pl.col("institution_id").is_in(request.institutions))
    return examined


def not_run(detector: Detector, reason: str) -> Outcome:
    """The outcome of a detector that cannot run."""
    return Outcome(_row(detector, "not_runnable", reason), _no_findings(), _no_denominators())


def outcome_of(
    detector: Detector, findings: pl.DataFrame, examined: pl.DataFrame, seconds: float, unjudged: str | None = None
) -> Outcome:
    """The outcome of a detector that was asked; ``unjudged`` tells whom it could not judge, and why."""
    row = _row(detector, "ran", unjudged) | {
        "examined": int(examined["examined"].sum()),
        "not_judged": int(examined["not_judged"].sum()),
        "hits": findings.height,
        "exempt": findings["exemption_id"].count(),
        "seconds": round(seconds, 3),
    }
    return Outcome(row, findings, _denominators(detector, examined, findings))


def cards_of(detectors: Sequence[Detector], pack: Pack, request: Request) -> list[Card]:
    """The cards of a run."""
    return [card_of(detector, request.parameters[detector.id], pack) for detector in detectors]


@cache
def examined_statement(question: str) -> str:
    """The denominator's SQL, cut out of the question's own text: its CTEs up to ``examined``, counted.

    Gives institution_id, month, examined (rows that the rule could judge) and not_judged.
    """
    tokens = sqlglot.tokenize(question, read="duckdb")
    named = enumerate(pairwise(tokens))
    first = next(i for i, (one, then) in named if one.text == "examined" and then.text.lower() == "as")
    depth = 0
    for token in tokens[first:]:
        depth += (token.token_type == sqlglot.TokenType.L_PAREN) - (token.token_type == sqlglot.TokenType.R_PAREN)
        if token.token_type == sqlglot.TokenType.R_PAREN and not depth:
            return f"{question[: token.end + 1]}\n\n{_COUNTED}"
    raise ValueError("a question's CTE examined has no end")


_COUNTED = """select
    institution_id,
    month,
    sum(case when is_judged then 1 else 0 end) as examined,
    sum(case when is_judged then 0 else 1 end) as not_judged
from examined
group by institution_id, month
"""


def _frame(engine: Engine, sql: str, bound: Mapping[str, Bound]) -> pl.DataFrame:
    frame = pl.from_arrow(engine.answer(sql, bound))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return frame


def _row(detector: Detector, status: str, reason: str | None) -> dict[str, object]:
    return {
        "detector_id": detector.id,
        "detector_version": str(detector.version),
        "status": status,
        "reason": reason,
        "examined": 0,
        "not_judged": 0,
        "hits": 0,
        "exempt": 0,
        "seconds": 0.0,
    }


def not_chosen_row(detector: Detector) -> dict[str, object]:
    """The row of detectors.parquet for a detector that ``--only`` left out: neither run nor partial."""
    return _row(detector, "not_chosen", None)


def _denominators(detector: Detector, examined: pl.DataFrame, findings: pl.DataFrame) -> pl.DataFrame:
    hits = (
        findings.with_columns(pl.col("occurred_at").dt.strftime("%Y-%m").alias("month"))
        .group_by("institution_id", "month")
        .agg(pl.len().alias("hits"), pl.col("exemption_id").count().alias("exempt"))
    )
    joined = examined.join(hits, on=["institution_id", "month"], how="full", coalesce=True, nulls_equal=True)
    return (
        joined.select(
            pl.lit(detector.id).alias("detector_id"),
            "institution_id",
            "month",
            *(pl.col(name).fill_null(0).cast(pl.Int64) for name in ("examined", "hits", "exempt")),
        )
        .select(DENOMINATOR_SCHEMA.names)
        .sort("detector_id", "institution_id", "month", nulls_last=True)
    )


def _no_findings() -> pl.DataFrame:
    empty = pl.from_arrow(FINDING_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return empty.drop("run_id")


def _no_denominators() -> pl.DataFrame:
    empty = pl.from_arrow(DENOMINATOR_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return empty


def detector_frame(rows: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    """detectors.parquet as a frame."""
    empty = pl.from_arrow(DETECTOR_SCHEMA.empty_table())
    assert isinstance(empty, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    return pl.DataFrame(list(rows), schema=empty.schema, orient="row").sort("detector_id")
