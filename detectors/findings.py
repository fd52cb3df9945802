"""From answer rows to findings: stable ids, sentences, evidence as JSON with sorted keys, the declared schema."""

from __future__ import annotations

import hashlib
import json
import re

import polars as pl

from detectors.declaration import ANSWER_COLUMNS, Detector
from schemas.finding import FINDING_SCHEMA

_BRACES = re.compile(r"\{([a-z_]+)\}")
_OPTIONAL = re.compile(r"(\[[^\[\]]*\])")
_PLAIN_WORDS = {
    "en": {
        **{"M": "male", "F": "female", "U": "unknown", "count": "unit(s)", "hour": "hour(s)", "day": "day(s)"},
        "stay_same_institution": "another stay at the same institution",
        "stay_elsewhere": "a stay at another institution",
        "visit_same_institution": "a visit at the same institution",
        "visit_elsewhere": "a visit at another institution",
        "card_misuse": "the use of another's card or bed-hanging",
        "bed_hanging": "bed-hanging",
        "conflicting_records": "two conflicting records of one stay",
    },
    "zh": {
        **{"M": "男", "F": "女", "U": "未知", "count": "次", "hour": "小时", "day": "天"},
        "stay_same_institution": "同一机构的住院",
        "stay_elsewhere": "其他机构的住院",
        "visit_same_institution": "同一机构的就诊",
        "visit_elsewhere": "其他机构的就诊",
        "card_misuse": "冒名就医或挂床",
        "bed_hanging": "挂床住院",
        "conflicting_records": "同一住院的记录相互矛盾",
    },
}
_WINDOWS = {
    "en": {
        **{"hour": "within one hour", "six_hours": "within six hours", "session": "in one session"},
        **{"day": "on one day", "encounter": "in one visit", "stay": "in one stay"},
    },
    "zh": {
        **{"hour": "同一小时", "six_hours": "6小时内", "session": "同次检查"},
        **{"day": "单日", "encounter": "单次就诊", "stay": "单次住院"},
    },
}
_MEASURED = {
    "en": {
        "volume": "examinations",
        "cost": "yuan of examinations",
        "high_cost_share": "examinations of costly modalities",
        "repeat_share": "examinations within the interval after the same one",
        "first_day_bundle": "stays that began with a bundle of examinations",
    },
    "zh": {
        "volume": "检查项数",
        "cost": "检查费用（元）",
        "high_cost_share": "高成本方式的检查项数",
        "repeat_share": "间隔期内的同项检查数",
        "first_day_bundle": "入院当日成套检查的住院数",
    },
}
_WORDS = {
    **dict.fromkeys(("patient_sex", "sex_limit", "quantity_unit", "variant", "sign"), _PLAIN_WORDS),
    "charge_window": _WINDOWS,
    "measured": _MEASURED,
}
"""Columns whose codes a sentence tells in words → language → code → words."""

_MONEY = pl.Decimal(18, 2)
_LOWER = {"high": "medium", "medium": "low", "low": "low"}
ID_HEX_DIGITS = 24
"""Length of finding and lead ids: 96 bits of a SHA-256."""

_TESTED = ("exemptions_tested", "exemption_id", "is_weakened", "reason_supported")


def findings_of(detector: Detector, answers: pl.DataFrame, tested: pl.DataFrame) -> pl.DataFrame:
    """Findings of one detector, without run_id, in stable order.

    Args:
        detector: whose answers these are.
        answers: rows of the question or the judge.
        tested: one row an answer, in order, as ``answer_exemptions`` gives them.
    """
    rows = pl.concat([answers, tested.select(_TESTED)], how="horizontal")
    rows = rows.with_columns(
        *(pl.lit(None, pl.String).alias(name) for name in ANSWER_COLUMNS if name not in rows.columns),
        *(
            pl.lit(getattr(detector, name)).alias(name)
            for name in ("subject_type", "severity", "confidence", "grade")
            if name not in rows.columns
        ),
    )
    weakened = pl.col("is_weakened") | (pl.col("reason_supported") == False).fill_null(False)  # noqa: E712
    lowered = pl.col("confidence").replace(_LOWER)
    finished = rows.with_columns(
        pl.Series("finding_id", _ids(detector, rows), pl.String),
        pl.lit(detector.id).alias("detector_id"),
        pl.lit(str(detector.version)).alias("detector_version"),
        *([plain_episode().alias("subject_id")] if detector.subject_type == "patient_episode" else []),
        pl.when(weakened).then(lowered).otherwise(pl.col("confidence")).alias("confidence"),
        pl.col("amount_at_issue").cast(_MONEY),
        pl.col("fund_amount_at_issue").cast(_MONEY),
        pl.col("occurred_at").cast(pl.Datetime("us")),
        _sentence(detector.sentence.en, rows, "en").alias("sentence_en"),
        _sentence(detector.sentence.zh, rows, "zh").alias("sentence_zh"),
        _evidence(detector, rows).alias("evidence"),
    )
    return finished.select(name for name in FINDING_SCHEMA.names if name != "run_id").sort(
        "institution_id", "occurred_at", "flagged_event_id", "finding_id", nulls_last=True
    )


