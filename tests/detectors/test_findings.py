"""Ids that stay, evidence that is the same text on every machine, sentences that say what is known."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

import polars as pl
import pytest

from detectors.findings import ID_HEX_DIGITS, content_id, findings_of
from detectors.readmission.cycle import CYCLE
from schemas.card import Text

TESTED = pl.DataFrame(
    {
        "exemptions_tested": [{"transfer": "does not", "against_advice": "holds"}],
        "exemption_id": [None],
        "is_weakened": [False],
        "reason_supported": [None],
    },
    schema_overrides={"exemption_id": pl.String, "reason_supported": pl.Boolean},
)
ANSWER = {
    "subject_id": "P1|H1|2025",
    "institution_id": "H1",
    "patient_id": "P1",
    "index_event_id": "A",
    "flagged_event_id": "B",
    "occurred_at": datetime(2025, 3, 4, 9),  # noqa: DTZ001
    "amount_at_issue": Decimal("10.5"),
    "fund_amount_at_issue": None,
    **dict.fromkeys((column.name for column in CYCLE.evidence), None),
    "gap_days": 3,
    "chain_length": None,
    "same_institution": True,
    "index_ended_at": datetime(2025, 3, 1, 10, 30),  # noqa: DTZ001
}


def told(changed: dict | None = None, tested: dict | None = None, detector=CYCLE) -> dict:
    answers = pl.DataFrame([ANSWER | (changed or {})], schema_overrides={"fund_amount_at_issue": pl.Decimal(18, 2)})
    row = TESTED.with_columns(pl.lit(value).alias(name) for name, value in (tested or {}).items())
    return findings_of(detector, answers, row).to_dicts()[0]


def test_an_id_is_ninety_six_bits_of_its_parts_and_of_nothing_else() -> None:
    assert content_id("a", 1, None) == content_id("a", "1", None)
    assert len(content_id("a")) == ID_HEX_DIGITS == 24


@pytest.mark.parametrize(
    ("one", "other"),
    [(("ab", "c"), ("a", "bc")), (("a", None), ("a", "None")), (("a",), ("a", None)), (("a", "b"), ("b", "a"))],
)
def test_different_parts_are_different_ids(one: tuple, other: tuple) -> None:
    assert content_id(*one) != content_id(*other)


def test_a_finding_is_named_by_institution_detector_and_events_alone() -> None:
    name = content_id("H1", CYCLE.id, "A", "B")
    assert told()["finding_id"] == name
    assert told({"gap_days": 9, "subject_id": "other", "occurred_at": datetime(2026, 1, 1)})["finding_id"] == name  # noqa: DTZ001
    assert told({"flagged_event_id": "C"})["finding_id"] != name
    assert told({"institution_id": "H2"})["finding_id"] != name


def test_without_events_it_is_named_by_place_subject_measure_family_and_period() -> None:
    measured = {"measure": "m", "family": "all", "period": "2025Q1-2025Q4"}
    name = content_id(CYCLE.id, "H1", "P1|H1|2025", "m", "all", "2025Q1-2025Q4")
    assert told(measured)["finding_id"] == name
    assert told(measured | {"index_event_id": "Z"})["finding_id"] == name


def test_evidence_has_sorted_keys_iso_moments_and_every_declared_column() -> None:
    text = told()["evidence"]
    evidence = json.loads(text)
    assert list(evidence) == sorted(evidence)
    assert set(evidence) == {column.name for column in CYCLE.evidence} | {"exemptions_tested"}
    assert evidence["index_ended_at"] == "2025-03-01T10:30:00"
    assert list(evidence["exemptions_tested"]) == ["against_advice", "transfer"]


def test_a_missing_evidence_column_is_an_error() -> None:
    answers = pl.DataFrame([ANSWER]).drop("gap_days")
    with pytest.raises((KeyError, pl.exceptions.ColumnNotFoundError)):
        findings_of(CYCLE, answers.with_columns(pl.lit("x").alias("tier")), TESTED)


def test_a_sentence_says_a_dash_where_something_is_unknown() -> None:
    assert told()["sentence_en"] == "Admitted again 3 days after discharge; — stays follow one another."


@pytest.mark.parametrize(
    ("tested", "confidence"),
    [({}, "medium"), ({"is_weakened": True}, "low"), ({"reason_supported": False}, "low")],
)
def test_a_weakening_exemption_or_an_unsupported_reason_lowers_confidence(tested: dict, confidence: str) -> None:
    assert told(tested=tested)["confidence"] == confidence


def test_a_part_of_a_sentence_in_brackets_is_left_out_where_a_value_is_unknown() -> None:
    sentence = Text(en="Again[ after {gap_days} days][, {chain_length} stays].", zh="再次[，{gap_days} 天]。")
    card = replace(CYCLE, sentence=sentence)
    found = told(detector=card)
    assert (found["sentence_en"], found["sentence_zh"]) == ("Again after 3 days.", "再次，3 天。")


def test_a_sentence_tells_codes_in_words_of_its_language() -> None:
    sentence = Text(en="Sex {sex_limit}, in {quantity_unit}, {variant}.", zh="{sex_limit}、{quantity_unit}、{variant}")
    codes = {"sex_limit": "M", "quantity_unit": "hour", "variant": "stay_elsewhere"}
    found = told(codes, detector=replace(CYCLE, sentence=sentence))
    assert found["sentence_en"] == "Sex male, in hour(s), a stay at another institution."
    assert found["sentence_zh"] == "男、小时、其他机构的住院"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0"), (2.0, "2"), (1.234, "1.23"), (0.0123, "0.01"), (0.0058, "0.006"), (4e-7, "<0.001"), (None, "—")],
)
def test_a_small_number_is_never_told_as_zero(value: float | None, words: str) -> None:
    card = replace(CYCLE, sentence=Text(en="q {q_value}", zh="q {q_value}"))
    found = findings_of(
        card, pl.DataFrame([ANSWER | {"q_value": value}], schema_overrides={"q_value": pl.Float64}), TESTED
    )
    assert found["sentence_en"][0] == f"q {words}"
