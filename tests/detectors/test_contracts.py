"""Every detector of the catalogue keeps its word: what a card declares is what its question reads, takes and gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl
import pytest
import sqlglot
from sqlglot import exp

from detectors.catalogue import SHIPPED
from detectors.declaration import ANSWER_COLUMNS, TESTED_COLUMNS, Detector, Parameter
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import exemption_rows, load_policy
from detectors.prepared import prepare
from detectors.runner import PERIODS, asked, bound_days
from schemas.card import EvidenceColumn, Text
from schemas.pack import load_pack
from schemas.tables import TABLES

ROOM = Path(__file__).parents[2] / "detectors"
NATIONAL = load_pack("cn-national")
BOUNDS = set(bound_days(date(2025, 12, 31)))
MAY_GIVE = {"subject_type", "severity", "confidence", "grade", "index_has_report", "measure", "family", "period"}
MUST_GIVE = {"subject_id", "institution_id", "occurred_at", "amount_at_issue", "fund_amount_at_issue"}
POLARS_KINDS: dict[str, Callable[[pl.DataType], bool]] = {
    "text": lambda kind: kind == pl.String,
    "integer": lambda kind: kind.is_integer(),
    "number": lambda kind: kind.is_numeric(),
    "boolean": lambda kind: kind == pl.Boolean,
    "money": lambda kind: kind.is_decimal(),
    "moment": lambda kind: isinstance(kind, pl.Datetime),
    "list": lambda kind: isinstance(kind, pl.List),
    "object": lambda kind: isinstance(kind, pl.Struct),
}


def parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")


@cache
def empty_warehouse() -> DuckDBEngine:
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(engine.connection)
    load_policy(engine, NATIONAL)
    prepare(engine, {"as_of": date(2025, 12, 31), "default_retest_hours": None})
    return engine


def given(detector: Detector) -> pl.Schema:
    """Columns and types of the answer, as the engine (and the judge) give them over an empty warehouse."""
    values = {parameter.name: parameter.default for parameter in detector.parameters}
    rows = asked(empty_warehouse(), detector, {**bound_days(date(2025, 12, 31)), **values})
    return (rows if detector.judge is None else detector.judge(rows, values)).schema


def reads_what_it_declares(detector: Detector) -> Iterator[str]:
    read: set[str] = set()
    for tree in map(parsed, detector.statements):
        own = {cte.alias for cte in tree.find_all(exp.CTE)}
        read |= {f"{t.db}.{t.name}".strip(".") for t in tree.find_all(exp.Table) if t.db or t.name not in own}
    read -= {f"work.{name}" for name in ("asked", *(step.stem for step in detector.steps))}
    if read != set(detector.tables):
        yield f"reads {sorted(read)}, declares {sorted(detector.tables)}"


def takes_what_it_declares(detector: Detector) -> Iterator[str]:
    bound = {node.name for sql in detector.statements for node in parsed(sql).find_all(exp.Placeholder)}
    declared = {parameter.name for parameter in detector.parameters}
    judged = set(re.findall(r'parameters\["(\w+)"\]', _sources(detector))) if detector.judge else set()
    for name in sorted((bound | judged) - declared - BOUNDS):
        yield f"takes {name} without declaring it"
    for name in sorted(declared - bound - judged):
        yield f"declares {name} without taking it"
    for name in sorted(bound & set(PERIODS)) if detector.is_by_patient else ():
        yield f"is asked by patient and takes {name}"
    for name in sorted({"from_day", "to_day"} - bound):
        yield f"leaves out the run's bound {name}"


def _sources(detector: Detector) -> str:
    """The detector's own module, and those of its family and of the statistics that it rests on."""
    family, found = detector.question_path.parent, {}
    wanted = [(family.name, detector.question_path.stem)]
    while wanted:
        name = wanted.pop()
        if name not in found:
            found[name] = (ROOM / name[0] / f"{name[1]}.py").read_text(encoding="utf-8")
            wanted += re.findall(rf"from detectors\.({family.name}|statistics)\.(\w+) import", found[name])
    return "".join(found.values())


def gives_what_it_declares(detector: Detector) -> Iterator[str]:
    columns, evidence = set(given(detector)), {column.name for column in detector.evidence}
    expected = MUST_GIVE | evidence | (set(TESTED_COLUMNS) if detector.exemption_ids else set())
    for name in sorted(expected - columns):
        yield f"does not give {name}"
    for name in sorted(columns - expected - set(ANSWER_COLUMNS) - MAY_GIVE - set(detector.exemption_ids)):
        yield f"gives {name} without declaring it"
    if detector.judge is None and set(parsed(detector.question).named_selects) != columns:
        yield "sqlglot and the engine see different columns"