def plain_episode() -> pl.Expr:
    """``patient|institution|year`` with a bar inside one of the ids as ``%7C``, so that it never reads as two parts."""
    patient, institution = pl.col("patient_id"), pl.col("institution_id")
    has_bar = (patient.str.contains("|", literal=True) | institution.str.contains("|", literal=True)).fill_null(False)
    plain = [_without_bars(patient), _without_bars(institution), pl.col("subject_id").str.slice(-4)]
    return pl.when(has_bar).then(pl.concat_str(plain, separator="|")).otherwise(pl.col("subject_id"))


def _without_bars(id_: pl.Expr) -> pl.Expr:
    return id_.str.replace_all("%", "%25", literal=True).str.replace_all("|", "%7C", literal=True)


def content_id(*parts: object) -> str:
    """First 96 bits, in hexadecimal, of the SHA-256 of the parts as a JSON list."""
    text = json.dumps([None if part is None else str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:ID_HEX_DIGITS]


def _ids(detector: Detector, rows: pl.DataFrame) -> list[str]:
    by_event = ("institution_id", "index_event_id", "flagged_event_id")
    by_measure = ("institution_id", "subject_id", "measure", "family", "period")
    names = by_measure if "measure" in rows.columns else by_event
    first = rows.select(names).rows()
    if names == by_measure:
        return [content_id(detector.id, *row) for row in first]
    return [content_id(institution, detector.id, index, flagged) for institution, index, flagged in first]


def _sentence(template: str, rows: pl.DataFrame, language: str) -> pl.Expr:
    """The sentence of each row; what stands in brackets is left out where one of its values is unknown."""
    parts = [_part(text, rows, language) for text in _OPTIONAL.split(template) if text]
    return pl.concat_str(parts)


def _part(text: str, rows: pl.DataFrame, language: str) -> pl.Expr:
    plain = text[1:-1] if _OPTIONAL.fullmatch(text) else text
    names = _BRACES.findall(plain)
    if not names:
        return pl.lit(plain)
    filled = pl.format(_BRACES.sub("{}", plain), *(_in_words(name, rows, language) for name in names))
    if plain == text:
        return filled
    return pl.when(pl.all_horizontal(pl.col(name).is_not_null() for name in names)).then(filled).otherwise(pl.lit(""))


SMALLEST = 0.001
"""Numbers of a sentence that are nearer to zero are told as below it, never as zero."""


def _in_words(name: str, rows: pl.DataFrame, language: str) -> pl.Expr:
    column = pl.col(name)
    if name in _WORDS:
        column = column.replace(_WORDS[name][language])
    if name == "item_name" and "item_code" in rows.columns:
        column = pl.coalesce(column, pl.col("item_code"))
    text = (column.round(2) if rows.schema[name].is_float() else column).cast(pl.String).str.replace(r"\.0$", "")
    if rows.schema[name].is_float():
        size = column.abs()
        text = (
            pl.when((size > 0) & (size < SMALLEST))
            .then(pl.lit(f"<{SMALLEST}"))
            .when((size > 0) & (size < 0.01))
            .then(column.round(3).cast(pl.String))
            .otherwise(text)
        )
    return text.fill_null("—")


def _evidence(detector: Detector, rows: pl.DataFrame) -> pl.Expr:
    names = [column.name for column in detector.evidence]
    missing = [name for name in names if name not in rows.columns]
    if missing:
        raise KeyError(f"{detector.id}: the answer lacks evidence columns {missing}")
    shown = [name for name in [*names, "exemptions_tested", "reason_supported"] if name in rows.columns]
    if "claimed_reason" not in names:
        shown.remove("reason_supported")
    fields = [_ordered(pl.col(name), rows.schema[name]).alias(name) for name in sorted(shown)]
    # A detector that tests no exemption says so with an empty object; Polars has no struct without fields.
    return (
        pl.struct(fields)
        .struct.json_encode()
        .str.replace('"exemptions_tested":null', '"exemptions_tested":{}', literal=True)
    )


def _ordered(expression: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """The same value with struct fields sorted by name at every depth, moments as ISO text, decimals as text."""
    if isinstance(kind, pl.Datetime):
        return expression.dt.strftime("%Y-%m-%dT%H:%M:%S")
    if isinstance(kind, pl.Date):
        return expression.dt.strftime("%Y-%m-%d")
    if isinstance(kind, pl.Decimal):
        return expression.cast(pl.String)
    if isinstance(kind, pl.Struct):
        fields = sorted(kind.fields, key=lambda field: field.name)
        ordered = pl.struct(
            [_ordered(expression.struct.field(f.name), f.dtype).alias(f.name) for f in fields]  # type: ignore[arg-type]
        )
        return pl.when(expression.is_not_null()).then(ordered)
    if isinstance(kind, pl.List):
        return expression.list.eval(_ordered(pl.element(), kind.inner))  # type: ignore[arg-type]
    return expression
