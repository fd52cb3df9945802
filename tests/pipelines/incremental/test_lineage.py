"""What SQL texts tell of themselves: which can be asked for some patients alone, and how they use the as-of date."""

from __future__ import annotations

import re
from functools import cache

import pytest

from detectors.catalogue import SHIPPED
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from detectors.prepared import COUNTED_KEYS, STEPS, prepare, statement
from pipelines.incremental.lineage import BY_PATIENT, Lineage, columns_given, lineage_of, tables_read, uses_as_value
from pipelines.incremental.narrowed import owner_columns
from pipelines.incremental.touched import LINKS, NAMED_BY_PATIENT
from schemas.pack import load_pack
from schemas.tables import TABLES

AS_OF = frozenset({"as_of"})


@cache
def lineage() -> Lineage:
    """The lineage of the prepared tables."""
    return lineage_of(owner_columns())


def test_the_columns_read_from_a_text_are_those_of_the_table_built_of_it() -> None:
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(engine.connection)
    load_policy(engine, load_pack("cn-national"))
    prepare(engine, {"as_of": None, "default_retest_hours": None})
    built = {step: tuple(engine.answer(f"from prepared.{step}", {}).column_names) for step in STEPS}
    engine.connection.close()
    assert {step: columns_given(statement(step)) for step in STEPS} == built


@pytest.mark.parametrize("step", STEPS)
def test_rows_of_patients_lead_to_their_patient(step: str) -> None:
    """Where this fails: give the table a patient_key, or enter it in LOOKUPS; else it is built whole every night."""
    assert lineage().kinds[step] != "whole"


@pytest.mark.parametrize("step", STEPS)
def test_prepared_tables_take_the_as_of_date_as_an_upper_bound_only(step: str) -> None:
    """Where this fails: every night on which the date moves is a full run."""
    assert step not in lineage().holding_as_of


@pytest.mark.parametrize("detector", [one for one in SHIPPED if one.is_by_patient], ids=lambda one: one.id)
def test_detectors_of_patient_episodes_can_be_asked_for_some_patients(detector) -> None:
    assert lineage().is_by_patient(detector)


@pytest.mark.parametrize("detector", [one for one in SHIPPED if one.judge is not None], ids=lambda one: one.id)
def test_detectors_with_a_judge_compare_patients(detector) -> None:
    assert not detector.is_by_patient


@pytest.mark.parametrize(
    "condition",
    [
        "cast(t.a as date) <= $as_of",
        "cast(coalesce(t.a, t.b) as date) <= $as_of",
        "cast(t.a as date) > $as_of",
        "$as_of >= t.a",
        "t.a between t.b and $as_of",
    ],
)
def test_an_upper_bound_of_a_moment_lets_rows_in_and_moves_nothing_else(condition: str) -> None:
    assert not uses_as_value(f"select 1 from main.t as t where {condition}", AS_OF)


@pytest.mark.parametrize(
    "expression",
    [
        "$as_of - t.a > 30",
        "t.a + 30 <= $as_of",
        "t.a < $as_of",
        "coalesce(t.a, $as_of) > t.b",
        "t.a between $as_of and t.b",
    ],
)
def test_reckoning_with_the_as_of_date_is_no_upper_bound(expression: str) -> None:
    assert uses_as_value(f"select 1 from main.t as t where {expression}", AS_OF)


@pytest.mark.parametrize(
    ("day", "moves"),
    [
        ("select x.started_at as day from main.encounter as x", False),
        ("select x.started_at + 3 as day from main.encounter as x", True),
        ("select x.valid_from as day from main.licence as x", True),
        ("select x.day from (select 1) as d, e as x", False),
        ("select x.* from e as x", False),
        ("select x.* from r as x", True),
    ],
)
def test_a_bound_of_a_registers_day_or_of_a_reckoned_one_is_found_through_parts(day: str, moves: bool) -> None:
    parts = "e as (select y.started_at as day from main.encounter as y), r as (select z.day from main.licence as z)"
    asked = f"with {parts}, d as ({day}) select 1 from d inner join main.licence as l on true where d.day <= $as_of"
    assert uses_as_value(asked, AS_OF) is moves


def test_a_table_without_an_owner_and_all_that_read_it_are_built_whole() -> None:
    kinds = lineage_of({step for step in STEPS if step != "stay"}).kinds
    assert {kinds["stay"], kinds["next_stay"], kinds["visit"]} == {"whole"}
    assert kinds["exam_event"] == "by_patient"


def test_registers_are_known_as_such() -> None:
    assert lineage().registers == {"institution", "department"}


def test_ids_that_name_something_of_a_patient_are_all_known_as_links() -> None:
    declared = {
        (table.name, column.name)
        for table in TABLES.values()
        for column in table.columns
        if table.name in BY_PATIENT and (column.references or "").split(".")[0] in LINKS
    }
    assert declared <= {link for links in LINKS.values() for link in links}


def test_every_other_table_by_patient_hangs_on_an_encounter() -> None:
    others = set(BY_PATIENT) - set(NAMED_BY_PATIENT)
    assert all("encounter_id" in TABLES[name].required_columns for name in others)


def test_keys_counted_over_all_rows_are_declared() -> None:
    for step in STEPS:
        counted = r"row_number\(\) over \((?!partition)[^)]*\) as (\w+_key)"
        made = set(re.findall(counted, re.sub(r"\s+", " ", statement(step))))
        assert made == {COUNTED_KEYS[step]} if step in COUNTED_KEYS else not made


def test_tables_read_leave_out_a_statements_own_parts() -> None:
    assert tables_read("with a as (select 1 from main.b) select 1 from a, pack.c") == {"main.b", "pack.c"}
