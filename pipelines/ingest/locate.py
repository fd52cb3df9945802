"""Where the header of a sheet or file stands, and which rows round the data are no data: instructions, types, totals.

Forms that hospitals fill in have some 6 to 13 rows of instructions and a row of data types above the header or below
it, and totals, remarks and signatures below the data. Those rows are counted by kind with their lines and never taken
in. The rules are strict, so that no row of data is lost: a row counts as a total or remark where its first filled
cell begins with such a word and most other cells are empty.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pipelines.ingest.header import Header, match_header
from schemas.table import Kind, Table

HEAD_RECORDS = 100
"""Records at the start of a file among which the header is looked for."""

_TYPE_CELL = re.compile(
    r"(?:可空不填|可空|不可空|不能为空|非空|必填|选填|(?:字符|字符串|文本|日期|日期时间|时间|数值|数字|整数|整|小数|浮点|布尔)型?|"
    r"varchar2?|char|text|string|date|datetime|timestamp|number|numeric|decimal|int|integer)"
    r"(?:[(（][\d,，. ]*[)）])?(?:[,，、/ ]*(?:可空|非空|必填|不填))?",
    re.IGNORECASE,
)
_TYPE_START = re.compile(
    r"(?:可空|不可空|不能为空|非空|必填|选填|(?:字符|字符串|文本|日期|日期时间|时间|数值|数字|整数|小数|浮点)型)"
)
"""How a cell begins that says its type and then explains it: ``日期型（YYYY-MM-DD）``."""
_TOTALS = ("合计", "总计", "小计", "本页合计", "本页小计", "累计", "共计", "total", "subtotal", "grand total")
_REMARKS = (
    *("备注", "注", "说明", "填表说明", "填写说明", "填报说明", "注意事项", "数据来源"),
    *("填表人", "制表人", "审核人", "复核人", "经办人", "负责人", "单位负责人", "填报单位", "联系人", "联系电话"),
    *(
        "填表日期",
        "制表日期",
        "填报日期",
        "打印日期",
        "报送日期",
        "填表时间",
        "制表时间",
        "note",
        "notes",
        "remark",
        "remarks",
    ),
)
FOOTER_WORDS = tuple(sorted({*_TOTALS, *_REMARKS}))
"""Words by which a row below the data may begin, in lower case."""
_TOTAL = re.compile(rf"(?:{'|'.join(sorted(_TOTALS, key=len, reverse=True))})(?![A-Za-z])", re.IGNORECASE)
_REMARK = re.compile(rf"(?:{'|'.join(sorted(_REMARKS, key=len, reverse=True))})\d*\s*(?:[:：、.．]|\Z)", re.IGNORECASE)
_BARE_TOTAL = re.compile(rf"(?:{'|'.join(_TOTALS)})\s*[:：]?", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[\d,]*\.?\d+")
_EXAMPLES = frozenset({"示例", "样例", "例", "例如", "范例", "举例", "example"})


@dataclass(frozen=True)
class SetAside:
    """A row that is no data.

    Attributes:
        kind: ``instruction``, ``types``, ``example``, ``total`` or ``remark``.
        line: the line it starts on, or the row of the sheet, from 1.
    """

    kind: str
    line: int


@dataclass(frozen=True)
class Layout:
    """What a reader must know of a kind of file to find its header and to read its columns.

    Attributes:
        match: header names and the file's name to a ``Header``; raises ``InputError`` where it does not fit.
        kinds: kind of each column that ``Header.positions`` may name; ids and dates are read with care.
        accepted: every header name that is known, folded by ``fold_name``.
        required: for each column that must be there, its names, folded.
        has_preamble: whether rows may stand above the header, and types below it.
        has_footers: whether totals and remarks may stand below the data.
        sheet_names: names of the sheet that is meant where several would do, folded.
    """

    match: Callable[[Sequence[str | None], str], Header]
    kinds: Mapping[str, Kind]
    accepted: frozenset[str]
    required: tuple[frozenset[str], ...]
    has_preamble: bool = False
    has_footers: bool = False
    sheet_names: frozenset[str] = field(default_factory=frozenset)


def table_layout(table: Table) -> Layout:
    """The layout of a canonical file: the header is its first row, and every row below it is data."""
    return Layout(
        match=lambda names, file_name: match_header(table, names, file_name),
        kinds={column.name: column.kind for column in table.columns},
        accepted=frozenset(fold_name(name) for name in table.column_names),
        required=tuple(frozenset({fold_name(name)}) for name in table.required_columns),
        sheet_names=frozenset({table.name}),
    )


def fold_name(name: str | None) -> str:
    """A header name as names are compared: half-width, lower case, without blanks, marks of duty or byte order."""
    return re.sub(r"[\s*\ufeff]+", "", unicodedata.normalize("NFKC", name or "")).lower()


def known_names(fields: Sequence[str | None], layout: Layout) -> int:
    """How many different known header names stand in a row."""
    return len({fold_name(cell) for cell in fields} & layout.accepted)


def has_required(fields: Sequence[str | None], layout: Layout) -> bool:
    """Whether a row names every column that must be there."""
    folded = {fold_name(cell) for cell in fields}
    return all(folded & names for names in layout.required)


def find_header(rows: Sequence[Sequence[str | None]], layout: Layout) -> int:
    """Index of the header among the first rows of a file: 0 where nothing may stand above it.

    The first row that names every required column is taken, else the one with most known names, so that the error
    that follows is about the row that was meant.
    """
    if not layout.has_preamble:
        return 0
    for index, row in enumerate(rows):
        if has_required(row, layout) and known_names(row, layout) > 1:
            return index
    return max(range(len(rows)), key=lambda index: (known_names(rows[index], layout), -index))


def preamble_kind(fields: Sequence[str | None]) -> str | None:
    """What a row above the header is; None where it is blank."""
    if not _filled(fields):
        return None
    return "types" if _is_types(fields) else "instruction"


def kind_below_header(fields: Sequence[str | None], width: int) -> str | None:
    """What a row between header and data is, where it is no data: ``types``, ``example``, or as ``footer_kind``."""
    if _is_types(fields):
        return "types"
    filled = _filled(fields)
    if filled and filled[0].strip("（）():： ").lower() in _EXAMPLES:
        return "example"
    return footer_kind(fields, width)


def footer_kind(fields: Sequence[str | None], width: int) -> str | None:
    """``total`` or ``remark`` for a row that is no data; None for data.

    Args:
        fields: the cells of the row; it may be shorter or longer than the header.
        width: number of columns of the header.
    """
    filled = _filled(fields)
    if not filled:
        return None
    first, others = filled[0], filled[1:]
    is_mostly_empty = len(others) * 2 < max(width, len(fields)) - 1
    if _TOTAL.match(first):
        only_numbers = _BARE_TOTAL.fullmatch(first) and all(_NUMBER.fullmatch(other) for other in others)
        return "total" if is_mostly_empty or only_numbers else None
    return "remark" if is_mostly_empty and _REMARK.match(first) else None


def _is_types(fields: Sequence[str | None]) -> bool:
    filled = _filled(fields)
    if len(filled) < 2:
        return False
    begun = sum(_TYPE_START.match(cell) is not None for cell in filled)
    return all(_TYPE_CELL.fullmatch(cell) for cell in filled) or (begun > 2 and begun * 3 > len(filled) * 2)


def _filled(fields: Sequence[str | None]) -> list[str]:
    stripped = ((cell or "").strip().strip("\ufeff") for cell in fields)
    return [cell for cell in stripped if cell]