def gives_the_types_it_declares(detector: Detector) -> Iterator[str]:
    schema = given(detector)
    for column in detector.evidence:
        if column.name in schema and not POLARS_KINDS[column.type](schema[column.name]):
            yield f"{column.name} is declared {column.type} and given as {schema[column.name]}"


def counts_its_denominator(detector: Detector) -> Iterator[str]:
    ctes = {cte.alias: cte for cte in parsed(detector.question).find_all(exp.CTE)}
    if "examined" not in ctes:
        yield "no CTE named examined"
        return
    if ctes["examined"].find(exp.Window):
        yield "a window function in examined"
    for name in sorted({"institution_id", "month", "is_judged"} - set(ctes["examined"].this.named_selects)):
        yield f"examined does not give {name}"


def names_its_facts_under_a_comment(detector: Detector) -> Iterator[str]:
    if not detector.question.startswith("-- "):
        yield "the question's first line is no comment"


def explains_itself_in_both_languages(detector: Detector) -> Iterator[str]:
    if not detector.innocent_explanations:
        yield "no innocent explanation"
    texts = [
        detector.title,
        detector.sentence,
        *detector.innocent_explanations,
        *(parameter.why for parameter in detector.parameters),
        *(column.title for column in detector.evidence),
    ]
    for text in texts:
        if not text.en.strip() or not re.search(r"[\u4e00-\u9fff]|值|z|p|q", text.zh):
            yield f"not in both languages: {text.en or text.zh!r}"
        if "违规" in text.zh or "violat" in text.en.lower():
            yield f"judges before a verdict: {text.en}"


def fills_its_sentence_from_evidence(detector: Detector) -> Iterator[str]:
    evidence = {column.name for column in detector.evidence}
    for language in ("en", "zh"):
        for name in re.findall(r"\{(.*?)\}", getattr(detector.sentence, language)):
            if name not in evidence:
                yield f"sentence ({language}) names {name}, which is no evidence"


def names_the_packs_exemptions(detector: Detector) -> Iterator[str]:
    in_pack = {str(row["exemption_id"]) for row in exemption_rows(NATIONAL, detector.id)}
    if in_pack != set(detector.exemption_ids) or len(detector.exemption_ids) != len(in_pack):
        yield f"card and cn-national differ in {sorted(in_pack ^ set(detector.exemption_ids))}"


def names_law_of_the_pack(detector: Detector) -> Iterator[str]:
    if not detector.legal_basis_ids:
        yield "no legal basis"
    for basis_id in detector.legal_basis_ids:
        if basis_id not in NATIONAL.legal_bases:
            yield f"cn-national holds no {basis_id}"


def needs_what_exists(detector: Detector) -> Iterator[str]:
    for alternatives in detector.needs:
        for need in alternatives:
            table, _, column = need.partition(".")
            if table not in TABLES or (column and column not in TABLES[table].column_names):
                yield f"needs {need}, which no canonical table has"
    if not detector.needs:
        yield "needs nothing"


def is_named_like_its_files(detector: Detector) -> Iterator[str]:
    if not re.fullmatch(r"[a-z_]+\.[a-z_]+", detector.id):
        yield f"id {detector.id} is not family.name"
    family, _, name = detector.id.partition(".")
    for suffix in (".py", ".sql"):
        if not (ROOM / family / f"{name}{suffix}").exists() or detector.question_path != ROOM / family / f"{name}.sql":
            yield f"id {detector.id} and {detector.question_path.parent.name}/{detector.question_path.name} differ"


def bounds_its_parameters(detector: Detector) -> Iterator[str]:
    for parameter in detector.parameters:
        value = parameter.default
        if not parameter.choices and (parameter.minimum is None or parameter.maximum is None):
            yield f"{parameter.name} has no bounds"
        elif not parameter.choices and not parameter.minimum <= float(value) <= parameter.maximum:  # type: ignore[operator]
            yield f"{parameter.name}: the default is out of bounds"


Check = Callable[[Detector], Iterator[str]]

