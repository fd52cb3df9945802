"""Text to typed values, as SQL over whole columns: each kind has its value, and its fault where there is none.

Nothing is guessed: a value that does not fit its column exactly is a fault, and its row is quarantined. Forms that
mean one thing only are read: full-width signs, ``2024年1月5日``, ``20240105083000``, a spreadsheet's day numbers
20000 to 79999 in columns of dates, ``1,234.00`` in columns of money.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator

from schemas.table import DUCKDB_TYPE, Column, Kind, has_time

_YEAR = r"(?:\d{3}[1-9]|\d{2}[1-9]\d|\d[1-9]\d{2}|[1-9]\d{3})"
_SPACED_DATE = rf"{_YEAR}[-/]\d{{1,2}}[-/]\d{{1,2}}"
_COMPACT_DATE = rf"{_YEAR}\d{{4}}"
_CLOCK = r"(?:[T ](?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?)?"
_MIDNIGHT = r"(?:[T ]00:00(?::00(?:\.0+)?)?)?"
_ODD_BLANKS = (9, 10, 13, 65279)
"""Code points that are trimmed besides Unicode's spaces: tab, newlines, byte order mark."""
_SPACES = (32, 160, 5760, *range(8192, 8203), 8239, 8287, 12288)
"""Unicode's spaces (category Zs), which DuckDB's plain trim knows: the full-width space is one."""
_SERIAL = r"[2-7]\d{4}"
"""Spreadsheet days from 1954-10-03 to 2118-12-31."""
_ANY_SIGN = "".join(map(chr, range(0xFF01, 0xFF5F)))
"""Full-width forms of the visible ASCII characters."""
_CODE_SIGN = "".join(sign for sign in _ANY_SIGN if unicodedata.normalize("NFKC", sign).isalnum()) + "．／＿＊＋－"
"""Full-width signs that are folded in ids and codes; brackets and commas of a name stay as they are."""
_SCIENTIFIC = r"\d(?:\.\d+)?[eE]\+\d+|\d\.\d+[eE]\d+"
"""How a spreadsheet writes a long number: ``1.10101E+17``. A code such as ``2E10`` is left alone."""


def trimmed(expression: str, has_odd_blanks: bool = True, has_blanks: bool = True) -> str:
    """Text without surrounding blanks, full-width ones too; null where nothing is left.

    Args:
        expression: SQL of the text.
        has_odd_blanks: whether tabs, newlines or byte order marks may stand there. Looking for them costs more than
            all casts together.
        has_blanks: whether spaces may stand there; where neither may, nothing is trimmed.
    """
    if not has_blanks:
        return f"nullif({expression}, '')"
    if not has_odd_blanks:
        return f"nullif(trim({expression}), '')"
    blanks = (*_ODD_BLANKS, *_SPACES)
    listed = " || ".join(f"chr({blank})" for blank in blanks)
    return (
        f"nullif(case when ascii({expression}) in {blanks} or ascii({expression}[-1]) in {blanks} "
        f"then trim({expression}, {listed}) else {expression} end, '')"
    )


def folded(text: str, signs: str = _ANY_SIGN) -> str:
    """SQL of a text with full-width digits, letters and signs made half-width; text that has none is left alone."""
    # Translating is slow, and most of what is not ASCII is plain Chinese: so both are asked for first. It is a CASE,
    # as DuckDB would lift what stands in a COALESCE out of it and compute it for every row.
    half = "".join(unicodedata.normalize("NFKC", sign) for sign in signs).replace("'", "''")
    listed = f"[{signs[0]}-{signs[-1]}]" if signs == _ANY_SIGN else f"[{signs}]"
    return (
        f"case when strlen({text}) = length({text}) or not regexp_matches({text}, '{listed}') then {text} "
        f"else translate({text}, '{signs}', '{half}') end"
    )


