"""Parameters of a run: card, pack, --set, and every way in which a setting can be wrong."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detectors.catalogue import SHIPPED, chosen
from detectors.declaration import Parameter
from detectors.readmission.cycle import CYCLE
from detectors.settings import resolve
from schemas.card import Text
from schemas.errors import SettingError

WHY = Text(en="why", zh="理由")
ODD = replace(
    CYCLE,
    id="odd.one",
    parameters=(
        Parameter("share", 0.5, WHY, unit="share", minimum=0, maximum=1),
        Parameter("is_strict", False, WHY),
        Parameter("mode", "near", WHY, choices=("near", "far")),
        Parameter("floor", 3, WHY),
    ),
)
BARE = replace(CYCLE, id="bare.one", parameters=())


def values(*assignments: str, pack=None) -> dict[str, tuple[object, str]]:
    resolved = resolve([ODD, BARE], pack or {}, assignments)
    return {parameter.name: (parameter.value, parameter.origin) for parameter in resolved["odd.one"]}


def test_the_card_s_defaults_stand_where_nobody_changes_them() -> None:
    assert values() == {
        "share": (0.5, "card"),
        "is_strict": (False, "card"),
        "mode": ("near", "card"),
        "floor": (3, "card"),
    }


def test_the_pack_changes_the_card_and_set_changes_the_pack() -> None:
    assert values(pack={"odd.one": {"share": 0.25}})["share"] == (0.25, "pack")
    assert values("odd.one.share=0.75", pack={"odd.one": {"share": 0.25}})["share"] == (0.75, "set")


def test_the_last_of_two_assignments_counts() -> None:
    assert values("odd.one.share=0.1", "odd.one.share=0.2")["share"] == (0.2, "set")


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        (" odd.one.share = 1 ", "share", 1.0),
        ("odd.one.share=0", "share", 0.0),
        ("odd.one.is_strict=true", "is_strict", True),
        ("odd.one.is_strict=0", "is_strict", False),
        ("odd.one.mode=far", "mode", "far"),
        ("odd.one.floor=-7", "floor", -7),
    ],
)
def test_a_value_takes_the_type_of_its_default(assignment: str, name: str, value: object) -> None:
    found = values(assignment)[name][0]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        (
            "odd.one.share",
            "--set needs DETECTOR.PARAM=VALUE; got: odd.one.share; allowed: for example odd.one.share=0.5",
        ),
        ("share=1", "--set needs DETECTOR.PARAM=VALUE"),
        ("no.such.share=1", "no such detector; got: no.such; allowed: bare.one, odd.one; where: --set no.such.share=…"),
        (
            "odd.one.sharp=1",
            "detector odd.one has no such parameter; got: sharp; allowed: share, is_strict, mode, floor",
        ),
        ("bare.one.share=1", "detector bare.one has no such parameter; got: share; allowed: it has no parameters"),
        (
            "odd.one.share=much",
            "parameter share needs a value of type float; got: much; allowed: float from 0 to 1 share",
        ),
        ("odd.one.share=nan", "parameter share needs a value of type float; got: nan"),
        ("odd.one.share=inf", "parameter share needs a value of type float; got: inf"),
        ("odd.one.share=", "parameter share needs a value of type float"),
        ("odd.one.floor=3.5", "parameter floor needs a value of type int; got: 3.5; allowed: int from -∞ to ∞"),
        ("odd.one.is_strict=maybe", "parameter is_strict needs a value of type bool"),
        ("odd.one.share=1.01", "parameter share is out of bounds; got: 1.01; allowed: float from 0 to 1 share"),
        ("odd.one.share=-0.01", "parameter share is out of bounds"),
        ("odd.one.mode=middle", "parameter mode is out of bounds; got: middle; allowed: near, far"),
    ],
)
def test_a_wrong_assignment_says_what_would_be_right(assignment: str, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        values(assignment)
    assert message in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (
            {"no.such": {"share": 1}},
            "no such detector; got: no.such; allowed: bare.one, odd.one; where: thresholds.toml",
        ),
        ({"odd.one": {"sharp": 1}}, "has no such parameter; got: sharp"),
        ({"odd.one": {"share": 2}}, "parameter share is out of bounds; got: 2.0"),
        ({"odd.one": {"share": "x"}}, "where: [odd.one] share in thresholds.toml"),
    ],
)
def test_a_wrong_key_of_the_pack_is_named_with_its_place(pack: dict, message: str) -> None:
    with pytest.raises(SettingError) as caught:
        values(pack=pack)
    assert message in str(caught.value)


def test_detectors_are_chosen_by_id_or_glob_and_a_name_that_fits_none_is_refused() -> None:
    assert {detector.id for detector in chosen(SHIPPED, ["repeat.*"])} == {
        detector.id for detector in SHIPPED if detector.id.startswith("repeat.")
    }
    assert chosen(SHIPPED, []) == SHIPPED
    with pytest.raises(SettingError, match="no such detector; got: repaet"):
        chosen(SHIPPED, ["repeat.*", "repaet.*"])
