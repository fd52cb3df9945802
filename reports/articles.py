"""Numbers of articles as laws write them (第十九条（三）), told in English too."""

from __future__ import annotations

import re

from schemas.card import Text

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_UNITS = {"十": 10, "百": 100}
_NUMERAL = "[零一二三四五六七八九十百]+"
_ARTICLE = re.compile(f"第({_NUMERAL})条(?:之({_NUMERAL}))?(?:第({_NUMERAL})款)?(?:第?（({_NUMERAL})）项?)?")


def value_of(numeral: str) -> int:
    """A Chinese numeral below a thousand: ``三十八`` is 38, ``一百零二`` 102."""
    total, digit = 0, 0
    for character in numeral:
        if character in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[character], 0
        else:
            digit = _DIGITS[character]
    return total + digit


def article_name(number: str) -> Text:
    """An article's number in both languages: ``Article 19 (3)``; as it is where it is no number of articles.

    Args:
        number: one or more articles, joined by ``、``.
    """
    told = [_ARTICLE.fullmatch(part) for part in number.split("、")]
    if not all(told):
        return Text(en=number, zh=number)
    return Text(en=", ".join(_in_english(one) for one in told if one), zh=number)


def _in_english(found: re.Match[str]) -> str:
    article, inserted, paragraph, item = found.groups()
    name = f"Article {value_of(article)}" + (f"-{value_of(inserted)}" if inserted else "")
    name += f", paragraph {value_of(paragraph)}" if paragraph else ""
    return name + (f" ({value_of(item)})" if item else "")
