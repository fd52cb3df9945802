"""The difference of two packs is of what they say, not of where they say it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from schemas.pack import in_force, load_pack
from schemas.pack_diff import Difference, diff_packs

ITEMS = "item_code,item_name,family,retest_hours_inpatient,retest_hours_outpatient,valid_from,valid_to,source\n"
CEILINGS = "item_code,item_name,level,region_code,price_ceiling\n"


def write_pack(folder: Path, head: str, **files: str) -> Path:
    folder.mkdir()
    (folder / "pack.toml").write_text(head, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def differences(first: Path, second: Path) -> list[Difference]:
    return diff_packs(load_pack(first), load_pack(second))


def test_a_pack_does_not_differ_from_itself() -> None:
    assert diff_packs(load_pack("cn-national"), load_pack("cn-national")) == []


def test_rows_are_compared_by_key_and_first_day(tmp_path: Path) -> None:
    first = write_pack(
        tmp_path / "first",
        'name = "first"\nversion = "1"\n',
        exam_items__csv=ITEMS + "A,a,fa,24,12,,2024-01-01,x\nA,a,fa,48,24,2024-01-01,,x\nB,b,fb,24,12,,,x\n",
    )
    second = write_pack(
        tmp_path / "second",
        'name = "second"\nversion = "1"\n',
        exam_items__csv=ITEMS + "A,a,fa,24,12,,2024-01-01,y\nA,a,fa,72,24,2024-01-01,,y\nC,c,fc,24,,,,y\n",
    )
    found = differences(first, second)
    assert [(one.part, one.key, one.kind) for one in found] == [
        ("exam_items", "A from 2024-01-01", "changed"),
        ("exam_items", "B", "removed"),
        ("exam_items", "C", "added"),
    ]
    assert (found[0].before, found[0].after) == (
        {"retest_hours_inpatient": "48"},
        {"retest_hours_inpatient": "72"},
    )
    assert found[2].after == {
        "family": "fc", "item_code": "C", "item_name": "c", "retest_hours_inpatient": "24"
    }  # fmt: skip


def test_keys_with_empty_parts_are_not_confused(tmp_path: Path) -> None:
    first = write_pack(
        tmp_path / "a", 'name = "a"\nversion = "1"\n', price_ceilings__csv=CEILINGS + "A,a,tertiary,,1\n"
    )
    second = write_pack(
        tmp_path / "b", 'name = "b"\nversion = "1"\n', price_ceilings__csv=CEILINGS + "A,a,,tertiary,1\n"
    )
    kinds = sorted(one.kind for one in differences(first, second))
    assert kinds == ["added", "removed"]


def test_settings_parameters_and_law_are_compared(tmp_path: Path) -> None:
    first = write_pack(
        tmp_path / "first",
        'name = "first"\nversion = "1"\n',
        thresholds__toml="default_retest_hours = 24\n[readmission.cycle]\nwindow_days = 15\n",
    )
    second = write_pack(
        tmp_path / "second",
        'name = "second"\nversion = "1"\n',
        thresholds__toml="default_retest_hours = 12\n[readmission.cycle]\nwindow_days = 31\n",
        legal_basis__toml="",
    )
    found = {(one.part, one.key): one for one in differences(first, second)}
    assert found["thresholds", "default_retest_hours"].after == {"value": "12"}
    assert found["parameters", "readmission.cycle.window_days"].before == {"value": "15"}
    assert any(part == "legal_bases" and one.kind == "removed" for (part, _), one in found.items())


def test_rows_in_force_are_those_of_the_day() -> None:
    rows = pl.DataFrame(
        {
            "name": ["always", "old", "new"],
            "valid_from": [None, None, date(2024, 1, 1)],
            "valid_to": [None, date(2024, 1, 1), None],
        }
    )
    assert in_force(rows, date(2023, 12, 31))["name"].to_list() == ["always", "old"]
    assert in_force(rows, date(2024, 1, 1))["name"].to_list() == ["always", "new"]


def test_a_wording_is_compared_with_that_of_the_same_period(tmp_path: Path) -> None:
    head = "[x]\ntitle = {en = 'e', zh = 'z'}\narticle = '1'\nin_force_from = 2020-01-01\nsource = 's'\n"
    words = "[[x.wordings]]\nin_force_from = 20{}-01-01\nin_force_to = 20{}-01-01\ntext_zh = '{}'\nsource = 's'\n"
    first = write_pack(
        tmp_path / "a", 'name = "a"\nversion = "1"\n', legal_basis__toml=head + words.format(20, 22, "甲")
    )
    second = write_pack(
        tmp_path / "b",
        'name = "b"\nversion = "1"\n',
        legal_basis__toml=head + words.format(20, 22, "乙") + words.format(22, 24, "丙"),
    )
    (found,) = (one for one in differences(first, second) if one.part == "legal_bases")
    assert (found.before["wordings.2020-01-01.text_zh"], found.after["wordings.2020-01-01.text_zh"]) == ("甲", "乙")
    assert found.before["wordings.2022-01-01.text_zh"] is None
    assert found.after["wordings.2022-01-01.text_zh"] == "丙"
