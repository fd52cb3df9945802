"""What a source profile says against itself or against the canonical tables: names of what does not exist."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zoneinfo import available_timezones

import pyarrow as pa
import pyarrow.compute as compute

from schemas.profile_shapes import ColumnMapping, Join, Profile, SourceFile, TableMapping
from schemas.tables import TABLES

RESERVED = (
    "source_row",
    "row_id",
    "line",
    "line_count",
    "structure_fault",
    "cell_faults",
    "part_no",
    "place",
    "file_no",
    "is_same_book",
)
"""Names that source columns cannot have: a file's rows carry them beside its own columns."""

_FORMAT = re.compile(r"(?:[^%]|%-?[aAwdbBmyYHIpMSfgnzZjUWuGVcxX]|%%)+")


class Contradiction(NamedTuple):
    """A key that cannot be right.

    Attributes:
        keys: from the root of the TOML file.
        wrong: what is wrong with it.
        allowed: what would be right.
    """

    keys: tuple[str, ...]
    wrong: str
    allowed: str


def contradictions(profile: Profile) -> Iterator[Contradiction]:
    """Every key of a profile that cannot be right, in the order of the file."""
    if profile.tables_as_sources:
        if profile.source or profile.table or profile.scope_ids_by:
            wrong = "a profile of the tables themselves maps nothing"
            yield Contradiction(("tables_as_sources",), wrong, "no source, table or scope_ids_by")
        return
    for key in ("source", "table"):
        if not getattr(profile, key):
            yield Contradiction((key,), "a key is missing", "at least one [source.<name>] and one [[table]]")
    for name, source in profile.source.items():
        yield from _name_faults(name, source)
    for at, mapping in enumerate(profile.table):
        for keys, wrong, allowed in _mapping_faults(profile, mapping):
            yield Contradiction(("table", str(at), *keys), wrong, allowed)
    yield from _refund_faults(profile)


def known_columns(profile: Profile, mapping: TableMapping) -> list[str]:
    """Names that a mapping's columns may refer to: those of its source, and ``source.column`` of its joins."""
    own = list(profile.source[mapping.from_].columns)
    joined = (join.source for join in mapping.joins if join.source in profile.source)
    return own + [f"{source}.{column}" for source in joined for column in profile.source[source].columns]


