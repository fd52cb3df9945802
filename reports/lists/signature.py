"""Signatures of rows: what a sheet said when it left the house, so that a change on the way comes to light.

A spreadsheet program may store a text, a number or a moment in another way than it was written; both sides are
therefore brought to one form first: texts without doubled blanks, money to the cent, shares to four digits, moments
to the second.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from reports.lists.safe_text import safe_text
from reports.lists.sheet import Column, Kind, Value

CELL_TEXT = 32_767
"""Characters of a cell that the format can hold."""

_STEPS = {
    Kind.COUNT: Decimal(1),
    Kind.MONEY: Decimal("0.01"),
    Kind.SHARE: Decimal("0.0001"),
    Kind.NUMBER: Decimal("0.01"),
}
"""How exactly a number is signed: finer digits may be lost in a spreadsheet program."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ESCAPED_ESCAPE = re.compile("_x005F", re.IGNORECASE)


def signature(key: bytes, kind: str, run_id: str, content_hash: str, evidence: Iterable[str]) -> str:
    """HMAC-SHA-256, 32 hexadecimal digits, over the kind of sheet, run, content hash and canonical cells.

    Args:
        key: the workspace's signing key.
        kind: ``leads`` or ``findings``.
        run_id: the run that the sheet came from.
        content_hash: see ``reports.lists.content``.
        evidence: canonical cells of the signed columns, in their order.
    """
    said = json.dumps([kind, run_id, content_hash, *evidence], ensure_ascii=False, separators=(",", ":"))
    return hmac.digest(key, said.encode("utf-8", "surrogatepass"), "sha256").hex()[:32]


def is_signature(given: str, wanted: str) -> bool:
    """Whether two signatures are the same, in constant time."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def canonical_cells(columns: Iterable[Column], row: Mapping[str, Value]) -> list[str]:
    """The cells of some columns in their canonical form; a missing one is empty."""
    return [canonical(column.kind, row.get(column.name)) for column in columns]


def canonical(kind: Kind, value: Value) -> str:
    """A cell in the form that is signed; text that is no number or moment where one belongs stands as it is."""
    if value is None or value == "":
        return ""
    if kind is Kind.MOMENT:
        return _moment(value)
    if kind in _STEPS:
        return _number(value, _STEPS[kind])
    return _text(str(value))


def _text(text: str) -> str:
    """A text without what a workbook adds or may drop: quoting of formulas, escapes, doubled and outer blanks."""
    kept = safe_text(text)[:CELL_TEXT]
    while (plain := _ESCAPED.sub(_character, _ESCAPED_ESCAPE.sub("", kept))) != kept:
        kept = plain
    return " ".join(safe_text(kept).split()).removeprefix("'").strip()


def _character(match: re.Match[str]) -> str:
    return chr(int(match.group(1), 16))


def _moment(value: Value) -> str:
    try:
        at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        return str(value)
    return (at + timedelta(milliseconds=500)).replace(microsecond=0).isoformat()


def _number(value: Value, step: Decimal) -> str:
    try:
        return str(Decimal(str(value)).quantize(step, ROUND_HALF_UP) + 0)
    except InvalidOperation:
        return str(value)
