"""National departments by code and by name."""

from __future__ import annotations

import pytest

from pipelines.suggest.departments import national_code, national_departments, propose_departments
from schemas.pack import load_pack


@pytest.mark.parametrize("text", ["A32.02", "3202", "32.02", "a3202", "Ａ３２．０２", " 32.02 "])
def test_one_code_however_it_is_written(text: str) -> None:
    assert national_code(text) == "32.02"


@pytest.mark.parametrize("text", ["", "99", "32.99", "320", "32.2", "32-02", "AB32.02", "K01", "32.02.01"])
def test_what_the_list_does_not_have_is_no_code(text: str) -> None:
    assert national_code(text) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("呼吸内科", "03.01"),
        ("呼吸与危重症医学科一病区", "03.01"),
        ("心内科门诊", "03.04"),
        ("肾病科", "03.06"),
        ("普外科（二病区）", "04.01"),
        ("骨科", "04.03"),
        ("妇产科", "05"),
        ("儿科病房", "07"),
        ("急诊科", "20"),
        ("ICU", "28"),
        ("医学检验科", "30"),
        ("微生物室", "30.02"),
        ("病理科", "31"),
        ("放射科", "32"),
        ("CT室", "32.02"),
        ("核磁共振室", "32.03"),
        ("Ｂ超室", "32.05"),
        ("心电图室", "32.06"),
        ("中医科", "50"),
    ],
)
def test_usual_names_are_sure(name: str, code: str) -> None:
    ((department, confidence), *_) = propose_departments("K01", name).departments
    assert department.code == code
    assert confidence >= 0.9


@pytest.mark.parametrize("name", ["后勤仓库", "财务处", "", None])
def test_other_names_get_none(name: str | None) -> None:
    assert propose_departments("K01", name).departments == ()


def test_bare_digits_without_a_name_may_be_the_hospitals_own() -> None:
    assert [confidence for _one, confidence in propose_departments("3202", None).departments] == [0.7]
    assert [confidence for _one, confidence in propose_departments("A32.02", None).departments] == [0.95]


def test_a_name_wins_over_a_code_that_says_otherwise() -> None:
    ((department, _confidence), *_) = propose_departments("3202", "呼吸内科").departments
    assert department.code == "03.01"


def test_a_spelling_mistake_is_proposed_but_not_sure() -> None:
    ((department, confidence), *_) = propose_departments("K01", "呼吸内刻").departments
    assert department.code == "03.01"
    assert confidence < 0.9


def test_the_list_holds_every_department_that_the_national_pack_asks_for() -> None:
    asked = load_pack("cn-national").tables["exam_items"]["required_department_code"].drop_nulls()
    assert set(asked) <= set(national_departments())


def test_every_entry_is_found_by_its_own_name_or_is_other() -> None:
    for one in national_departments().values():
        if not one.name.startswith("其"):
            found = [department.code for department, confidence in propose_departments("K", one.name).departments]
            assert one.code in found, one.name
