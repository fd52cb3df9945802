"""``catalogue suggest`` from outside: what it leaves out, what it writes, how it ends."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipelines.suggest.item_rows import ITEM_MAP_COLUMNS, NO_NAME, NO_PROPOSAL, ODD_CODE, SEVERAL_THINGS, WORKSHEET
from schemas.pack import load_pack

Call = Callable[..., Any]


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def suggest(call: Call, warehouse: Path, small_pack: Path) -> Call:
    def _suggest(*words: object) -> Any:
        return call("catalogue", "suggest", "--workspace", warehouse, "--pack", small_pack, *words)

    return _suggest


def test_only_items_that_the_pack_neither_lists_nor_maps_are_proposed(suggest: Call) -> None:
    done = suggest("--json")
    assert done.code == 0
    rows = {row["local_item_code"]: row for row in json.loads(done.out)}
    assert set(rows) == {"L1", "L2", "L3", "L4", "=L5", "L6", "L7", "X2"}
    assert rows["L1"]["item_code"] == "CT-C"
    assert rows["L1"]["rows"] == 3
    assert rows["L1"]["confidence"] >= 0.9
    assert not any(row["accepted"] for row in rows.values())


def test_without_an_out_file_nothing_is_written(suggest: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert suggest().code == 0
    assert sorted(tmp_path.iterdir()) == before


def test_what_must_be_looked_at_says_why(suggest: Call) -> None:
    notes = {row["local_item_code"]: row["note"] for row in json.loads(suggest("--json").out)}
    assert notes["L4"] == SEVERAL_THINGS
    assert notes["=L5"] == ODD_CODE
    assert notes["L7"] == NO_NAME
    assert notes["X2"] == NO_PROPOSAL
    assert notes["L1"] == ""


def test_one_file_for_an_analyst_without_a_limit(suggest: Call, tmp_path: Path) -> None:
    out = tmp_path / "item_map.csv"
    assert suggest("--out", out).code == 0
    assert tuple(read(out)[0]) == WORKSHEET
    assert len(read(out)) == 8
    assert not (tmp_path / "item_map_to_review.csv").exists()


def test_accepted_rows_load_as_a_file_of_an_overlay_pack(suggest: Call, small_pack: Path, tmp_path: Path) -> None:
    overlay = tmp_path / "overlay"
    overlay.mkdir()
    (overlay / "pack.toml").write_text(f'name = "over"\nversion = "1"\nextends = "{small_pack}"\n', encoding="utf-8")
    out = tmp_path / "item_map.csv"
    assert suggest("--out", out, "--accept-above", "0.9").code == 0
    assert tuple(read(out)[0]) == ITEM_MAP_COLUMNS
    out.rename(overlay / "item_map.csv")
    mapped = load_pack(overlay).tables["item_map"]
    assert dict(mapped.select("local_item_code", "item_code").rows()) == {
        "L1": "CT-C",
        "L3": "ALT",
        "L6": "ALT",
        "MAPPED": "KNOWN",
    }
    to_review = {row["local_item_code"].lstrip("'") for row in read(tmp_path / "item_map_to_review.csv")}
    assert to_review == {"L2", "L4", "=L5", "L7", "X2"}


def test_text_that_starts_like_a_formula_is_quoted(suggest: Call, tmp_path: Path) -> None:
    out = tmp_path / "item_map.csv"
    suggest("--out", out, "--accept-above", "0.9")
    cells = [cell for path in tmp_path.glob("item_map*.csv") for row in read(path) for cell in row.values()]
    assert "'=L5" in cells
    assert "'=谷丙转氨酶" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize("name", ["item_map.csv", "item_map_to_review.csv"])
def test_a_file_that_is_there_is_kept_unless_overwrite_is_given(suggest: Call, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("edited by hand", encoding="utf-8")
    out = tmp_path / "item_map.csv"
    refused = suggest("--out", out, "--accept-above", "0.9")
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (tmp_path / name).read_text(encoding="utf-8") == "edited by hand"
    assert len(list(tmp_path.glob("*.csv"))) == 1
    assert suggest("--out", out, "--accept-above", "0.9", "--overwrite").code == 0
    assert "edited by hand" not in (tmp_path / name).read_text(encoding="utf-8-sig")


def test_the_same_question_gets_the_same_files(suggest: Call, tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        suggest("--out", tmp_path / name, "--accept-above", "0.8")
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a_to_review.csv").read_bytes() == (tmp_path / "b_to_review.csv").read_bytes()


def test_accepting_from_a_lower_confidence_accepts_no_fewer(suggest: Call) -> None:
    counts = [
        sum(row["accepted"] for row in json.loads(suggest("--json", "--accept-above", limit).out))
        for limit in ("1", "0.9", "0.8", "0")
    ]
    assert counts == sorted(counts)
    assert counts[-1] > counts[1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--accept-above", "1.5"), 2),
        (("--accept-above", "often"), 2),
        (("--out", "no/such/folder/item_map.csv"), 2),
        (("--no-such-option",), 2),
    ],
)
def test_a_bad_option_ends_with_2(suggest: Call, words: tuple[str, ...], code: int) -> None:
    assert suggest(*words).code == code


def test_an_unknown_pack_ends_with_2(call: Call, warehouse: Path) -> None:
    assert call("catalogue", "suggest", "--workspace", warehouse, "--pack", "no-such-pack").code == 2


def test_a_workspace_without_a_warehouse_ends_with_3_and_is_not_made(call: Call, tmp_path: Path) -> None:
    done = call("catalogue", "suggest", "--workspace", tmp_path / "nowhere")
    assert done.code == 3
    assert not (tmp_path / "nowhere").exists()


def test_departments_by_name_and_by_code(suggest: Call, tmp_path: Path) -> None:
    out = tmp_path / "department.csv"
    done = suggest("--departments", "--out", out, "--accept-above", "0.9")
    assert done.code == 0
    accepted = {row["department_code"]: row for row in read(out)}
    assert {code: row["national_department_code"] for code, row in accepted.items()} == {
        "A32.02": "32.02",
        "D1": "32.02",
        "D3": "28",
    }
    assert accepted["D3"]["is_icu"] == "1"
    to_review = {row["department_code"]: row for row in read(tmp_path / "department_to_review.csv")}
    assert to_review["3001"]["national_department_code"] == "30.01"
    assert to_review["D4"]["national_department_code"] == ""
    assert set(to_review) == {"3001", "D4"}


def test_an_accepted_department_file_is_taken_in_as_a_canonical_table(
    call: Call, suggest: Call, warehouse: Path, tmp_path: Path
) -> None:
    extract = tmp_path / "departments"
    extract.mkdir()
    suggest("--departments", "--out", extract / "department.csv", "--accept-above", "0.9")
    (extract / "department_to_review.csv").unlink()
    assert call("ingest", "--extract", extract, "--profile", "canonical", "--workspace", warehouse).code == 0
    left = json.loads(suggest("--departments", "--json").out)
    assert [row["department_code"] for row in left] == ["3001", "D4"]
