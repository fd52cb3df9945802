"""What no SQL file of the detectors' room may do, whatever it asks: DESIGN §3, held over every file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp

from detectors.catalogue import SHIPPED
from detectors.engines.duckdb import DuckDBEngine, create_tables, open_warehouse
from detectors.policy import load_policy
from detectors.prepared import STEPS, prepare
from schemas.pack import load_pack

ROOM = Path(__file__).parents[2] / "detectors"
FILES = {str(path.relative_to(ROOM)): path.read_text(encoding="utf-8") for path in sorted(ROOM.rglob("*.sql"))}
QUESTIONS = {detector.id: detector.question for detector in SHIPPED}

DEPENDS_ON_ROW_ORDER = (exp.First, exp.Last, exp.AnyValue, exp.ArgMax, exp.ArgMin, exp.Mode)
GATHERS_IN_ROW_ORDER = (exp.ArrayAgg, exp.GroupConcat)
NEEDS_ORDER = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Rank, exp.DenseRank)
CLOCKS_AND_DICE = (
    exp.CurrentDate,
    exp.CurrentTime,
    exp.CurrentTimestamp,
    exp.CurrentDatetime,
    exp.Localtime,
    exp.Localtimestamp,
    exp.Rand,
    exp.Randn,
    exp.Uuid,
)
CLOCKS_AND_DICE_BY_NAME = {
    "now",
    "today",
    "get_current_time",
    "get_current_timestamp",
    "setseed",
    "nextval",
    "txid_current",
}
FLOAT_AGGREGATES = (exp.Avg, exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop, exp.Corr)
FLOAT_AGGREGATES_BY_NAME = {"fsum", "favg", "kahan_sum", "product", "regr_slope", "geomean"}
FLOATS = (exp.DataType.Type.DOUBLE, exp.DataType.Type.FLOAT)
STAYS_BEHIND = (exp.ToDays, exp.PercentileCont, exp.PercentileDisc, exp.Median, exp.Quantile)
"""What sqlglot passes on to Spark without an error and without the same meaning."""


def parsed(sql: str) -> exp.Expr:
    return sqlglot.parse_one(sql, dialect="duckdb")


def code_of(sql: str) -> str:
    """The statement without its comments and blank lines."""
    lines = (re.sub(r"--.*", "", line).rstrip() for line in sql.splitlines())
    return "\n".join(line for line in lines if line)


@cache
def double_columns() -> frozenset[str]:
    """Names of every column that holds floats in the warehouse's canonical and prepared tables."""
    engine = DuckDBEngine(open_warehouse(None, threads=1))
    create_tables(engine.connection)
    load_policy(engine, load_pack("cn-national"))
    prepare(engine, {"as_of": None, "default_retest_hours": None})
    rows = engine.connection.execute(
        "select distinct column_name from duckdb_columns() where data_type in ('DOUBLE', 'FLOAT')"
    ).fetchall()
    engine.connection.close()
    return frozenset(name for (name,) in rows)


def lacks_opening_comment(sql: str) -> Iterator[str]:
    if not re.match(r"-- \S", sql):
        yield "the first line says nothing"


def shouts(sql: str) -> Iterator[str]:
    code = re.sub(r"'[^']*'", "", code_of(sql))
    if code != code.lower():
        yield "upper case outside quotes"


def depends_on_row_order(sql: str) -> Iterator[str]:
    for node in parsed(sql).walk():
        if isinstance(node, DEPENDS_ON_ROW_ORDER):
            yield f"{node.key}: which row it takes is left open"
        if isinstance(node, GATHERS_IN_ROW_ORDER) and not node.find(exp.Order):
            yield f"{node.key} without order"
        if isinstance(node, exp.Window) and isinstance(node.this, NEEDS_ORDER) and not _is_ordered(node):
            yield f"{node.this.key} over rows without order"
        if isinstance(node, exp.Limit) and not (node.parent and node.parent.args.get("order")):
            yield "limit without order"


def _is_ordered(window: exp.Window) -> bool:
    """Whether the window has an order of its own or takes that of a named one."""
    if window.args.get("order"):
        return True
    select = window.find_ancestor(exp.Select)
    named = {one.this.name: one for one in (select.args.get("windows") or [])} if select else {}
    return window.alias in named and bool(named[window.alias].args.get("order"))


