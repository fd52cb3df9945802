"""What must hold over a loaded table: one value a check, derived from the table's one declaration.

Ingest quarantines rows with bad values, so presence, keys and choices should hold by construction; the gate checks
them all the same, because a detector that reads doubled or half-empty rows is wrong without a sound.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from schemas.card import Text
from schemas.quality import FileAccount, QualityCheck
from schemas.table import Column, Constraint, Severity, Table
from schemas.tables import NEEDED_TO_START

Rule = Literal["has_rows", "present", "in_choices", "not_below", "broken_rows"]
"""How a check counts: rows at all; nulls; values off a list; values below a bound; rows that a query returns."""

MOST_ROWS = 0.5
"""Share of quarantined rows above which the rest of a table is no fair picture of it."""


@dataclass(frozen=True)
class Check:
    """One thing that must hold over one table of the warehouse.

    Attributes:
        table_name: canonical table, in schema ``main``.
        name: unique within the table, snake case.
        severity: what a failure does.
        prose: the rule in words.
        rule: how violations are counted.
        column: column that ``present``, ``in_choices`` and ``not_below`` look at.
        choices: allowed values of ``in_choices``.
        minimum: bound of ``not_below``, inclusive.
        query: of ``broken_rows``: a query over the relation ``t`` that returns one row for each violation.
        tolerated_share: share of examined rows, 0 to 1, that may break the rule.
    """

    table_name: str
    name: str
    severity: Severity
    prose: Text
    rule: Rule
    column: str | None = None
    choices: tuple[str, ...] = ()
    minimum: int | None = None
    query: str | None = None
    tolerated_share: float = 0.0


def checks_of(table: Table, loaded: Collection[str]) -> tuple[Check, ...]:
    """Every check of one table, ``has_rows`` first.

    Args:
        table: the declaration.
        loaded: names of the tables that hold data; a reference into any other table is not checked, since all of its
            rows would dangle.
    """
    return (
        _has_rows(table),
        _key_is_unique(table),
        *(check for column in table.columns for check in _column_checks(table, column)),
        *(_constraint(table, constraint) for constraint in table.constraints),
        *_references(table, loaded),
    )


def file_checks(files: Sequence[FileAccount]) -> tuple[QualityCheck, ...]:
    """How much of each table ingest had to quarantine, judged over all its files."""
    verdicts = []
    for table_name in sorted({file.table_name for file in files}):
        own = [file for file in files if file.table_name == table_name]
        examined, violated = sum(file.rows_in for file in own), sum(file.quarantined for file in own)
        for name, severity, prose, tolerated_share in _QUARANTINE_CHECKS:
            passed = violated <= tolerated_share * examined
            verdicts.append(
                QualityCheck(
                    table_name=table_name,
                    name=name,
                    severity=severity,
                    prose=prose,
                    passed=passed,
                    examined=examined,
                    violated=violated,
                    tolerated_share=tolerated_share,
                )
            )
    return tuple(verdicts)


_QUARANTINE_CHECKS = (
    (
        "most_rows_accepted",
        Severity.DISABLING,
        Text(en="At most half of the rows of a table are quarantined.", zh="被隔离的行不超过该表的一半。"),
        MOST_ROWS,
    ),
    (
        "no_row_quarantined",
        Severity.REPORTED,
        Text(en="Every row of the extract could be taken in.", zh="提取文件的每一行都可入库。"),
        0.0,
    ),
)


def _structural(table: Table) -> Severity:
    return Severity.BLOCKING if table.name in NEEDED_TO_START else Severity.DISABLING


def _has_rows(table: Table) -> Check:
    return Check(
        table.name,
        "has_rows",
        Severity.BLOCKING if table.name in NEEDED_TO_START else Severity.REPORTED,
        Text(en="The table holds at least one row.", zh="该表至少有一行。"),
        "has_rows",
    )


def _key_is_unique(table: Table) -> Check:
    key = ", ".join(f"t.{name}" for name in table.key)
    return Check(
        table.name,
        "key_is_unique",
        _structural(table),
        Text(en=f"No two rows share a key ({', '.join(table.key)}).", zh=f"主键（{'、'.join(table.key)}）不重复。"),
        "broken_rows",
        query=f"select unnest(range(1, count(*))) as broken from t group by {key} having count(*) > 1",
    )


def _column_checks(table: Table, column: Column) -> Iterator[Check]:
    if column.required:
        yield Check(
            table.name,
            f"{column.name}_is_present",
            _structural(table),
            Text(en=f"Every row has a value for {column.name}.", zh=f"每行都有 {column.name}。"),
            "present",
            column.name,
        )
    if column.choices:
        yield Check(
            table.name,
            f"{column.name}_is_a_known_choice",
            Severity.DISABLING if column.required else Severity.REPORTED,
            Text(
                en=f"{column.name} is one of {', '.join(column.choices)}.",
                zh=f"{column.name} 取值为 {'、'.join(column.choices)} 之一。",
            ),
            "in_choices",
            column.name,
            choices=column.choices,
        )
    if column.minimum is not None:
        yield Check(
            table.name,
            f"{column.name}_is_not_below_{column.minimum}",
            Severity.REPORTED,
            Text(en=f"{column.name} is at least {column.minimum}.", zh=f"{column.name} 不小于 {column.minimum}。"),
            "not_below",
            column.name,
            minimum=column.minimum,
        )


def _constraint(table: Table, constraint: Constraint) -> Check:
    return Check(
        table.name,
        constraint.name,
        constraint.severity,
        Text(en=constraint.prose, zh=constraint.prose_zh),
        "broken_rows",
        query=f"select 1 as broken from t where ({constraint.violation})",
        tolerated_share=constraint.tolerated_share,
    )


def _references(table: Table, loaded: Collection[str]) -> Iterator[Check]:
    for column in table.columns:
        if column.references is None:
            continue
        target, target_column = column.references.split(".")
        is_declared = any(f"t.{column.name} not in" in constraint.violation for constraint in table.constraints)
        if is_declared or target not in loaded:
            continue
        yield Check(
            table.name,
            f"{column.name}_is_known",
            Severity.REPORTED,
            Text(
                en=f"{column.name} is found in {column.references}.",
                zh=f"{column.name} 应能在 {column.references} 中找到。",
            ),
            "broken_rows",
            query=(
                f"select 1 as broken from t where t.{column.name} not in "
                f"(select r.{target_column} from main.{target} as r where r.{target_column} is not null)"
            ),
        )
