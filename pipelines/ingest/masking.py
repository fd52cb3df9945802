"""Resident ids and mobile numbers inside free text give way to ``***``; everything else of the text stays.

Names inside free text cannot be told from other words and stay.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from pipelines.ingest.checksums import (
    has_resident_id_check_digit,
    has_resident_id_shape,
    lengthened_resident_id,
)
from schemas.table import Kind, Table

MASK = "***"
"""Stands where a number was."""

LONG_NUMBER = "[0-9０-９](?:[ -]?[0-9０-９]){10}"
"""Pattern of the cheap test inside DuckDB: only texts with eleven digits in a row are looked at in Python."""

_RESIDENT_ID = re.compile(r"(?<!\d)(?:\d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ]|\d{15})(?!\d)")
_MOBILE = re.compile(r"(?<!\d)(?:(?:[+＋]|0{2}|０{2})?(?:86|８６)[ -]?)?[1１][3-9３-９]\d[ -]?\d{4}[ -]?\d{4}(?!\d)")


def masked_text(text: str, *, keep_phones: bool = False) -> str:
    """The text without resident ids (18 digits with a right check digit, or 15) and without mobile numbers."""
    text = _RESIDENT_ID.sub(_mask_resident_id, text)
    return text if keep_phones else _MOBILE.sub(MASK, text)


def free_text_columns(table: Table) -> Iterator[str]:
    """Columns that hold words written by somebody; names of items, diagnoses and places are no free text."""
    for column in table.columns:
        if column.kind is Kind.TEXT and not column.name.endswith("_name"):
            yield column.name


def _mask_resident_id(found: re.Match[str]) -> str:
    plain = re.sub("[ -]", "", unicodedata.normalize("NFKC", found[0])).upper()
    longer = lengthened_resident_id(plain)
    return MASK if has_resident_id_shape(longer) and has_resident_id_check_digit(longer) else found[0]
