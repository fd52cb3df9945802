from datetime import date

import polars as pl
import pytest
import sqlglot

from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.runner import examined_statement


def _strata(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter(pl.col("grain") == "stratum")


def test_visits_examinations_and_money_add_up(hospital, ask) -> None:
    strata = _strata(ask(hospital))
    assert strata["visits"].sum() == len(hospital.visits)
    assert strata["events"].sum() == len(hospital.events)
    assert strata["amount"].sum() == 10 * len(hospital.events)
    assert strata["fund_amount"].sum() == 6 * len(hospital.events)
    assert strata["reported"].sum() == len(hospital.events)
    assert strata["positive"].sum() == sum(event["is_positive"] for event in hospital.events)


def test_a_patient_is_counted_once_for_each_doctor(hospital, ask) -> None:
    patients = _strata(ask(hospital)).group_by("practitioner_id").agg(pl.col("patients").sum())
    assert patients["patients"].to_list() == [40] * 25


def test_families_add_up_to_the_same_examinations(hospital, ask) -> None:
    families = ask(hospital).filter(pl.col("grain") == "family")
    assert families["events"].sum() == len(hospital.events)
    assert set(families["family"]) == {"CT", "CBC"}


def test_the_most_examined_patient_stands_apart(hospital, ask) -> None:
    hospital.add_doctor("busy", exams=lambda i: 9 if i % 40 == 7 else 1)
    top = _strata(ask(hospital)).filter(pl.col("is_top_patient"), pl.col("practitioner_id") == "busy")
    assert (top["visits"].sum(), top["events"].sum(), top["patients"].sum()) == (2, 18, 1)


def test_only_the_last_quarters_up_to_as_of_are_counted(hospital, ask) -> None:
    strata = _strata(ask(hospital, as_of=date(2025, 8, 15), quarters=2))
    assert sorted(strata["quarter"].unique()) == ["2025Q2", "2025Q3"]
    counted = [v for v in hospital.visits if date(2025, 4, 1) <= _day(v) <= date(2025, 8, 15)]
    assert strata["visits"].sum() == len(counted)
    assert strata["last_day"].unique().to_list() == [(date(2025, 8, 15) - date(1970, 1, 1)).days]


def test_bounds_of_the_run_are_inclusive(hospital, ask) -> None:
    day = (date(2025, 3, 1) - date(1970, 1, 1)).days
    strata = _strata(ask(hospital, from_day=day, to_day=day + 30))
    counted = [v for v in hospital.visits if date(2025, 3, 1) <= _day(v) <= date(2025, 3, 31)]
    assert counted
    assert strata["visits"].sum() == len(counted)
    assert strata["last_quarter"].unique().to_list() == [2025 * 4 + 1]


def test_visits_that_no_doctor_answers_for_are_left_out(hospital, ask) -> None:
    hospital.add_doctor("nobody")
    for row in hospital.visits + hospital.events:
        if row["practitioner_id"] == "nobody":
            row["practitioner_id"] = None
    assert _strata(ask(hospital))["visits"].sum() == 25 * 80


def test_what_a_colleague_ordered_in_the_visit_is_not_held_against_the_doctor(hospital, ask) -> None:
    before = _strata(ask(hospital))["events"].sum()
    theirs = {"practitioner_id": "a colleague", "visit_id": hospital.visits[0]["visit_id"]}
    hospital.events.append(hospital.events[0] | theirs)
    assert _strata(ask(hospital))["events"].sum() == before
    hospital.events[-1]["practitioner_id"] = None
    assert _strata(ask(hospital))["events"].sum() == before + 1


def test_the_hospital_s_own_department_code_stands_in_for_the_national_one(hospital, ask) -> None:
    for row in hospital.visits:
        row["national_department_code"] = None
    assert _strata(ask(hospital))["department_key"].unique().to_list() == ["D1"]


def test_the_denominator_counts_every_visit_of_the_period_once(hospital, engine, ask) -> None:
    ask(hospital)
    bounds = {"as_of": date(2025, 12, 31), "from_day": 0, "to_day": 30_000, "quarters": 4}
    counted = pl.from_arrow(engine.answer(examined_statement(OUTLIER_PRACTITIONER.question), bounds))
    assert counted["examined"].sum() == len(hospital.visits)
    assert counted["not_judged"].sum() == 0


def test_the_question_comes_through_to_spark_without_loss() -> None:
    spark = sqlglot.transpile(
        OUTLIER_PRACTITIONER.question, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE
    )
    assert len(spark) == 1
    assert ":as_of" in spark[0]


@pytest.mark.parametrize("word", ["qualify", "median", "quantile", "avg(", "any_value", "first("])
def test_nothing_that_depends_on_order_or_engine_is_used(word: str) -> None:
    assert word not in OUTLIER_PRACTITIONER.question


def _day(visit: dict) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + visit["on_day"])