def _date(text: str, tail: str, type_: str, otherwise: str = "null") -> str:
    compact = f"substr({text}, 1, 4) || '-' || substr({text}, 5, 2) || '-' || substr({text}, 7)"
    return (
        f"case when regexp_full_match({text}, '{_SPACED_DATE}{tail}') then try_cast({text} as {type_}) "
        f"when regexp_full_match({text}, '{_COMPACT_DATE}{tail}') then try_cast({compact} as {type_}) "
        f"when {text} is not null then {otherwise} end"
    )


def _any_date(text: str, tail: str, type_: str) -> str:
    # The common forms come first: the others are looked at only where those do not fit.
    return _date(text, tail, type_, _serial(text, type_, _date(_as_spaced(text), tail, type_)))


def _as_spaced(text: str) -> str:
    """2024年1月5日8时30分, 2024.1.5 and 20240105083000, in any width, as 2024-1-5 8:30."""
    half = folded(text)
    signs = f"translate({half}, '年月日时点分秒', '-- ::: ')"
    dotted = rf"regexp_replace({signs}, '^(\d{{4}})[.](\d{{1,2}})[.](\d{{1,2}})', '\1-\2-\3')"
    spaced = f"rtrim(regexp_replace({dotted}, '[ \u3000]+', ' ', 'g'), ' :')"
    clock = r"'^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?$', '\1-\2-\3 \4:\5:\6'"
    return f"rtrim(regexp_replace({spaced}, {clock}), ':')"


def _serial(text: str, type_: str, otherwise: str) -> str:
    """Days since 1899-12-30, as spreadsheets count them; five digits, so that nothing else is taken for one."""
    if type_ == "date":
        is_serial = rf"regexp_full_match({text}, '{_SERIAL}(?:\.0*)?')"
        days = f"date '1899-12-30' + cast(substr({text}, 1, 5) as integer)"
        return f"case when {is_serial} then {days} else {otherwise} end"
    is_serial = rf"regexp_full_match({text}, '{_SERIAL}(?:\.\d*)?')"
    seconds = f"to_seconds(cast(round(cast({text} as double) * 86400) as bigint))"
    return f"case when {is_serial} then timestamp '1899-12-30' + {seconds} else {otherwise} end"


def has_clock(text: str) -> str:
    """SQL of whether a moment came with a time of day."""
    slow = r"\d{12}|\d{14}|\d{5}\.\d*[1-9]\d*|.*\d\s*(?::|[时点]).*"
    return (
        f"case when contains({text}, ':') then true when strlen({text}) <= 10 and contains({text}, '-') then false "
        f"else regexp_full_match({folded(text)}, '{slow}') end"
    )


def _decimal(text: str, kind: Kind) -> str:
    # A cast alone would round, and would read 1e3 and 1_000; what does not fit to the last digit is a fault.
    places = 2 if kind is Kind.MONEY else 4
    pattern = rf"[-+]?(?:\d+(?:\.\d{{0,{places}}}0*)?|\.\d{{1,{places}}}0*)"
    plain = f"case when regexp_full_match({text}, '{pattern}') then try_cast({text} as {DUCKDB_TYPE[kind]})"
    if kind is not Kind.MONEY:
        return f"{plain} end"
    # 1,234 may be one and a bit elsewhere; 1,234.00 is clear.
    is_clear = rf"contains({text}, ',') and regexp_full_match({text}, '[-+]?\d{{1,3}}(?:,\d{{3}})+\.\d{{2}}')"
    return f"{plain} when {is_clear} then try_cast(replace({text}, ',', '') as {DUCKDB_TYPE[kind]}) end"


def _code(text: str) -> str:
    """An id or code in half-width signs, without what guards it from a spreadsheet: ``'123`` and ``="123"``."""
    formula = rf"regexp_extract({text}, '^=\"([^\"]*)\"$', 1)"
    bare = f"nullif(case when ascii({text}) = 39 then substr({text}, 2) else {formula} end, '')"
    guarded = f"case when {bare} is null then {text} else {bare} end"
    return f"case when ascii({text}) in (39, 61) then {guarded} else {folded(text, _CODE_SIGN)} end"


