"""A join that finds the one row of another source that a row belongs to, where no number says so.

A report names the patient, the visit and a moment, and in words what was examined; its registration has the same
patient, visit and day. Of the registrations with the same keys and the words, the newest on or before the report
is taken, and among those of one day the one that agrees in most further words; where two different ones are
left, none is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipelines.ingest.casting import value
from pipelines.ingest.numbering import SourceView
from pipelines.ingest.profile_values import name
from schemas.profile_shapes import Join
from schemas.tables import TABLES

_MOMENT = TABLES["exam_order"].column("ordered_at")


def is_matched(join: Join) -> bool:
    """Whether the join looks for one row instead of taking the first of each key."""
    return bool(join.not_after or join.contains or join.prefer)


def matched_side(join: Join, own: SourceView, own_rows: str, others: str, columns: Sequence[str]) -> str:
    """SQL of at most one row for each row of the file: ``own_row``, and the columns as ``source.column``.

    Args:
        join: the join; all its own columns are columns of the file itself.
        own: the file.
        own_rows: SQL of its rows.
        others: SQL of the rows of the other source, with ``place`` and its columns.
        columns: columns of the other source that are wanted.
    """
    keys = [f"o.{name(left)} = c.{name(right)}" for left, right in join.on.items() if left in own.columns]
    if len(keys) < len(join.on):
        keys = ["false"]
    held = [f"({_holds(left, right)})" for left, right in _there(join.contains, own)]
    days = [(f"o.{name(left)}", f"c.{name(right)}") for left, right in _there(join.not_after, own)]
    held += [f"({_day(theirs)} <= {_day(ours)})" for ours, theirs in days]
    agreed = [f"case when {_holds(left, right)} then 1 else 0 end" for left, right in _there(join.prefer, own)]
    order = [f"{_day(theirs)} desc" for _ours, theirs in days] + [f"{' + '.join(agreed or ['0'])} desc"]
    listed = ", ".join(f"c.{name(column)} as {name(f'{join.source}.{column}')}" for column in columns)
    told = ", ".join(f"c.{name(column)}" for column in columns)
    found = (
        f"select o.source_row as own_row, {listed}, row({told}) as told, c.place, "
        f"rank() over (partition by o.source_row order by {', '.join(order)}) as nearness "
        f"from {own_rows} as o inner join ({others}) as c on {' and '.join([*keys, *held])}"
    )
    kept = ", ".join(
        f"arg_min({name(f'{join.source}.{column}')}, place) as {name(f'{join.source}.{column}')}" for column in columns
    )
    return (
        f"select own_row, {kept} from ({found}) as found where nearness = 1 "
        "group by own_row having count(distinct told) = 1"
    )


def needed_columns(join: Join) -> list[str]:
    """Columns of the other source that the join compares."""
    compared: list[Mapping[str, str]] = [join.on, join.not_after, join.contains, join.prefer]
    return list(dict.fromkeys(right for pairs in compared for right in pairs.values()))


def _there(pairs: Mapping[str, str], own: SourceView) -> list[tuple[str, str]]:
    return [(left, right) for left, right in pairs.items() if left in own.columns]


def _holds(left: str, right: str) -> str:
    """Whether the other text has the own one in it; nothing to compare holds."""
    return f"coalesce(contains(upper(c.{name(right)}), upper(o.{name(left)})), o.{name(left)} is null)"


def _day(text: str) -> str:
    return f"cast({value(_MOMENT, text)} as date)"
