"""A table mapping as SQL: rows of one source, and what is joined to them, as text under canonical names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pipelines.ingest.casting import trimmed
from pipelines.ingest.matching import is_matched, matched_side, needed_columns
from pipelines.ingest.numbering import Rows, SourceView, number_within, numbered, rows_to_number
from pipelines.ingest.profile_values import literal, name, steps_of
from schemas.profile_shapes import ColumnMapping, Condition, Join, TableMapping
from schemas.table import Kind, Table

_UNSCOPED = ("patient_id", "group_id", "supervisor_id")
_FILE_ROWS = 1_000_000_000_000
"""More rows than a file has: file and line make one number by which rows of several files are ordered."""


@dataclass(frozen=True)
class MappedRows:
    """What one mapping makes of one file.

    Attributes:
        texts: SQL of a relation with ``line``, ``line_count``, ``structure_fault``, ``cell_faults`` and
            ``text_<column>`` for each column in ``present``.
        present: canonical columns for which the file has something, in the order of the table.
        account: SQL of rows (reason, count): why rows were set aside; reason null for those that were taken.
        own_voids: SQL of ``text_claim_line_id``, ``text_claim_id`` and ``text_voided`` before refunds void lines.
    """

    texts: str
    present: tuple[str, ...]
    account: str
    own_voids: str | None = None


def map_rows(
    table: Table,
    mapping: TableMapping,
    own: SourceView,
    others: Mapping[str, Sequence[SourceView]],
    *,
    is_scoped: bool = False,
    void_claims: str | None = None,
) -> MappedRows:
    """The mapping of one file to one table.

    Args:
        table: the canonical table.
        mapping: how its columns are filled.
        own: the file.
        others: every file of the extract by source, for joins and for numbers that run on over files.
        is_scoped: whether ids are made unique by their institution.
        void_claims: a relation of claim ids (``claim_id``) whose lines are void, for ``claim_line``.
    """
    joins = [join for join in mapping.joins if others.get(join.source)]
    there = set(own.columns)
    for join in joins:
        there |= {f"{join.source}.{column}" for view in others[join.source] for column in view.columns}
    present = tuple(column for column in table.column_names if _is_there(mapping.columns.get(column), there))
    named = _named(mapping, there)
    joined = _joined(own, own.view, joins, others, named)
    counted = rows_to_number(mapping, own, others.get(mapping.from_, ()))
    beside = joined if counted.own is None else _joined(own, counted.relation, joins, others, named)
    taken = (
        f"select * from ({beside}) as beside where structure_fault is not null or ({_all_hold(mapping.where, there)})"
    )
    splits = list(dict.fromkeys(origin.column for origin in mapping.columns.values() if origin.split and origin.column))
    rows = _parts(mapping, taken, [split for split in splits if split in there])
    origins = {column: mapping.columns[column] for column in present}
    based = _based(origins, mapping, rows, there, counted)
    texts = counted.only_own(_stepped(based, origins, table, mapping, is_scoped, counted))
    own_voids = None
    if table.name == "claim_line" and void_claims is not None and {"claim_line_id", "claim_id"} <= set(present):
        voided = "text_voided" if "voided" in present else "cast(null as varchar) as text_voided"
        own_voids = f"select text_claim_line_id, text_claim_id, {voided} from ({texts}) as lines"
        present, texts = _voided(table, present, texts, void_claims)
    if mapping.distinct:
        texts = _first_of_each(table, present, texts)
    elif splits:
        texts = f"select * from ({texts}) as parted order by line, part_no"
    return MappedRows(texts, present, _account(joined, mapping.where, there), own_voids)


def _is_there(origin: ColumnMapping | None, there: set[str]) -> bool:
    if origin is None:
        return False
    if origin.person is not None:
        return f"person:{'|'.join(origin.person)}" in there
    return not origin.columns or any(column in there for column in origin.columns)


def _named(mapping: TableMapping, there: set[str]) -> list[str]:
    """Columns of joined sources that the mapping needs, of those that are there."""
    wanted = {column for origin in mapping.columns.values() for column in origin.named}
    wanted |= {condition.column for condition in mapping.where}
    wanted |= {own for join in mapping.joins for own in join.on}
    wanted |= {mapping.institution} if mapping.institution else set()
    return sorted(column for column in wanted if column in there)


def _joined(
    own: SourceView,
    own_rows: str,
    joins: Sequence[Join],
    others: Mapping[str, Sequence[SourceView]],
    named: Sequence[str],
) -> str:
    tables, beside = [f"{own_rows} as own"], ["own.*"]
    for at, join in enumerate(joins):
        columns = [
            column.removeprefix(f"{join.source}.")
            for column in named
            if column.startswith(f"{join.source}.") and column not in own.columns
        ]
        side = f"side_{at}"
        if is_matched(join):
            theirs = _rows_of(join, others[join.source], list(dict.fromkeys([*needed_columns(join), *columns])))
            tables.append(
                f"left join ({matched_side(join, own, own.view, theirs, columns)}) as {side} "
                f"on own.source_row = {side}.own_row"
            )
            beside += [f"{side}.{name(f'{join.source}.{column}')}" for column in columns]
            continue
        on = " and ".join(
            f"{f'own.{name(left)}' if left in own.columns else name(left)} = {side}.{name(f'{join.source}.{right}')}"
            for left, right in join.on.items()
        )
        if not all(left in own.columns or left in named for left in join.on):
            on = "false"
        tables.append(f"left join ({_side(join, others[join.source], columns)}) as {side} on {on}")
        beside += [f"{side}.{name(f'{join.source}.{column}')}" for column in columns if column not in join.on.values()]
        beside += [f"{side}.{name(f'{join.source}.{column}')}" for column in columns if column in join.on.values()]
    return f"select {', '.join(beside)} from {' '.join(tables)}"


def _side(join: Join, views: Sequence[SourceView], columns: Sequence[str]) -> str:
    """One row for each key of a joined source: sums, and the first filled value of the other columns."""
    keys = list(join.on.values())
    needed = [*keys, *(column for column in columns if column not in keys)]
    files = _rows_of(join, views, needed)
    listed = ", ".join(f"{name(key)} as {name(f'{join.source}.{key}')}" for key in keys)
    folded = [
        f"{_sum(name(column)) if column in join.sum else f'arg_min({name(column)}, place)'} "
        f"as {name(f'{join.source}.{column}')}"
        for column in needed
        if column not in keys
    ]
    grouped = ", ".join(name(key) for key in keys)
    return f"select {', '.join([listed, *folded])} from ({files}) as files group by {grouped}"


def _rows_of(join: Join, views: Sequence[SourceView], needed: Sequence[str]) -> str:
    """Rows of all files of a joined source that count, with their place among them."""
    return " union all by name ".join(
        f"select {at * _FILE_ROWS} + source_row as place, {_columns_or_null(needed, view)} from {view.view} "
        f"where structure_fault is null and {_all_hold(join.where, view.columns)}"
        for at, view in enumerate(views)
    )


def _columns_or_null(columns: Iterable[str], view: SourceView) -> str:
    return ", ".join(
        name(column) if column in view.columns else f"cast(null as varchar) as {name(column)}" for column in columns
    )


def _sum(column: str) -> str:
    # One value that is no amount makes the sum unknown, not smaller.
    amount = f"try_cast({column} as decimal(18, 2))"
    return f"case when count({column}) = count({amount}) then cast(sum({amount}) as varchar) end"


def condition_sql(condition: Condition) -> str:
    """SQL of whether a row is taken."""
    value = f"coalesce({name(condition.column)}, '')"
    if condition.in_ is not None:
        return f"{value} in ({', '.join(literal(one) for one in condition.in_)})"
    return f"{value} not in ({', '.join(literal(one) for one in condition.not_in or ())})"


def _all_hold(conditions: Sequence[Condition], there: Collection[str]) -> str:
    return " and ".join([f"({condition_sql(one)})" for one in conditions if one.column in there] or ["true"])


def _account(joined: str, where: Sequence[Condition], there: set[str]) -> str:
    whens = [f"when not ({condition_sql(one)}) then '{one.reason}'" for one in where if one.column in there]
    reason = f"case when structure_fault is not null then null {' '.join(whens)} end" if whens else "null"
    return f"select {reason} as reason, count(*) as rows from ({joined}) as beside group by reason order by reason"


def _parts(mapping: TableMapping, taken: str, splits: Sequence[str]) -> str:
    """Rows cut at their split columns, each part with its number; a row without any part has none."""
    if not splits:
        return f"select *, 1 as part_no from ({taken}) as taken"
    signs = {origin.column: origin.split for origin in mapping.columns.values() if origin.split}
    lists = {split: _cut(name(split), signs[split] or "") for split in splits}
    count = f"greatest({', '.join(f'len({parts})' for parts in lists.values())})"
    unnested = ", ".join(f"unnest({parts}) as {name(f'part:{split}')}" for split, parts in lists.items())
    cut = f"select *, {unnested}, unnest(range(1, 1 + {count})) as part_no from ({taken}) as taken"
    clean = ", ".join(f"{trimmed(name(f'part:{split}'))} as {name(f'part:{split}')}" for split in splits)
    filled = " or ".join(f"{name(f'part:{split}')} is not null" for split in splits)
    parts = f"select * replace ({clean}) from ({cut}) as cut"
    return f"select * from ({parts}) as parts where {filled} or structure_fault is not null"


def _cut(text: str, signs: str) -> str:
    """The parts of a text between any of the signs."""
    filled = f"coalesce({text}, '')"
    alike = (
        f"translate({filled}, {literal(signs[1:])}, {literal(signs[0] * (len(signs) - 1))})" if signs[1:] else filled
    )
    return f"string_split({alike}, {literal(signs[:1])})"


def _based(
    origins: Mapping[str, ColumnMapping], mapping: TableMapping, rows: str, there: set[str], counted: Rows
) -> str:
    texts = [f"{_base(origin, there, counted)} as text_{column}" for column, origin in origins.items()]
    scope = f"{name(mapping.institution)} as scope" if mapping.institution in there else "null as scope"
    frame = "source_row as line, line_count, structure_fault, cell_faults, part_no"
    frame += "" if counted.own is None else ", file_no, is_same_book"
    return f"select {', '.join([frame, scope, *texts])} from ({rows}) as parted"


def _base(origin: ColumnMapping, there: set[str], counted: Rows) -> str:
    columns = [name(column) for column in origin.columns if column in there]
    if origin.column is not None:
        base = name(f"part:{origin.column}") if origin.split else columns[0]
    elif origin.first_of is not None:
        base = f"coalesce({', '.join(columns)})"
    elif origin.concat is not None:
        # Empty parts keep their place, so that two different rows never get the same text.
        parts = ", ".join(f"coalesce({column}, '')" for column in columns)
        joined = f"concat_ws({literal(origin.separator)}, {parts})"
        base = f"case when coalesce({', '.join(columns)}) is not null then {joined} end"
    elif origin.person is not None:
        base = name(f"person:{'|'.join(origin.person)}")
    elif origin.constant is not None:
        base = literal(origin.constant)
    elif origin.number_within is not None:
        base = number_within(origin, there, counted)
    else:
        base = "cast(source_row as varchar)"
    other = origin.unless_same_as
    return f"nullif({base}, {name(other)})" if other in there else base


def _stepped(
    base: str,
    origins: Mapping[str, ColumnMapping],
    table: Table,
    mapping: TableMapping,
    is_scoped: bool,
    counted: Rows,
) -> str:
    """The steps of all columns, one level of select after the other, so that no expression is repeated."""
    scope = "scope" if mapping.institution else "text_institution_id"
    within = f", {scope}" if is_scoped else ""
    steps = {column: [*steps_of(origin), *numbered(origin, within, counted)] for column, origin in origins.items()}
    for level in range(max((len(own) for own in steps.values()), default=0)):
        changed = ", ".join(
            f"{own[level](f'text_{column}')} as text_{column}" for column, own in steps.items() if level < len(own)
        )
        base = f"select * replace ({changed}) from ({base}) as level_{level}"
    scoped = [column for column in origins if is_scoped and _needs_scope(table, column)]
    if not scoped:
        return base
    changed = ", ".join(f"{scope} || ':' || text_{column} as text_{column}" for column in scoped)
    return f"select * replace ({changed}) from ({base}) as unscoped"


def _needs_scope(table: Table, column: str) -> bool:
    is_id = table.column(column).kind is Kind.ID
    return is_id and column not in _UNSCOPED and not column.endswith("institution_id")


def _voided(table: Table, present: tuple[str, ...], texts: str, void_claims: str) -> tuple[tuple[str, ...], str]:
    is_void = f"text_claim_id in (select claim_id from {void_claims})"
    if "voided" in present:
        return present, (
            f"select * replace (case when {is_void} then '1' else text_voided end as text_voided) "
            f"from ({texts}) as lines"
        )
    columns = frozenset({*present, "voided"})
    voided = f"select *, case when {is_void} then '1' end as text_voided from ({texts}) as lines"
    return tuple(column for column in table.column_names if column in columns), voided


def _first_of_each(table: Table, present: Sequence[str], texts: str) -> str:
    keys = ", ".join(f"text_{key}" for key in table.key if key in present)
    # The same rows are asked twice, once for the keys alone: kept as one they would all be written out first.
    firsts = f"select min(line) from ({texts}) as keyed where structure_fault is null group by {keys}"
    return f"select * from ({texts}) as mapped where structure_fault is not null or line in ({firsts})"
