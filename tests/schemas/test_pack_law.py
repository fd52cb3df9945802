"""Law of a pack: provisions with their own words, chosen by the day of the event, boundary days included."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from schemas.card import LegalBasis, Text, is_in_force
from schemas.pack import load_pack

BASES = load_pack("cn-national").legal_bases
HEAD = "title = {en = 'e', zh = 'z'}\narticle = '1'\nin_force_from = 2020-01-01\n"
CJK = "[一-鿿]"


def written(tmp_path: Path, text: str) -> LegalBasis:
    (tmp_path / "pack.toml").write_text('name = "p"\nversion = "1"\n', encoding="utf-8")
    (tmp_path / "legal_basis.toml").write_text(text, encoding="utf-8")
    return load_pack(tmp_path).legal_bases["x"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("source = 's'", Text(en="s", zh="s")),
        ("source.en = 's'\nsource.zh = '出处'", Text(en="s", zh="出处")),
    ],
    ids=["once for both", "in both"],
)
def test_a_source_is_said_once_for_both_languages_or_in_each(tmp_path: Path, source: str, expected: Text) -> None:
    assert written(tmp_path, f"[x]\n{HEAD}{source}\n").source == expected


@pytest.mark.parametrize(
    ("day", "begins", "article"),
    [
        (date(2016, 2, 5), None, "第三十二条"),
        (date(2016, 2, 6), "医疗机构施行手术", "第三十三条"),
        (date(2022, 4, 30), "医疗机构施行手术", "第三十三条"),
        (date(2022, 5, 1), "医务人员在诊疗活动中", "第三十二条"),
    ],
    ids=["before the first wording", "its first day", "its last day", "the first day of the next"],
)
def test_the_wording_and_the_number_are_those_of_the_day(day: date, begins: str | None, article: str) -> None:
    basis = BASES["institution_regulation_consent"]
    wording = basis.wording_on(day)
    assert (wording and wording.text_zh[: len(begins or "")]) == begins
    assert basis.article_on(day) == article


def test_the_law_on_doctors_takes_over_from_the_law_before_it_on_one_day() -> None:
    old, new = BASES["practising_doctors_law_art_22"], BASES["doctors_law_art_31"]
    assert old.in_force_to == new.in_force_from
    for day in (new.in_force_from - timedelta(days=1), new.in_force_from):
        assert is_in_force(old, day) != is_in_force(new, day)


@pytest.mark.parametrize("basis", BASES.values(), ids=BASES)
def test_every_shipped_provision_says_what_it_is_where_it_comes_from_and_its_own_words(basis: LegalBasis) -> None:
    assert basis.subject is not None
    for text in (basis.title, basis.source, basis.subject, *(one.source for one in basis.wordings)):
        assert re.search(CJK, text.zh), text
        assert not re.search(CJK, text.en.replace(basis.document_no or "", "")), text
    assert basis.wordings
    assert all(one.text_checked for one in basis.wordings)


@pytest.mark.parametrize("basis", BASES.values(), ids=BASES)
def test_the_words_of_a_provision_are_whole_sentences_in_its_own_punctuation(basis: LegalBasis) -> None:
    for wording in basis.wordings:
        *_, last = wording.text_zh.splitlines()
        assert last.endswith(("。", "……"))
        assert not re.search(r"[,;:()]|\s{2}|^\s|\s$", wording.text_zh)
