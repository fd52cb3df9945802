"""The steps from a source value to the text of a canonical column, as SQL over whole columns.

What a step does not understand stays as it is: the cast that follows finds the fault, and the row is quarantined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from schemas.profile_shapes import ColumnMapping

_FULL_WIDTH = "".join(chr(code) for code in range(0xFF01, 0xFF5F))
_HALF_WIDTH = "".join(chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F))
_DAY, _SECOND = "%Y-%m-%d", "%Y-%m-%d %H:%M:%S"
_CLOCK_MARKS = ("%H", "%I", "%X", "%c")
_PLAIN_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)"

Step = Callable[[str], str]
"""SQL of a value to SQL of the value after the step."""


def literal(text: str) -> str:
    """A text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"


def name(text: str) -> str:
    """A name as an identifier of SQL."""
    return '"' + text.replace('"', '""') + '"'


def steps_of(mapping: ColumnMapping) -> Iterator[Step]:
    """What is done to the value of one column, in order."""
    if mapping.nulls:
        yield lambda x: f"case when {x} not in ({_list(mapping.nulls)}) then {x} end"
    if mapping.extract:
        yield lambda x: _extracted(x, mapping.extract or "")
    if mapping.normalise:
        yield _NORMALISE[mapping.normalise]
    if mapping.map or mapping.otherwise is not None:
        yield lambda x: _mapped(x, mapping.map, mapping.otherwise)
    if mapping.formats:
        yield lambda x: f"coalesce({', '.join(_moment(x, format_) for format_ in mapping.formats)}, {x})"
    if mapping.zone:
        yield lambda x: _local(x, mapping.zone or "")
    if mapping.unit_factor or mapping.decimals is not None:
        yield lambda x: _number(x, mapping.unit_factor, mapping.decimals)


def _list(values: tuple[str, ...]) -> str:
    return ", ".join(literal(value) for value in values)


def _extracted(x: str, pattern: str) -> str:
    group = 1 if re.compile(pattern).groups else 0
    return f"nullif(regexp_extract({x}, {literal(pattern)}, {group}), '')"


def _halfwidth(x: str) -> str:
    return f"translate({x}, {literal(_FULL_WIDTH)}, {literal(_HALF_WIDTH)})"


def _department(x: str) -> str:
    digits = f"regexp_replace({x}, '[^0-9]', '', 'g')"
    return (
        rf"case when regexp_full_match({x}, '[A-Za-z]?\d{{2}}(?:\.?\d{{2}}){{0,2}}') "
        rf"then rtrim(regexp_replace({digits}, '(\d\d)', '\1.', 'g'), '.') end"
    )


_NORMALISE: dict[str, Step] = {
    "department": _department,
    "halfwidth": _halfwidth,
    "upper": lambda x: f"upper({x})",
    "digits": lambda x: f"nullif(regexp_replace({_halfwidth(x)}, '[^0-9]', '', 'g'), '')",
}


def _mapped(x: str, values: dict[str, str], otherwise: str | None) -> str:
    whens = " ".join(f"when {x} = {literal(source)} then {_or_null(target)}" for source, target in values.items())
    rest = x if otherwise is None else _or_null(otherwise)
    return f"case when {x} is null then null {whens} else {rest} end"


def _or_null(text: str) -> str:
    return literal(text) if text else "null"


def _moment(x: str, format_: str) -> str:
    if format_ == "excel":
        # A serial number counts days from 1899-12-30; its fraction is the time of day.
        at = f"timestamp '1899-12-30' + to_seconds(cast(round(cast({x} as double) * 86400) as bigint))"
        return (
            rf"case when regexp_full_match({x}, '[2-7]\d{{4}}') then strftime({at}, '{_DAY}') "
            rf"when regexp_full_match({x}, '[2-7]\d{{4}}\.\d+') then strftime({at}, '{_SECOND}') end"
        )
    iso = _SECOND if any(mark in format_ for mark in _CLOCK_MARKS) else _DAY
    return f"strftime(try_strptime({x}, {literal(format_)}), '{iso}')"


def _local(x: str, zone: str) -> str:
    instant = f"try_cast(regexp_replace({x}, '(Z|[+]00:?00)$', '') as timestamp)"
    local = f"{instant} at time zone 'UTC' at time zone {literal(zone)}"
    return f"case when contains({x}, ':') then coalesce(strftime({local}, '{_SECOND}'), {x}) else {x} end"


def _number(x: str, factor: str | None, decimals: int | None) -> str:
    number = f"cast({x} as decimal(20, 8))"
    number = f"{number} * cast({literal(factor)} as decimal(15, 6))" if factor else number
    number = f"cast({number} as decimal(30, {decimals}))" if decimals is not None else number
    return (
        f"case when regexp_full_match({x}, '{_PLAIN_NUMBER}') and try_cast({x} as decimal(20, 8)) is not null "
        f"then cast({number} as varchar) else {x} end"
    )
