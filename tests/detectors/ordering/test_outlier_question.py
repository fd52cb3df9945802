from datetime import date

import polars as pl

from detectors.ordering.outlier_practitioner import OUTLIER_PRACTITIONER
from detectors.runner import bound_days, examined_statement


def _grain(rows: pl.DataFrame, grain: str) -> pl.DataFrame:
    return rows.filter(pl.col("grain") == grain)


def _visits(rows: pl.DataFrame) -> int:
    return _grain(rows, "unit")["visits"].sum()


def test_visits_examinations_and_money_add_up(hospital, ask) -> None:
    rows = ask(hospital)
    units, quarters = _grain(rows, "unit"), _grain(rows, "quarter").filter(pl.col("measure") == "volume")
    assert units["visits"].sum() == quarters["trials"].sum() == len(hospital.visits)
    assert units["events"].sum() == quarters["observed"].sum() == len(hospital.events)
    assert units["amount"].sum() == 10 * len(hospital.events)
    assert units["fund_amount"].sum() == 6 * len(hospital.events)
    assert units["reported"].sum() == len(hospital.events)
    assert units["positive"].sum() == sum(event["is_positive"] for event in hospital.events)


def test_a_patient_is_counted_once_for_each_doctor(hospital, ask) -> None:
    assert _grain(ask(hospital), "unit")["patients"].to_list() == [40] * 25


def test_families_add_up_to_the_same_examinations(hospital, ask) -> None:
    families = _grain(ask(hospital), "family")
    assert families["events"].sum() == len(hospital.events)
    assert set(families["family"]) == {"CT", "CBC"}


def test_the_most_examined_patient_stands_apart(hospital, ask) -> None:
    hospital.add_doctor("busy", exams=lambda i: 9 if i % 40 == 7 else 1)
    rows = ask(hospital)
    (busy,) = _grain(rows, "unit").filter(pl.col("practitioner_id") == "busy")["unit_no"]
    top = rows.filter("is_top_patient", pl.col("unit_no") == busy, pl.col("measure") == "volume")
    assert (top["trials"].sum(), top["observed"].sum()) == (2, 18)


def test_only_the_last_quarters_up_to_as_of_are_counted(hospital, ask) -> None:
    rows = ask(hospital, as_of=date(2025, 8, 15), quarters=2)
    assert sorted(_grain(rows, "quarter")["quarter"].unique()) == ["2025Q2", "2025Q3"]
    counted = [v for v in hospital.visits if date(2025, 4, 1) <= _day(v) <= date(2025, 8, 15)]
    assert _visits(rows) == len(counted)
    assert _grain(rows, "unit")["last_day"].unique().to_list() == [(date(2025, 8, 15) - date(1970, 1, 1)).days]


def test_bounds_of_the_run_are_inclusive(hospital, ask) -> None:
    rows = ask(hospital, window=(date(2025, 3, 1), date(2025, 3, 31)))
    counted = [v for v in hospital.visits if date(2025, 3, 1) <= _day(v) <= date(2025, 3, 31)]
    assert counted
    assert _visits(rows) == len(counted)
    assert _grain(rows, "unit")["last_quarter"].unique().to_list() == [2025 * 4 + 1]


def test_visits_that_no_doctor_answers_for_are_left_out(hospital, ask) -> None:
    hospital.add_doctor("nobody")
    for row in hospital.visits + hospital.events:
        if row["practitioner_id"] == "nobody":
            row["practitioner_id"] = None
    assert _visits(ask(hospital)) == 25 * 80


def test_what_a_colleague_ordered_in_the_visit_is_not_held_against_the_doctor(hospital, ask) -> None:
    before = _grain(ask(hospital), "unit")["events"].sum()
    theirs = {"practitioner_id": "a colleague", "visit_id": hospital.visits[0]["visit_id"]}
    hospital.events.append(hospital.events[0] | theirs)
    assert _grain(ask(hospital), "unit")["events"].sum() == before
    hospital.events[-1]["practitioner_id"] = None
    assert _grain(ask(hospital), "unit")["events"].sum() == before + 1


def test_the_hospital_s_own_department_code_stands_in_for_the_national_one(hospital, ask) -> None:
    for row in hospital.visits:
        row["national_department_code"] = None
    assert _grain(ask(hospital), "unit")["department_key"].unique().to_list() == ["D1"]


def test_the_denominator_counts_every_visit_of_the_period_once(hospital, engine, ask) -> None:
    ask(hospital)
    values = {**bound_days(date(2025, 12, 31)), "quarters": 4}
    counted = pl.from_arrow(engine.answer(examined_statement(OUTLIER_PRACTITIONER.question), values))
    assert counted["examined"].sum() == len(hospital.visits)
    assert counted["not_judged"].sum() == 0


def test_what_steps_left_behind_is_emptied(hospital, engine, ask) -> None:
    ask(hospital)
    for name in ("asked", "unit", "expected"):
        assert engine.answer(f"select count(*) as rows from work.{name}", {}).to_pylist() == [{"rows": 0}]


def test_rows_for_the_judge_do_not_grow_with_patients(hospital, ask) -> None:
    before = ask(hospital).height
    for visit in list(hospital.visits):
        more = {"visit_id": f"{visit['visit_id']}+", "patient_id": f"{visit['patient_id']}+", "age_years": 70}
        hospital.visits.append(visit | more)
    assert ask(hospital).height == before


def _day(visit: dict) -> date:
    return date.fromordinal(date(1970, 1, 1).toordinal() + visit["on_day"])
