"""What each SQL text reads, and what follows from that: which of them can be asked for some patients alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import sqlglot
from sqlglot import exp

from detectors.declaration import Detector
from detectors.prepared import LOOKUPS, STEPS, statement
from schemas.tables import TABLES

BY_PATIENT = (
    "patient",
    "encounter",
    "diagnosis",
    "procedure",
    "exam_order",
    "exam_result",
    "claim_line",
    "consent",
)
"""Canonical tables whose rows belong to a patient, by name or through what they hang on; all others are registers."""

EXEMPTIONS_READ = frozenset({"prepared.happening", "prepared.mention"})
"""What the shared exemption step reads beside the candidates."""

Kind = Literal["constant", "by_patient", "lookup", "whole"]
"""How a prepared table follows its batch: never changes with patients; changes for touched patients; holds values of
theirs and is built anew, also for touched patients alone; is built anew."""

_UPPER_BOUNDS = (exp.LTE, exp.GT)
_LOWER_SIDES = (exp.GTE, exp.LT)
_PLAIN = (exp.Column, exp.Identifier, exp.Cast, exp.TryCast, exp.Coalesce, exp.Paren, exp.DataType, exp.DataTypeParam)


@cache
def _read(sql: str) -> exp.Expr:
    """The tree of a statement, to be looked at and never changed: reading a text is what takes long."""
    return sqlglot.parse_one(sql, dialect="duckdb")


@cache
def tables_read(sql: str) -> frozenset[str]:
    """``schema.table`` of every table that a statement in DuckDB dialect reads; its own CTEs left out."""
    return frozenset(f"{table.db}.{table.name}" for table in _read(sql).find_all(exp.Table) if table.db)


@cache
def columns_given(sql: str) -> tuple[str, ...]:
    """Names of the columns that a statement gives; ``d.*`` stands for those of the CTE or prepared table ``d``."""
    root = _read(sql)
    return tuple(_given(root, {one.alias: one.this for one in root.find_all(exp.CTE)}))


def _given(query: exp.Expr, ctes: Mapping[str, exp.Expr]) -> Iterator[str]:
    assert isinstance(query, exp.Query)  # noqa: S101 - narrows the type of parse_one
    for one in query.selects:
        if not one.is_star:
            yield one.alias_or_name
            continue
        own = (table for table in query.find_all(exp.Table) if table.parent_select is query)
        read = next(table for table in own if table.alias == one.text("table"))
        yield from columns_given(statement(read.name)) if read.db else _given(ctes[read.name], ctes)


@cache
def uses_as_value(sql: str, names: frozenset[str]) -> bool:
    """Whether a parameter is anything but the upper bound of a patient's moment: then its value moves what is found."""
    if not any(f"${name}" in sql for name in names):
        return False
    bound = [one for one in _read(sql).find_all(exp.Placeholder) if one.name in names]
    return any(not _is_upper_bound(one) or _bounds_what_no_patient_has(one) for one in bound)


def _is_upper_bound(parameter: exp.Placeholder) -> bool:
    parent = parameter.parent
    if isinstance(parent, exp.Between):
        return parent.args["high"] is parameter and _is_plain(parent.this)
    if isinstance(parent, _UPPER_BOUNDS):
        return parent.expression is parameter and _is_plain(parent.this)
    return isinstance(parent, _LOWER_SIDES) and parent.this is parameter and _is_plain(parent.expression)


def _is_plain(side: exp.Expr) -> bool:
    """Whether a side of a comparison is a column as it is: no arithmetic moves its bound."""
    return all(isinstance(node, _PLAIN) for node in side.walk())


def _bounds_what_no_patient_has(parameter: exp.Placeholder) -> bool:
    """Whether a register's day, or one reckoned in a CTE, stands before the bound: no row of a patient has it."""
    compared = parameter.parent
    assert compared is not None  # noqa: S101 - an upper bound stands in a comparison
    ctes = {one.alias: one.this for one in compared.root().find_all(exp.CTE)}
    return any(_is_of_no_patient(one, ctes) for one in compared.find_all(exp.Column))


