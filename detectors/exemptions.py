"""The shared exemption step: every exemption is answered for every candidate, and none filters a row away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from detectors.engines.protocol import Engine

HOLDS, DOES_NOT, NO_DATA = "holds", "does not", "no data"

_STATEMENT = Path(__file__).with_suffix(".sql")
_OPEN_FROM, _OPEN_TO = -10_000_000, 10_000_000


def answer_exemptions(
    engine: Engine,
    candidates: pl.DataFrame,
    rules: Sequence[Mapping[str, object]],
    tables_present: Collection[str],
) -> pl.DataFrame:
    """What each exemption says of each candidate.

    Args:
        engine: holds ``prepared.happening``.
        candidates: answer rows with ``patient_key``, ``index_at_s``, ``flagged_at_s``, ``index_event_id`` and
            ``flagged_event_id``; ``change_pct``, ``reference_change_pct``, ``index_has_report``, ``family``,
            ``body_part`` and ``claimed_reason`` where the question gives them, and a boolean column named like each
            exemption that the question answers itself (kind ``question``).
        rules: rows of exemptions.csv in the order in which they are tried.
        tables_present: canonical tables that were ever loaded.

    Returns:
        One row a candidate, in order: ``exemptions_tested`` (struct of exemption_id → holds, does not, no data),
        ``exemption_id`` (the first clearing one that holds, else null), ``is_weakened``, ``reason_supported``.
    """
    if not rules or candidates.is_empty():
        return _untested(candidates, rules)
    _put_candidates(engine, candidates)
    _put_rules(engine, rules)
    held = pl.from_arrow(engine.answer(_STATEMENT.read_text(encoding="utf-8"), {}))
    assert isinstance(held, pl.DataFrame)  # noqa: S101 - narrows the type of from_arrow
    numbered = candidates.with_row_index("candidate_no").with_columns(pl.col("candidate_no").cast(pl.Int64))
    of_candidate = held.group_by("candidate_no").agg(pl.col("exemption_id").alias("held"))
    states = (
        numbered.select("candidate_no", *_optional(numbered, "index_has_report", pl.Boolean), *_asked(numbered, rules))
        .join(of_candidate, on="candidate_no", how="left", maintain_order="left")
        .with_columns(_state(rule, tables_present) for rule in rules)
    )
    return _summarised(states, numbered, rules)


def _state(rule: Mapping[str, object], tables_present: Collection[str]) -> pl.Expr:
    """What one exemption says, as column ``x:<exemption_id>``."""
    name = str(rule["exemption_id"])
    is_held = pl.col("held").list.contains(name)
    unknown = pl.lit(rule["needs_table"] is not None and rule["needs_table"] not in tables_present)
    if rule["happening_kind"] == "abnormal_result":
        unknown = unknown | ~pl.col("index_has_report").fill_null(False)
    if rule["happening_kind"] == "question":
        is_held = pl.col(f"q:{name}")
        unknown = unknown | is_held.is_null()
    state = (
        pl.when(is_held.fill_null(False))
        .then(pl.lit(HOLDS))
        .when(unknown)
        .then(pl.lit(NO_DATA))
        .otherwise(pl.lit(DOES_NOT))
    )
    return state.alias(f"x:{name}")


def _summarised(states: pl.DataFrame, candidates: pl.DataFrame, rules: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    names = [str(rule["exemption_id"]) for rule in rules]
    clearing = [str(rule["exemption_id"]) for rule in rules if rule["effect"] == "clears"]
    weakening = [str(rule["exemption_id"]) for rule in rules if rule["effect"] == "weakens"]
    claimed = candidates.select("candidate_no", *_optional(candidates, "claimed_reason", pl.String))
    joined = states.join(claimed, on="candidate_no", how="left", maintain_order="left")
    first = pl.coalesce(
        *(pl.when(pl.col(f"x:{name}") == HOLDS).then(pl.lit(name)) for name in clearing), pl.lit(None, pl.String)
    )
    borne_out = pl.any_horizontal(pl.lit(False), *(_bears_out(rule) for rule in rules if rule["reason_code"]))
    return joined.select(
        pl.struct([pl.col(f"x:{name}").alias(name) for name in sorted(names)]).alias("exemptions_tested"),
        first.alias("exemption_id"),
        pl.any_horizontal(pl.lit(False), *(pl.col(f"x:{name}") == HOLDS for name in weakening)).alias("is_weakened"),
        pl.when(pl.col("claimed_reason").is_not_null()).then(borne_out).alias("reason_supported"),
    )


def _bears_out(rule: Mapping[str, object]) -> pl.Expr:
    codes = [code.strip() for code in str(rule["reason_code"]).split(";") if code.strip()]
    return (pl.col(f"x:{rule['exemption_id']}") == HOLDS) & pl.col("claimed_reason").is_in(codes)


def _asked(candidates: pl.DataFrame, rules: Sequence[Mapping[str, object]]) -> list[pl.Expr]:
    """What the question itself answers: a boolean column named like the exemption, null or absent = no data."""
    names = [str(rule["exemption_id"]) for rule in rules if rule["happening_kind"] == "question"]
    return [_optional(candidates, name, pl.Boolean)[0].alias(f"q:{name}") for name in names]


def _optional(frame: pl.DataFrame, name: str, kind: type[pl.DataType]) -> list[pl.Expr]:
    return [pl.col(name) if name in frame.columns else pl.lit(None, kind).alias(name)]


def _untested(candidates: pl.DataFrame, rules: Sequence[Mapping[str, object]]) -> pl.DataFrame:
    names = sorted(str(rule["exemption_id"]) for rule in rules)
    tested = pl.struct([pl.lit(DOES_NOT).alias(name) for name in names]) if names else pl.lit(None)
    answers = candidates.with_columns(
        tested.alias("exemptions_tested"),
        pl.lit(None, pl.String).alias("exemption_id"),
        pl.lit(False).alias("is_weakened"),
        pl.lit(None, pl.Boolean).alias("reason_supported"),
    )
    return answers.select("exemptions_tested", "exemption_id", "is_weakened", "reason_supported")


def _put_candidates(engine: Engine, candidates: pl.DataFrame) -> None:
    change, limit = (_optional(candidates, name, pl.Float64)[0] for name in ("change_pct", "reference_change_pct"))
    rows = candidates.with_row_index("candidate_no").select(
        pl.col("candidate_no").cast(pl.Int64),
        "patient_key",
        "index_event_id",
        "flagged_event_id",
        *_optional(candidates, "encounter_id", pl.String),
        "index_at_s",
        "flagged_at_s",
        (pl.col("flagged_at_s") // 86_400).alias("flagged_day"),
        *_optional(candidates, "family", pl.String),
        *_optional(candidates, "body_part", pl.String),
        (change < limit).alias("is_change_small"),
        (change > limit).alias("is_change_large"),
    )
    engine.put("work.candidate", rows.to_arrow())


def _put_rules(engine: Engine, rules: Sequence[Mapping[str, object]]) -> None:
    rows = [
        {
            "exemption_id": rule["exemption_id"],
            "happening_kind": rule["happening_kind"],
            "anchor": rule["anchor"],
            "has_include": bool(rule["detail_include"]),
            "valid_from_day": _day(rule["valid_from"], _OPEN_FROM),
            "valid_to_day": _day(rule["valid_to"], _OPEN_TO),
        }
        for rule in rules
    ]
    details = [
        {"exemption_id": rule["exemption_id"], "prefix": prefix.strip(), "is_excluded": column == "detail_exclude"}
        for rule in rules
        for column in ("detail_include", "detail_exclude")
        for prefix in str(rule[column] or "").split(";")
        if prefix.strip()
    ]
    kinds = {"exemption_id": pl.String, "prefix": pl.String, "is_excluded": pl.Boolean}
    engine.put("work.exemption", pl.DataFrame(rows).to_arrow())
    engine.put("work.exemption_detail", pl.DataFrame(details, schema=kinds).to_arrow())


def _day(value: object, otherwise: int) -> int:
    return (value - date(1970, 1, 1)).days if isinstance(value, date) else otherwise
