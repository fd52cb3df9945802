"""Ids of persons whom an extract names without a code, made before mapping from the columns that tell them apart."""

from __future__ import annotations

import duckdb

from pipelines.ingest.numbering import SourceView
from pipelines.ingest.profile_values import name
from pipelines.ingest.pseudonym import Protection, derived_ids
from schemas.profile_shapes import TableMapping


def person_columns(mapping: TableMapping) -> list[tuple[str, ...]]:
    """The combinations of columns from which a mapping makes ids of persons, each once."""
    found = [origin.person for origin in mapping.columns.values() if origin.person is not None]
    return list(dict.fromkeys(found))


def person_name(columns: tuple[str, ...]) -> str:
    """Name of the column that holds the ids made from these columns."""
    return f"person:{'|'.join(columns)}"


def with_persons(
    connection: duckdb.DuckDBPyConnection,
    mapping: TableMapping,
    own: SourceView,
    view: str,
    protection: Protection | None,
) -> SourceView:
    """The file with a column for each combination: a keyed hash, or plainly the parts where nothing is protected."""
    wanted = [columns for columns in person_columns(mapping) if set(columns) <= own.columns]
    if not wanted:
        return own
    shown, joins = ["own.*"], []
    for at, columns in enumerate(wanted):
        if protection is None:
            parts = " || '|' || ".join(f"own.{name(column)}" for column in columns)
            shown.append(f"{parts} as {name(person_name(columns))}")
            continue
        made = derived_ids(connection, own.view, [name(column) for column in columns], protection.key)
        table = f"{view}_person_{at}"
        connection.execute(f"create or replace temp table {table} as select * from {made}")
        on = " and ".join(f"own.{name(column)} is not distinct from p{at}.{name(column)}" for column in columns)
        joins.append(f"left join {table} as p{at} on {on}")
        shown.append(f"p{at}.derived_id as {name(person_name(columns))}")
    connection.execute(
        f"create or replace temp view {view}_persons as "
        f"select {', '.join(shown)} from {own.view} as own {' '.join(joins)}"
    )
    there = own.columns | {person_name(columns) for columns in wanted}
    return SourceView(f"{view}_persons", there, own.file, own.book)