def _near(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"{near[0]}?" if near else ", ".join(known)


def _name_faults(name: str, source: SourceFile) -> Iterator[Contradiction]:
    seen: set[str] = set()
    for column in source.columns:
        keys = ("source", name, "columns", column)
        if column.lower() in RESERVED:
            allowed = "another name, and this one among its aliases"
            yield Contradiction(keys, "the name is in use for rows themselves", allowed)
        if column.lower() in seen:
            yield Contradiction(keys, "two columns differ in case only", "names that differ in letters")
        seen.add(column.lower())


def _refund_faults(profile: Profile) -> Iterator[Contradiction]:
    refunds = profile.refunds
    if refunds is None:
        return
    if profile.scope_ids_by:
        yield Contradiction(("refunds",), "refunds are matched by plain claim ids", "no scope_ids_by")
    if refunds.source not in profile.source:
        yield Contradiction(("refunds", "source"), "no such source", _near(refunds.source, list(profile.source)))
        return
    known = list(profile.source[refunds.source].columns)
    for key in ("claim_id", "original", "flag", "amount"):
        column = getattr(refunds, key)
        if column not in known:
            yield Contradiction(("refunds", key), "no such source column", _near(column, known))
    for at, condition in enumerate(refunds.where):
        if condition.column not in known:
            keys = ("refunds", "where", str(at), "column")
            yield Contradiction(keys, "no such source column", _near(condition.column, known))


def _mapping_faults(profile: Profile, mapping: TableMapping) -> Iterator[Contradiction]:
    if mapping.name not in TABLES:
        yield Contradiction(("name",), "no such canonical table", _near(mapping.name, list(TABLES)))
        return
    for key, name in (("from", mapping.from_), *(("when_absent", name) for name in mapping.when_absent)):
        if name not in profile.source:
            yield Contradiction((key,), "no such source", _near(name, list(profile.source)))
            return
    yield from _join_faults(profile, mapping)
    known = known_columns(profile, mapping)
    for at, condition in enumerate(mapping.where):
        if condition.column not in known:
            keys = ("where", str(at), "column")
            yield Contradiction(keys, "no such source column", _near(condition.column, known))
    if mapping.institution is not None and mapping.institution not in known:
        yield Contradiction(("institution",), "no such source column", _near(mapping.institution, known))
    yield from _column_faults(mapping, known)
    yield from _scope_faults(profile, mapping)


def _join_faults(profile: Profile, mapping: TableMapping) -> Iterator[Contradiction]:
    known = list(profile.source[mapping.from_].columns)
    for at, join in enumerate(mapping.joins):
        place = ("joins", str(at))
        if join.source not in profile.source:
            yield Contradiction((*place, "source"), "no such source", _near(join.source, list(profile.source)))
            return
        theirs = list(profile.source[join.source].columns)
        yield from _pair_faults(join, place, known, theirs)
        for column in (*join.sum, *(condition.column for condition in join.where)):
            if column not in theirs:
                yield Contradiction(place, f"no column {column} in {join.source}", _near(column, theirs))
        known += [f"{join.source}.{column}" for column in theirs]


def _pair_faults(
    join: Join, place: tuple[str, ...], known: Sequence[str], theirs: Sequence[str]
) -> Iterator[Contradiction]:
    for key in ("on", "not_after", "contains", "prefer"):
        for own, other in getattr(join, key).items():
            if own not in known:
                yield Contradiction((*place, key), f"no source column {own}", _near(own, known))
            if other not in theirs:
                yield Contradiction((*place, key), f"no column {other} in {join.source}", _near(other, theirs))


def _column_faults(mapping: TableMapping, known: Sequence[str]) -> Iterator[Contradiction]:
    table = TABLES[mapping.name]
    for name, origin in mapping.columns.items():
        keys = ("columns", name)
        if name not in table.column_names:
            yield Contradiction(keys, f"{table.name} has no such column", _near(name, table.column_names))
        for column in origin.named:
            if column not in known:
                yield Contradiction(keys, f"no source column {column}", _near(column, known))
        yield from (Contradiction(keys, wrong, allowed) for wrong, allowed in _origin_faults(mapping, origin))
    for name in table.required_columns:
        if name not in mapping.columns:
            wrong = f"the required column {name} is not filled"
            yield Contradiction(("columns",), wrong, f"an origin for each of {', '.join(table.required_columns)}")


def _origin_faults(mapping: TableMapping, origin: ColumnMapping) -> Iterator[tuple[str, str]]:
    if origin.split and origin.column is None:
        yield "only a single column can be split", "split beside column"
    if origin.split and mapping.distinct:
        yield "a distinct table has no split columns", "distinct or split"
    if origin.person and any("." in column for column in origin.person):
        yield "a person is told by columns of the source itself", "columns without a join"
    if origin.extract and not _is_pattern(origin.extract):
        yield "not a regular expression", "a pattern such as ([A-Z]\\d+), without looking ahead or back"
    for format_ in origin.formats:
        if format_ != "excel" and not _FORMAT.fullmatch(format_):
            yield "not a format of dates", "excel, or signs such as %Y-%m-%d %H:%M:%S"
    if origin.zone and origin.zone not in available_timezones():
        yield "no such time zone", "a name such as Asia/Shanghai"


def _is_pattern(pattern: str) -> bool:
    """Whether RE2, which DuckDB uses, understands the pattern."""
    try:
        re.compile(pattern)
        compute.match_substring_regex(pa.array(["x"]), pattern)
    except (re.error, pa.ArrowInvalid):
        return False
    return True


def _scope_faults(profile: Profile, mapping: TableMapping) -> Iterator[Contradiction]:
    has_own = mapping.institution is not None or "institution_id" in mapping.columns
    if profile.scope_ids_by and not has_own:
        wrong = "ids are scoped by institution, and the table has none"
        yield Contradiction(("institution",), wrong, 'institution = "<source column>"')
