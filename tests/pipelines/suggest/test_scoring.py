"""What forbids a proposal, what lowers it, and that nothing but the name and the pack decides."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.suggest.candidates import candidates_of
from pipelines.suggest.propose import AMBIGUOUS, Proposer
from pipelines.suggest.scoring import ALMOST, SURE
from schemas.pack import load_pack

PROPOSER = Proposer(candidates_of(load_pack("cn-national")))
NAMES = (
    "胸部CT平扫",
    "头颅MRI增强",
    "谷丙转氨酶",
    "尿钾",
    "血常规",
    "电解质四项",
    "心电图",
    "丙胺酸氨基转移酶",
    "",
    "检查费",
)


def best(name: str) -> tuple[str, float]:
    found = PROPOSER.propose(name).best
    return ("", 0.0) if found is None else (found[0].item_name, found[1])


def test_every_item_is_found_by_its_own_name() -> None:
    for item in PROPOSER.candidates:
        assert PROPOSER.propose(item.item_name).best == (item, 1.0), item.item_name


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("胸部CT平扫", "增强"),
        ("胸部CT增强", "平扫"),
        ("胸部CT平扫+增强", "胸部"),
        ("头颅CT平扫", "磁共振"),
        ("膝关节MRI平扫", "踝"),
        ("尿钾", "钾测定"),
        ("脑脊液葡萄糖", "葡萄糖测定"),
        ("尿淀粉酶", "淀粉酶"),
        ("动态心电图", "常规心电图"),
        ("游离PSA", "总前列腺"),
        ("叶酸片", "叶酸测定"),
    ],
)
def test_what_differs_in_kind_is_never_proposed(name: str, forbidden: str) -> None:
    proposed = [item.item_name for item, _confidence in PROPOSER.propose(name).items]
    assert not [one for one in proposed if forbidden in one]


@pytest.mark.parametrize(
    ("name", "item_name"),
    [
        ("头颅CT", "X线计算机体层(CT)平扫(头颅)"),
        ("血常规", "血细胞分析(五分类)"),
        ("电解质四项", "电解质六项"),
        ("腹部彩超", "彩色多普勒超声检查(上腹部)"),
        ("丙胺酸氨基转移酶", "血清丙氨酸氨基转移酶测定"),
        ("膝关节CT增强", "X线计算机体层(CT)增强扫描"),
    ],
)
def test_what_a_name_leaves_open_is_proposed_but_not_sure(name: str, item_name: str) -> None:
    found, confidence = best(name)
    assert found == item_name
    assert 0.5 <= confidence < SURE


def test_likeness_of_letters_alone_is_never_sure() -> None:
    assert best("促甲壮腺激素")[1] <= ALMOST < SURE


def test_a_method_is_matched_where_the_pack_tells_methods_apart() -> None:
    assert best("钾（离子选择电极法）")[0] == "钾测定(火焰分光光度法或离子选择电极法)"
    assert best("血钾")[0] == "钾测定"


def test_a_panel_may_be_followed_by_what_is_in_it() -> None:
    assert best("凝血四项（PT、APTT、TT、FIB）")[1] >= SURE


def test_two_items_of_one_name_are_not_sure() -> None:
    (item,) = [one for one in PROPOSER.candidates if one.item_name == "镁测定"]
    twins = Proposer((item, type(item)(**{**_fields(item), "item_code": "twin"})))
    assert [confidence for _item, confidence in twins.propose("血镁").items] == [AMBIGUOUS, AMBIGUOUS]


def _fields(item: object) -> dict[str, object]:
    return {name: getattr(item, name) for name in item.__dataclass_fields__}  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["", "   ", "血", "胸部", "检查费", "二级护理", "！！！"])
def test_a_name_that_says_nothing_gets_no_proposal(name: str) -> None:
    assert PROPOSER.propose(name).best is None


@settings(deadline=None)
@given(st.permutations(NAMES), st.permutations(PROPOSER.candidates[::7]))
def test_the_order_of_names_and_of_items_is_irrelevant(names: list[str], items: list[object]) -> None:
    shuffled, sorted_ = Proposer(tuple(items)), Proposer(PROPOSER.candidates[::7])  # type: ignore[arg-type]
    assert {name: shuffled.propose(name) for name in names} == {name: sorted_.propose(name) for name in NAMES}


@settings(deadline=None)
@given(st.text(max_size=30))
def test_confidence_is_a_share(name: str) -> None:
    confidences = [confidence for _item, confidence in PROPOSER.propose(name).items]
    assert all(0 <= one <= 1 for one in confidences)
    assert confidences == sorted(confidences, reverse=True)