def asks_clock_or_dice(sql: str) -> Iterator[str]:
    for node in parsed(sql).walk():
        if isinstance(node, CLOCKS_AND_DICE):
            yield node.key
        if isinstance(node, exp.Anonymous) and node.name.lower() in CLOCKS_AND_DICE_BY_NAME:
            yield node.name


def adds_floats(sql: str) -> Iterator[str]:
    """Averages, and sums over anything that is or may be a float."""
    for node in parsed(sql).walk():
        if isinstance(node, FLOAT_AGGREGATES):
            yield node.key
        if isinstance(node, exp.Anonymous) and node.name.lower() in FLOAT_AGGREGATES_BY_NAME:
            yield node.name
        if isinstance(node, exp.Sum) and any(_may_be_float(part) for part in node.this.walk()):
            yield f"sum of floats: {node.sql(dialect='duckdb')}"


def _may_be_float(node: exp.Expr) -> bool:
    if isinstance(node, exp.Column):
        return node.name in double_columns()
    if isinstance(node, exp.DataType):
        return node.this in FLOATS
    return isinstance(node, exp.Div | exp.Sqrt | exp.Ln)


def does_not_reach_spark(sql: str) -> Iterator[str]:
    try:
        sqlglot.transpile(sql, read="duckdb", write="spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        yield str(error)
    for node in parsed(sql).walk():
        yield from (fault for kind, fault, is_lost in LOST if isinstance(node, kind) and is_lost(node))


Lost = tuple[type[exp.Expr], str, Callable[..., bool]]

LOST: tuple[Lost, ...] = (
    *((kind, kind.key, lambda _: True) for kind in STAYS_BEHIND),
    (exp.Anonymous, "to_json", lambda node: node.name.lower() == "to_json"),
    (exp.Interval, "interval of a parameter", lambda node: node.find(exp.Placeholder) is not None),
    (exp.DateDiff, "date_diff by calendar units", lambda node: node.text("unit").lower() not in {"day", "second"}),
    (exp.Join, "asof join", lambda node: "ASOF" in {str(node.args.get("method")).upper(), node.kind.upper()}),
    (exp.Identifier, "a column named returning", lambda node: node.name.lower() == "returning"),
    (exp.Div, "division without a float on either side", lambda node: not _is_plainly_float(node)),
)


def _is_plainly_float(side: exp.Expr) -> bool:
    """Whether a float stands in an expression by name, by cast or by literal."""
    casts = [one for one in side.find_all(exp.Cast) if one.to.this in FLOATS]
    literals = [one for one in side.find_all(exp.Literal) if not one.is_string and "." in one.name]
    return bool(casts or literals) or any(one.name in double_columns() for one in side.find_all(exp.Column))


def ends_in_star(sql: str) -> Iterator[str]:
    tree = parsed(sql)
    last = (
        [tree] if isinstance(tree, exp.Select) else [one for one in tree.find_all(exp.Select) if _is_branch(one, tree)]
    )
    if any(column.is_star for one in last for column in one.selects if not isinstance(column, exp.Count)):
        yield "select * in the last projection"


def _is_branch(select: exp.Expr, root: exp.Expr) -> bool:
    """Whether a select is a branch of the union that is the whole statement."""
    node: exp.Expr | None = select
    while node is not None and node is not root:
        if not isinstance(node, exp.Select | exp.Union) or node.arg_key not in {"this", "expression", None}:
            return False
        node = node.parent
    return True


def is_long(sql: str) -> Iterator[str]:
    lines = len(code_of(sql).splitlines())
    if lines > 80:
        yield f"{lines} lines without comments"


Check = Callable[[str], Iterator[str]]

EVERYWHERE: tuple[Check, ...] = (
    lacks_opening_comment,
    shouts,
    depends_on_row_order,
    asks_clock_or_dice,
    adds_floats,
    does_not_reach_spark,
    is_long,
)
IN_QUESTIONS: tuple[Check, ...] = (ends_in_star,)


@pytest.mark.parametrize("check", EVERYWHERE, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", FILES)
def test_no_sql_file_does_what_is_forbidden_everywhere(name: str, check: Check) -> None:
    assert list(check(FILES[name])) == []


@pytest.mark.parametrize("check", IN_QUESTIONS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("detector_id", QUESTIONS)
def test_no_question_does_what_is_forbidden_in_questions(detector_id: str, check: Check) -> None:
    assert list(check(QUESTIONS[detector_id])) == []


def test_every_prepared_file_is_a_step_and_every_step_a_file() -> None:
    assert {path.stem for path in (ROOM / "prepared").glob("*.sql")} == set(STEPS)


SPECIMENS: tuple[tuple[Check, str], ...] = (
    (lacks_opening_comment, "select t.a from t"),
    (lacks_opening_comment, "--\nselect t.a from t"),
    (shouts, "SELECT t.a from t"),
    (depends_on_row_order, "select first(t.a) from t"),
    (depends_on_row_order, "select any_value(t.a) from t"),
    (depends_on_row_order, "select arg_max(t.a, t.b) from t"),
    (depends_on_row_order, "select max_by(t.a, t.b) from t"),
    (depends_on_row_order, "select min_by(t.a, t.b) from t"),
    (depends_on_row_order, "select list(t.a) from t"),
    (depends_on_row_order, "select string_agg(t.a, ',') from t"),
    (depends_on_row_order, "select group_concat(t.a) from t"),
    (depends_on_row_order, "select row_number() over (partition by t.a) from t"),
    (depends_on_row_order, "select lag(t.a) over w from t window w as (partition by t.b)"),
    (depends_on_row_order, "select t.a from t limit 3"),
    (asks_clock_or_dice, "select now()"),
    (asks_clock_or_dice, "select t.a from t where t.b < current_date"),
    (asks_clock_or_dice, "select today()"),
    (asks_clock_or_dice, "select current_timestamp"),
    (asks_clock_or_dice, "select get_current_timestamp()"),
    (asks_clock_or_dice, "select random()"),
    (asks_clock_or_dice, "select uuid()"),
    (asks_clock_or_dice, "select gen_random_uuid()"),
    (adds_floats, "select avg(t.a) from t"),
    (adds_floats, "select stddev(t.a) from t"),
    (adds_floats, "select sum(cast(t.a as double)) from t"),
    (adds_floats, "select sum(t.a / 3) from t"),
    (adds_floats, "select sum(t.result_value) from t"),
    (adds_floats, "select fsum(t.a) from t"),
    (does_not_reach_spark, "select t.a + interval ($days) day from t"),
    (does_not_reach_spark, "select to_days(t.a) from t"),
    (does_not_reach_spark, "select t.a from t asof join u on t.b >= u.b"),
    (does_not_reach_spark, "select quantile_cont(t.a, 0.5) from t"),
    (does_not_reach_spark, "select median(t.a) from t"),
    (does_not_reach_spark, "select date_diff('month', t.a, t.b) from t"),
    (does_not_reach_spark, "select to_json(t.a) from t"),
    (does_not_reach_spark, "select t.net_amount / 3 from t"),
    (does_not_reach_spark, "select t.returning from t"),
    (ends_in_star, "with a as (select t.b from t) select * from a"),
    (ends_in_star, "select a.* from a"),
    (ends_in_star, "select a.b from a union all select * from c"),
    (is_long, "select\n" + "t.a,\n" * 80 + "t.b from t"),
)


@pytest.mark.parametrize(("check", "sql"), SPECIMENS)
def test_a_bad_specimen_is_caught(check: Check, sql: str) -> None:
    assert list(check(sql))


@pytest.mark.parametrize(
    "sql",
    [
        "-- fine\nwith a as (select * from t) select a.b, list(a.c order by a.d) from a group by a.b",
        "-- fine\nselect lag(t.a) over w from t window w as (partition by t.b order by t.c)",
        "-- fine\nselect sum(case when t.a > 0.5 then 1 else 0 end), round(t.b / 3600.0, 1) from t",
        "-- fine\nselect date_diff('second', t.a, t.b), 'UPPER' from t order by t.a limit 3",
    ],
)
def test_what_is_allowed_passes(sql: str) -> None:
    assert [fault for check in (*EVERYWHERE, *IN_QUESTIONS) for fault in check(sql)] == []