def _integer(text: str) -> str:
    whole = f"regexp_extract({text}, '^[-+]?\\d+')"
    return f"case when regexp_full_match({text}, '[-+]?\\d+(?:\\.0*)?') then try_cast({whole} as bigint) end"


def _measure(text: str) -> str:
    pattern = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
    number = f"try_cast({text} as double)"
    return f"case when regexp_full_match({text}, '{pattern}') and isfinite({number}) then {number} end"


def _flag(text: str) -> str:
    return f"case when lower({text}) in ('1', 'true') then true when lower({text}) in ('0', 'false') then false end"


def _month(text: str) -> str:
    return f"case when regexp_full_match({text}, '{_YEAR}-(?:0[1-9]|1[0-2])') then {text} end"


def _choice(text: str, choices: tuple[str, ...]) -> str:
    whens = " ".join(f"when '{choice.lower()}' then '{choice}'" for choice in choices)
    return f"case lower({text}) {whens} end"


_VALUE: dict[Kind, Callable[[str, Column], str]] = {
    Kind.ID: lambda text, _column: _code(text),
    Kind.CODE: lambda text, _column: _code(text),
    Kind.TEXT: lambda text, _column: text,
    Kind.CHOICE: lambda text, column: _choice(text, column.choices),
    Kind.FLAG: lambda text, _column: _flag(text),
    Kind.INTEGER: lambda text, _column: _integer(text),
    Kind.MEASURE: lambda text, _column: _measure(text),
    Kind.QUANTITY: lambda text, column: _decimal(text, column.kind),
    Kind.MONEY: lambda text, column: _decimal(text, column.kind),
    Kind.DATE: lambda text, _column: _any_date(text, _MIDNIGHT, "date"),
    Kind.MOMENT: lambda text, _column: f"date_trunc('second', {_any_date(text, _CLOCK, 'timestamp')})",
    Kind.MONTH: lambda text, _column: _month(text),
}

_FAULT: dict[Kind, str] = {
    Kind.CHOICE: "bad_choice",
    Kind.FLAG: "bad_flag",
    Kind.INTEGER: "bad_number",
    Kind.MEASURE: "bad_number",
    Kind.QUANTITY: "bad_number",
    Kind.MONEY: "bad_number",
    Kind.DATE: "bad_date",
    Kind.MOMENT: "bad_date",
    Kind.MONTH: "bad_month",
}


def value(column: Column, text: str) -> str:
    """SQL of the column's typed value from a trimmed text column; null where the text does not fit.

    Numbers, flags and choices in full-width signs are read as if they were half-width.
    """
    typed = _VALUE[column.kind](text, column)
    if column.kind not in _FAULT or column.kind in (Kind.DATE, Kind.MOMENT):
        return typed
    half = _VALUE[column.kind](folded(text), column)
    return f"case when strlen({text}) = length({text}) then {typed} else {half} end"


def faults(column: Column, text: str, typed: str) -> Iterator[tuple[str, str]]:
    """Reason code and SQL predicate of each fault a row can have in this column.

    Args:
        column: the declaration.
        text: SQL of the trimmed text.
        typed: SQL of the value that ``value`` gives for it.
    """
    if column.required:
        yield "missing_required", f"{text} is null"
    if column.kind in _FAULT:
        yield _FAULT[column.kind], f"{text} is not null and {typed} is null"
    if column.kind in (Kind.ID, Kind.CODE):
        # The cheap test comes first: a regular expression over every id of a large file is slow.
        yield (
            "mangled_id",
            f"case when contains({text}, 'E') or contains({text}, 'e') "
            f"then regexp_full_match({text}, '{_SCIENTIFIC}') else false end",
        )
    if column.minimum is not None:
        yield "below_minimum", f"{typed} < {column.minimum}"


def typed_columns(columns: Iterable[Column]) -> Iterator[tuple[str, str]]:
    """Name and SQL of what is stored of these columns, over columns ``text_<name>`` and ``value_<name>``."""
    for column in columns:
        for name, _type in column.stored():
            yield name, has_clock(f"text_{column.name}") if name == has_time(column.name) else f"value_{column.name}"
