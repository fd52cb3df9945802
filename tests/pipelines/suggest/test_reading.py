"""Names in one spelling, and what is read in them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.suggest.normalise import counted, normalise
from pipelines.suggest.reading import read_name
from pipelines.suggest.vocabulary import shipped_vocabulary

CHARACTERS = shipped_vocabulary().characters
MEDICAL = st.text(alphabet="胸部ＣＴct平扫增强（）()[]【】-－—+＋ /、αβγⅠⅡⅢ血清钾K尿1２３六项测定.·'", max_size=24)


@pytest.mark.parametrize(
    ("name", "spelt"),
    [
        ("ＣＴ平扫－胸部", "ct平扫胸部"),
        ("血清γ-谷氨酰基转移酶测定", "血清g谷氨酰基转移酶测定"),
        ("血清肌钙蛋白Ⅰ测定", "血清肌钙蛋白i测定"),
        ("NT－proBNP", "ntprobnp"),
        ("磁共振平扫（头颅）", "磁共振平扫头颅"),
        ("PET/CT", "pet ct"),
        ("平扫＋增强", "平扫加增强"),
        ("Ca2+", "ca2"),
        ("K+", "k"),
        ("  谷 丙 转氨酶 ", "谷丙转氨酶"),
    ],
)
def test_one_spelling(name: str, spelt: str) -> None:
    assert normalise(name, CHARACTERS) == spelt


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), MEDICAL), st.booleans())
def test_normalising_again_changes_nothing(name: str, keeps_gaps: bool) -> None:
    once = normalise(name, CHARACTERS, keeps_gaps)
    assert normalise(once, CHARACTERS, keeps_gaps) == once


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), MEDICAL))
def test_any_text_can_be_read(name: str) -> None:
    assert read_name(name) == read_name(name)


@pytest.mark.parametrize(
    ("name", "count"), [("血脂四项", 4), ("肝功十二项", 12), ("电解质6项", 6), ("肾功二十项", 20), ("钾", None)]
)
def test_the_number_of_analytes_is_read(name: str, count: int | None) -> None:
    assert counted(normalise(name, CHARACTERS))[1] == count


@pytest.mark.parametrize(
    ("name", "kind", "values"),
    [
        ("头颅核磁共振增强扫描", "modality", {"MR"}),
        ("头颅核磁共振增强扫描", "contrast", {"enhanced"}),
        ("胸部CT平扫+增强", "contrast", {"both"}),
        ("左膝关节MRI平扫", "side", {"L"}),
        ("左膝关节MRI平扫", "part", {"knee"}),
        ("颈椎MR平扫", "part", {"cervical_spine"}),
        ("颈部血管彩超", "part", {"carotid"}),
        ("甲状腺彩色多普勒", "modality", {"US"}),
        ("谷丙转氨酶", "concept", {"alt"}),
        ("丙氨酸氨基转移酶（ALT）速率法", "concept", {"alt"}),
        ("脑脊液葡萄糖", "specimen", {"csf"}),
        ("尿素", "specimen", set()),
        ("aPTT", "concept", {"aptt"}),
        ("钾（离子选择电极法）", "method", {"electrode"}),
        ("叶酸片", "elsewhere", {"drug"}),
    ],
)
def test_what_a_name_says(name: str, kind: str, values: set[str]) -> None:
    assert getattr(read_name(name), kind) == values


def test_a_one_letter_analyte_is_not_found_inside_an_unknown_word() -> None:
    assert read_name("丙胺酸氨基转移酶").concept == set()
    assert read_name("维生素K测定").concept == set()


def test_a_latin_word_is_not_found_inside_a_longer_one() -> None:
    assert read_name("PTT1").concept == set()


def test_every_word_of_the_vocabulary_is_read_as_it_is_declared() -> None:
    for word, meaning in shipped_vocabulary().meanings.items():
        reading = read_name(word.replace("#", "4"))
        assert all(value in getattr(reading, kind) for kind, value in meaning), word
