"""Exemptions are answers: holds, does not, or no data, and the first clearing one that holds is named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
import pytest

from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.exemptions import answer_exemptions

ALL = {"procedure", "encounter", "exam_result", "exam_order"}
HAPPENING = {
    "patient_key": pl.Int64,
    "event_id": pl.String,
    "kind": pl.String,
    "detail": pl.String,
    "family": pl.String,
    "at_s": pl.Int64,
    "until_s": pl.Int64,
}

MENTION = {
    "patient_key": pl.Int64,
    "visit_id": pl.String,
    "encounter_id": pl.String,
    "diagnosis_code": pl.String,
    "at_s": pl.Int64,
}


def rule(exemption_id: str, kind: str, anchor: str = "between", **columns: Any) -> dict[str, Any]:
    blank = dict.fromkeys(("detail_include", "detail_exclude", "reason_code", "needs_table", "valid_from", "valid_to"))
    return (
        blank
        | {
            "exemption_id": exemption_id,
            "happening_kind": kind,
            "anchor": anchor,
            "effect": "clears",
        }
        | columns
    )


def happening(kind: str, at_s: int, until_s: int | None = None, **columns: Any) -> dict[str, Any]:
    whole = {"patient_key": 1, "event_id": "x", "kind": kind, "detail": "", "family": None, "at_s": at_s}
    return whole | {"until_s": at_s if until_s is None else until_s} | columns


OPERATION = rule("operation_between", "operation", needs_table="procedure")
ABNORMAL = rule("abnormal", "abnormal_result", "index", needs_table="exam_result")
CANDIDATE = {
    "patient_key": 1,
    "index_event_id": "A",
    "flagged_event_id": "B",
    "index_at_s": 1000,
    "flagged_at_s": 2000,
    "family": "ct",
    "claimed_reason": None,
    "index_has_report": True,
    "change_pct": None,
    "reference_change_pct": None,
}
KINDS = {"claimed_reason": pl.String, "change_pct": pl.Float64, "reference_change_pct": pl.Float64}


@pytest.fixture
def engine() -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(made.connection)
    yield made
    made.connection.close()


@pytest.fixture
def say(engine: DuckDBEngine):
    def _say(rules, happenings=(), tables=ALL, mentions=(), **changed: Any) -> dict[str, Any]:
        engine.put("prepared.mention", pl.DataFrame(list(mentions), schema=MENTION).to_arrow())
        engine.put("prepared.happening", pl.DataFrame(list(happenings), schema=HAPPENING).to_arrow())
        candidates = pl.DataFrame([CANDIDATE | changed], schema_overrides=KINDS)
        return answer_exemptions(engine, candidates, rules, tables).to_dicts()[0]

    return _say


def test_an_operation_between_holds_and_is_named(say) -> None:
    answer = say([OPERATION], [happening("operation", 1500)])
    assert answer["exemptions_tested"] == {"operation_between": "holds"}
    assert answer["exemption_id"] == "operation_between"


@pytest.mark.parametrize(
    ("at_s", "until_s", "state"),
    [
        (1000, 1000, "does not"),
        (1001, 1001, "holds"),
        (2000, 2000, "holds"),
        (2001, 2001, "does not"),
        (0, 1001, "holds"),
        (0, 5000, "holds"),
    ],
)
def test_between_is_after_the_index_and_at_the_latest_with_the_flagged(say, at_s, until_s, state) -> None:
    assert say([OPERATION], [happening("operation", at_s, until_s)])["exemptions_tested"]["operation_between"] == state


def test_another_patient_s_operation_does_not_count(say) -> None:
    assert say([OPERATION], [happening("operation", 1500, patient_key=2)])["exemption_id"] is None


def test_a_table_that_was_never_loaded_is_no_data(say) -> None:
    assert say([OPERATION], tables=ALL - {"procedure"})["exemptions_tested"] == {"operation_between": "no data"}
    assert say([OPERATION])["exemptions_tested"] == {"operation_between": "does not"}


def test_an_index_without_a_report_is_no_data_for_its_abnormality(say) -> None:
    assert say([ABNORMAL], index_has_report=False)["exemptions_tested"] == {"abnormal": "no data"}
    assert say([ABNORMAL], index_has_report=True)["exemptions_tested"] == {"abnormal": "does not"}
    assert say([ABNORMAL], [happening("abnormal_result", 1000, event_id="A")])["exemption_id"] == "abnormal"
    assert say([ABNORMAL], [happening("abnormal_result", 1000, event_id="B")])["exemption_id"] is None


@pytest.mark.parametrize(("change", "state"), [(19.9, "does not"), (20.0, "holds"), (None, "holds")])
def test_a_change_below_the_reference_change_explains_nothing(say, change, state) -> None:
    abnormal = [happening("abnormal_result", 1000, event_id="A")]
    answer = say([ABNORMAL], abnormal, change_pct=change, reference_change_pct=20.0)
    assert answer["exemptions_tested"]["abnormal"] == state


def test_the_first_clearing_rule_in_order_is_named_and_all_are_answered(say) -> None:
    rules = [rule("second", "transfusion"), OPERATION, rule("weak", "icu", "flagged", effect="weakens")]
    happened = [happening("operation", 1500), happening("transfusion", 1500), happening("icu", 2000, event_id="B")]
    answer = say(rules, happened)
    assert answer["exemption_id"] == "second"
    assert set(answer["exemptions_tested"].values()) == {"holds"}
    assert answer["is_weakened"] is True


def test_a_weakening_rule_never_exempts(say) -> None:
    answer = say([rule("weak", "icu", "flagged", effect="weakens")], [happening("icu", 2000, event_id="B")])
    assert (answer["exemption_id"], answer["is_weakened"]) == (None, True)


@pytest.mark.parametrize(
    ("detail", "state"), [("S72.0", "holds"), ("T90.1", "does not"), ("T91", "holds"), ("I10", "does not")]
)
def test_details_are_included_and_excluded_by_their_beginnings(say, detail, state) -> None:
    injury = rule("injury", "new_diagnosis", detail_include="S;T", detail_exclude="T90")
    answer = say([injury], [happening("new_diagnosis", 1500, detail=detail)])
    assert answer["exemptions_tested"]["injury"] == state


@pytest.mark.parametrize(("family", "state"), [("ct", "holds"), ("mr", "does not"), (None, "holds")])
def test_a_happening_of_another_family_does_not_count(say, family, state) -> None:
    failed = rule("failed", "failed_study")
    assert say([failed], [happening("failed_study", 1500, family=family)])["exemptions_tested"]["failed"] == state


@pytest.mark.parametrize(
    ("failed_family", "part", "state"),
    [
        ("ct|chest", "chest", "holds"),
        ("ct|head", "chest", "does not"),
        ("ct", "chest", "holds"),
        ("ct|head", None, "holds"),
    ],
)
def test_a_study_that_failed_on_another_part_does_not_count(say, failed_family, part, state) -> None:
    answer = say(
        [rule("failed", "failed_study")], [happening("failed_study", 1500, family=failed_family)], body_part=part
    )
    assert answer["exemptions_tested"]["failed"] == state


@pytest.mark.parametrize(
    ("claimed", "happened", "supported"),
    [("3", True, True), ("3", False, False), ("5", True, False), (None, True, None)],
)
def test_a_claimed_reason_is_borne_out_by_the_exemption_that_stands_for_it(say, claimed, happened, supported) -> None:
    rules = [OPERATION | {"reason_code": "3;4"}]
    answer = say(rules, [happening("operation", 1500)] if happened else [], claimed_reason=claimed)
    assert answer["reason_supported"] is supported


def test_without_rules_or_candidates_nothing_is_tested(engine: DuckDBEngine) -> None:
    one = pl.DataFrame([CANDIDATE], schema_overrides=KINDS)
    assert answer_exemptions(engine, one, [], ALL)["exemptions_tested"].to_list() == [None]
    none = answer_exemptions(engine, one.clear(), [OPERATION], ALL)
    assert none.is_empty()
    assert none.schema["exemptions_tested"] == pl.Struct({"operation_between": pl.String})


def mention(code: str, at_s: int, encounter_id: str = "E") -> dict[str, Any]:
    return {
        "patient_key": 1,
        "visit_id": encounter_id,
        "encounter_id": encounter_id,
        "diagnosis_code": code,
        "at_s": at_s,
    }


@pytest.mark.parametrize(
    ("code", "at_s", "answer"),
    [
        ("F64.0", 1001, "holds"),
        ("F64.0", 2000, "holds"),
        ("F64.0", 1000, "does not"),
        ("F64.0", 2001, "does not"),
        ("F65.0", 1500, "does not"),
    ],
)
def test_a_diagnosis_of_the_record_counts_within_the_window_only(say, code: str, at_s: int, answer: str) -> None:
    told = rule("told", "diagnosis", detail_include="F64;Q56")
    assert say([told], mentions=[mention(code, at_s)])["exemptions_tested"]["told"] == answer


def test_a_diagnosis_of_the_visit_counts_at_any_time_and_one_of_another_visit_never(say) -> None:
    told = rule("told", "diagnosis", "flagged", detail_include="N97")
    at_visit = say([told], mentions=[mention("N97.9", 9_000, "E")], encounter_id="E")
    elsewhere = say([told], mentions=[mention("N97.9", 1500, "F")], encounter_id="E")
    assert at_visit["exemption_id"] == "told"
    assert elsewhere["exemption_id"] is None


@pytest.mark.parametrize(("answer", "state"), [(True, "holds"), (False, "does not"), (None, "no data")])
def test_what_the_question_answers_itself_is_taken_as_it_stands(say, answer: bool | None, state: str) -> None:
    own = rule("own_fact", "question")
    assert say([own], own_fact=answer)["exemptions_tested"]["own_fact"] == state


def test_a_question_that_does_not_answer_leaves_no_data(say) -> None:
    assert say([rule("own_fact", "question")])["exemptions_tested"]["own_fact"] == "no data"
