"""``catalogue accept``: from a worksheet that was edited to a file of a pack."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.pack_csv import read_table
from schemas.policy_examinations import ITEM_MAP

Call = Callable[..., Any]
HEADER = "local_item_code,local_item_name,item_code,confidence,note,accept\n"


@pytest.fixture
def accept(call: Call, small_pack: Path, tmp_path: Path) -> Call:
    def _accept(text: str, *words: object, encoding: str = "utf-8-sig") -> Any:
        sheet = tmp_path / "sheet.csv"
        sheet.write_text(text, encoding=encoding)
        return call(
            "catalogue", "accept", sheet, *words, "--pack", small_pack, "--out", tmp_path / "item_map.csv"
        )  # fmt: skip

    return _accept


def mapped(tmp_path: Path) -> dict[str, str]:
    lines = read_table(tmp_path / "item_map.csv", ITEM_MAP)
    return {line.row["local_item_code"]: line.row["item_code"] for line in lines}


def test_only_rows_that_say_yes_are_taken(accept: Call, tmp_path: Path) -> None:
    rows = "A,胸片,CT-C,0.8,,1\nB,血钾,K,0.99,,\nC,谷丙,ALT,0.7,,是\nD,血钾,K,0.6,,0\n"
    assert accept(HEADER + rows).code == 0
    assert mapped(tmp_path) == {"A": "CT-C", "C": "ALT"}


def test_a_sheet_saved_by_a_chinese_spreadsheet_is_read(accept: Call, tmp_path: Path) -> None:
    assert accept(HEADER + "A,胸部平扫,CT-C,0.8,,1\n", encoding="gb18030").code == 0
    assert mapped(tmp_path) == {"A": "CT-C"}


def test_sheets_are_put_together_and_equal_rows_stand_once(accept: Call, tmp_path: Path) -> None:
    earlier = tmp_path / "earlier.csv"
    earlier.write_text("local_item_code,local_item_name,item_code\nA,胸片,CT-C\nZ,,ALT\n", encoding="utf-8")
    assert accept(HEADER + "A,胸片,CT-C,0.8,,1\nB,血钾,K,0.9,,1\n", earlier).code == 0
    assert mapped(tmp_path) == {"A": "CT-C", "B": "K", "Z": "ALT"}


@pytest.mark.parametrize(
    "text",
    [
        HEADER + "A,胸片,2.10300E+12,0.8,,1\n",
        HEADER + "A,胸片,,0.8,,1\n",
        HEADER + ",胸片,CT-C,0.8,,1\n",
        HEADER + "'=A,胸片,CT-C,0.8,,1\n",
        HEADER + "A,胸片,CT-C,0.8,,1\nA,胸片,CT-CE,0.8,,1\n",
        "a,b\n1,2\n",
        "",
    ],
)
def test_what_cannot_be_a_mapping_ends_with_2_and_writes_nothing(accept: Call, tmp_path: Path, text: str) -> None:
    done = accept(text)
    assert done.code == 2
    assert not (tmp_path / "item_map.csv").exists()
    assert not list(tmp_path.glob(".item_map*"))


def test_an_error_names_the_line_and_not_the_value(accept: Call) -> None:
    done = accept(HEADER + "A,胸片,CT-C,0.8,,1\nB,血钾,SECRET,0.8,,1\n")
    assert "line 3, column item_code" in done.err
    assert "SECRET" not in done.err


def test_a_map_that_is_there_is_kept_unless_overwrite_is_given(accept: Call, tmp_path: Path) -> None:
    (tmp_path / "item_map.csv").write_text("edited by hand", encoding="utf-8")
    assert accept(HEADER + "A,,K,0.8,,1\n").code == 2
    assert accept(HEADER + "A,,K,0.8,,1\n", "--overwrite").code == 0
    assert mapped(tmp_path) == {"A": "K"}


def test_a_sheet_that_is_not_there_ends_with_2(call: Call, tmp_path: Path) -> None:
    assert call("catalogue", "accept", tmp_path / "none.csv", "--out", tmp_path / "item_map.csv").code == 2
