"""Numbers of articles in English: what is a number is told as one, anything else stays as the law has it."""

from __future__ import annotations

import pytest

from reports.articles import article_name, value_of
from schemas.card import Text


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("第十五条", "Article 15"),
        ("第八条", "Article 8"),
        ("第四十条", "Article 40"),
        ("第一百零二条", "Article 102"),
        ("第十九条（三）", "Article 19 (3)"),
        ("第十九条之一第二款", "Article 19-1, paragraph 2"),
        ("第三十六条、第三十七条", "Article 36, Article 37"),
        ("三、重点内容（四）", "三、重点内容（四）"),
        ("第三章", "第三章"),
    ],
)
def test_an_article_is_told_in_english_by_its_number(number: str, told: str) -> None:
    assert article_name(number) == Text(en=told, zh=number)


def test_numerals_below_a_thousand_have_their_value() -> None:
    assert [value_of(one) for one in ("十", "十一", "二十", "一百一十", "九百九十九")] == [10, 11, 20, 110, 999]
