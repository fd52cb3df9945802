"""One spelling for a name: full width, case, Greek letters, brackets, punctuation. Pure text, no meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_DIGITS = {word: number for number, word in enumerate("零一二三四五六七八九")}
_COUNT = re.compile(r"([0-9]{1,2}|[一二三四五六七八九十]{1,3})项")
_CHARGE = re.compile(r"(?<=[a-z0-9])\++(?![^\W_])")
_GONE = re.compile(r"[\-‐‑‒–—―−·・.'’′\"“”]")
_APART = re.compile(r"[\W_]+")
_LOOSE_SPACE = re.compile(r"(?<![a-z0-9]) | (?![a-z0-9])")


def normalise(name: str, characters: Mapping[str, str], keeps_gaps: bool = False) -> str:
    """The name in one spelling; normalising again changes nothing.

    NFKC (full width, Roman numerals), lower case, the given characters replaced, hyphens and points dropped, a plus
    between words read as 加 and dropped after an ion, every other mark taken as a gap. A gap stays (as one space) only
    between two Latin words or numbers, or everywhere with ``keeps_gaps``.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())
    text = "".join(characters.get(character, character) for character in text)
    text = _CHARGE.sub("", _GONE.sub("", text)).replace("+", "加")
    text = _APART.sub(" ", text).strip()
    return text if keeps_gaps else _LOOSE_SPACE.sub("", text)


def counted(text: str) -> tuple[str, int | None]:
    """A normalised name whose number of analytes is left open, 六项 as #项, and the number if there is one."""
    counts = _COUNT.findall(text)
    return _COUNT.sub("#项", text), _number(counts[0]) if len(counts) == 1 else None


def _number(word: str) -> int:
    if word.isdigit():
        return int(word)
    tens, ten, ones = word.rpartition("十")
    return (_DIGITS.get(tens, 1) * 10 if ten else 0) + _DIGITS.get(ones, 0)