CHECKS: tuple[Check, ...] = (
    reads_what_it_declares,
    takes_what_it_declares,
    gives_what_it_declares,
    gives_the_types_it_declares,
    counts_its_denominator,
    names_its_facts_under_a_comment,
    explains_itself_in_both_languages,
    fills_its_sentence_from_evidence,
    names_the_packs_exemptions,
    names_law_of_the_pack,
    needs_what_exists,
    is_named_like_its_files,
    bounds_its_parameters,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("detector", SHIPPED, ids=lambda detector: detector.id)
def test_detector_keeps_its_contract(detector: Detector, check: Check) -> None:
    assert list(check(detector)) == []


GOOD = next(detector for detector in SHIPPED if detector.id == "readmission.cycle")
EMPTY = Text(en="", zh="")


def _asking(tmp_path: Path, old: str, new: str) -> Detector:
    """The good specimen with a changed question."""
    assert old in GOOD.question
    path = tmp_path / "cycle.sql"
    path.write_text(GOOD.question.replace(old, new), encoding="utf-8")
    return replace(GOOD, question_path=path)


@pytest.mark.parametrize(
    ("check", "old", "new"),
    [
        (reads_what_it_declares, "prepared.next_stay", "prepared.stay"),
        (takes_what_it_declares, "$window_days", "15"),
        (takes_what_it_declares, "$window_days", "$window_days + $slack_days"),
        (takes_what_it_declares, "$window_days", "$window_days + 0 * $last_quarter"),
        (takes_what_it_declares, "between $from_day and $to_day", "<= $to_day"),
        (gives_what_it_declares, "    c.chain_length,\n", ""),
        (gives_what_it_declares, "    c.chain_length,\n", "    c.chain_length,\n    l.gap_days as spare,\n"),
        (gives_what_it_declares, "    f.patient_key,\n", ""),
        (gives_the_types_it_declares, "    l.gap_days,\n", "    cast(l.gap_days as varchar) as gap_days,\n"),
        (counts_its_denominator, "examined as", "looked_at as"),
        (counts_its_denominator, "true as is_judged", "true as judged"),
        (counts_its_denominator, "true as is_judged", "row_number() over (order by s.stay_id) = 1 as is_judged"),
        (names_its_facts_under_a_comment, "-- which stays", "select 1 -- which stays"),
    ],
)
def test_a_bad_question_is_caught(check: Check, old: str, new: str, tmp_path: Path) -> None:
    assert list(check(_asking(tmp_path, old, new)))


@pytest.mark.parametrize(
    ("check", "detector"),
    [
        (reads_what_it_declares, replace(GOOD, tables=(*GOOD.tables, "prepared.charge"))),
        (takes_what_it_declares, replace(GOOD, parameters=())),
        (gives_what_it_declares, replace(GOOD, evidence=GOOD.evidence[1:])),
        (explains_itself_in_both_languages, replace(GOOD, innocent_explanations=())),
        (explains_itself_in_both_languages, replace(GOOD, title=EMPTY)),
        (explains_itself_in_both_languages, replace(GOOD, title=Text(en="Fraud", zh="违规住院"))),
        (
            explains_itself_in_both_languages,
            replace(GOOD, evidence=(EvidenceColumn(name="a", type="text", unit=None, title=EMPTY),)),
        ),
        (fills_its_sentence_from_evidence, replace(GOOD, sentence=Text(en="{gap_days} {nothing}", zh="{gap_days}"))),
        (names_the_packs_exemptions, replace(GOOD, exemption_ids=GOOD.exemption_ids[1:])),
        (names_the_packs_exemptions, replace(GOOD, exemption_ids=(*GOOD.exemption_ids, GOOD.exemption_ids[0]))),
        (names_law_of_the_pack, replace(GOOD, legal_basis_ids=("no_such_law",))),
        (names_law_of_the_pack, replace(GOOD, legal_basis_ids=())),
        (needs_what_exists, replace(GOOD, needs=(("encounter.no_such_column",),))),
        (needs_what_exists, replace(GOOD, needs=(("encounter", "no_such_table"),))),
        (is_named_like_its_files, replace(GOOD, id="readmission.chain")),
        (is_named_like_its_files, replace(GOOD, id="cycle")),
        (bounds_its_parameters, replace(GOOD, parameters=(Parameter("window_days", 15, EMPTY),))),
        (bounds_its_parameters, replace(GOOD, parameters=(Parameter("a", 32, EMPTY, minimum=0, maximum=31),))),
    ],
)
def test_a_bad_card_is_caught(check: Check, detector: Detector) -> None:
    assert list(check(detector))


def test_ids_are_unique() -> None:
    assert len({detector.id for detector in SHIPPED}) == len(SHIPPED)