def _is_of_no_patient(column: exp.Column, ctes: Mapping[str, exp.Expr]) -> bool:
    """Whether a column is a register's, looked up through the CTEs, or is anything but a column in one of them."""
    return any(_gives(one, column.name, ctes) for one in _read_beside(column, column.table))


def _read_beside(node: exp.Expr, alias: str) -> list[exp.Table]:
    """Tables of the select in which a node stands; only the one of an alias, where there is an alias."""
    select = node.parent_select
    assert select is not None  # noqa: S101 - a column stands in a select
    tables = [one for one in select.find_all(exp.Table) if one.parent_select is select]
    return [one for one in tables if alias in ("", one.alias_or_name)]


def _gives(table: exp.Table, name: str, ctes: Mapping[str, exp.Expr]) -> bool:
    if table.db:
        return table.db == "main" and table.name in TABLES and table.name not in BY_PATIENT
    told = [one for query in ctes[table.name].find_all(exp.Select) for one in query.selects]
    named = [one.unalias() for one in told if one.output_name == name]
    through_stars = (each for one in told if one.is_star for each in _read_beside(one, one.text("table")))
    return (
        any(not _is_plain(one) for one in named)
        or any(_is_of_no_patient(each, ctes) for one in named for each in one.find_all(exp.Column))
        or (not named and any(_gives(each, name, ctes) for each in through_stars))
    )


@dataclass(frozen=True)
class Lineage:
    """What the prepared tables and the detectors of a run read.

    Attributes:
        kinds: prepared table → how it follows its batch.
        registers: registers that prepared tables by patient read, as names of canonical tables.
        holding_as_of: prepared tables that hold the as-of date itself and not only rows up to it.
    """

    kinds: Mapping[str, Kind]
    registers: frozenset[str]
    holding_as_of: tuple[str, ...]

    def steps(self, *kinds: Kind) -> tuple[str, ...]:
        """Prepared tables of these kinds, in the order in which they are built."""
        return tuple(step for step, own in self.kinds.items() if own in kinds)

    def is_by_patient(self, detector: Detector) -> bool:
        """Whether a detector can be asked for some patients alone."""
        read = tables_read(detector.question) | EXEMPTIONS_READ
        return detector.is_by_patient and not any(self.kinds.get(_name(one, "prepared")) == "whole" for one in read)


def lineage_of(owned: Iterable[str], steps: Sequence[str] = STEPS) -> Lineage:
    """The lineage of the prepared tables.

    Args:
        owned: prepared tables with a column that leads each row to its patient.
        steps: prepared tables in the order in which they are built.
    """
    return _lineage_of(frozenset(owned), tuple(steps))


@cache
def _lineage_of(has_owner: frozenset[str], steps: tuple[str, ...]) -> Lineage:
    kinds: dict[str, Kind] = {}
    for step in steps:
        read = tables_read(statement(step))
        before = {kinds[_name(one, "prepared")] for one in read if one.startswith("prepared.")}
        of_patients = bool(before & {"by_patient", "lookup"}) or any(_name(one, "main") in BY_PATIENT for one in read)
        if step in LOOKUPS and "whole" not in before:
            kinds[step] = "lookup"
        elif "whole" in before or (of_patients and step not in has_owner):
            kinds[step] = "whole"
        else:
            kinds[step] = "by_patient" if of_patients else "constant"
    dependent = [step for step in steps if kinds[step] != "whole"]
    registers = frozenset(name for step in dependent for name in registers_read(statement(step)))
    holding = tuple(step for step in dependent if _holds_as_of(statement(step), kinds[step]))
    return Lineage(kinds, registers, holding)


def _holds_as_of(sql: str, kind: Kind) -> bool:
    """Whether a later as-of date changes rows of patients who have no row of the days between."""
    return "$as_of" in sql if kind == "constant" else uses_as_value(sql, frozenset({"as_of"}))


def registers_read(sql: str) -> frozenset[str]:
    """Canonical tables without a patient that a statement reads."""
    names = {_name(one, "main") for one in tables_read(sql) if one.startswith("main.")}
    return frozenset(names - set(BY_PATIENT))


def _name(table: str, schema: str) -> str:
    """``name`` of ``schema.name``; of a table in another schema, what no table is called."""
    own, _, name = table.partition(".")
    return name if own == schema else ""
