"""Ids with a check digit: resident ids (GB 11643) and unified social credit codes (GB 32100).

An id whose check digit is wrong was mistyped or mangled on its way. It is never repaired. Each test asks for the whole
shape first, because a hospital's own number may have 18 digits and mean something else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

_RESIDENT = re.compile(r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)[0-9]{15}[0-9X]")
_OLD_RESIDENT = re.compile(r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])[0-9]{13}")
_CREDIT_CODE = re.compile(r"[1-9ANY][1-9][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_FIRST_YEAR, _LAST_YEAR = 1880, 2099


def has_resident_id_shape(text: str) -> bool:
    """18 characters that begin with a province and hold a birth date that exists; the check digit is not looked at."""
    # The cheap tests come first: this looks at every patient of a country.
    return len(text) == 18 and _RESIDENT.fullmatch(text) is not None and _is_birth_date(text[6:14])


def has_resident_id_check_digit(text: str) -> bool:
    """Whether the last character of an id of that shape is the one that its 17 digits ask for."""
    return text[-1] == ric.calc_check_digit(text)


def lengthened_resident_id(text: str) -> str:
    """The 18 digits of a resident id of 15 (issued before 1999: century 19, check digit computed); others as is."""
    if len(text) != 15 or _OLD_RESIDENT.fullmatch(text) is None or not _is_birth_date(f"19{text[6:12]}"):
        return text
    longer = f"{text[:6]}19{text[6:]}"
    return longer + ric.calc_check_digit(f"{longer}0")


def mistaken_resident_ids(ids: Sequence[str], shaped: Sequence[bool]) -> list[bool]:
    """Which of the ids have the shape of a resident id and a wrong check digit."""
    check_digit = ric.calc_check_digit
    return [is_ and id_[17] != check_digit(id_) for id_, is_ in zip(ids, shaped, strict=True)]


def is_mistaken_credit_code(text: str) -> bool:
    """Whether a text has the shape of a unified social credit code, with letters, and a wrong check character."""
    if _CREDIT_CODE.fullmatch(text) is None or text.isdigit():
        return False
    try:
        uscc.validate(text)
    except ValidationError:
        return True
    return False


@lru_cache(maxsize=1 << 16)
def _is_birth_date(digits: str) -> bool:
    try:
        year = date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year
    except ValueError:
        return False
    return _FIRST_YEAR <= year <= _LAST_YEAR
