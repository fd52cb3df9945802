"""Every fault of a pack names file, line and key, and what is allowed there."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.errors import PackError
from schemas.pack import load_pack
from schemas.pack_folder import shipped_packs

HEAD = 'name = "p"\nversion = "1"\n'
ITEMS = "item_code,item_name,family"
PERIODS = f"{ITEMS},valid_from,valid_to"
CEILINGS = "item_code,price_ceiling"
UNSOURCED = "[x]\ntitle = {en = 'e', zh = 'z'}\narticle = '1'\nin_force_from = 2020-01-01\n"
LAW = f"{UNSOURCED}source = 's'\n"
WORDS = "[[x.wordings]]\ntext_zh = '条文。'\nsource = 's'\nin_force_from ="

FAULTS: dict[str, list[tuple[str | bytes, str, str]]] = {
    "exam_items.csv": [
        ("item_code,item_name,family,colour\n", "line 1", "retest_hours_inpatient"),
        ("item_code,item_name,family,family\n", "line 1", "each once"),
        ("item_name,family\n", "line 1", "a header with item_code"),
        ("", "line 1", "a header with"),
        (f"{ITEMS}\nA,a,f\n,b,f\n", "line 3, column item_code", "text"),
        (f"{ITEMS}\n2.50101E+14,a,f\n", "line 2, column item_code", "format the column as text"),
        (f"{ITEMS},modality\nA,a,f,XR\n", "line 2, column modality", "CT, MR, DR"),
        (f"{ITEMS},is_restricted\nA,a,f,maybe\n", "line 2, column is_restricted", "0 or 1"),
        (f"{ITEMS},daily_maximum\nA,a,f,1.5\n", "line 2, column daily_maximum", "a whole number"),
        (f"{ITEMS},daily_maximum\nA,a,f,0\n", "line 2, column daily_maximum", "at least 1"),
        (f"{ITEMS},retest_hours_inpatient\nA,a,f,2d\n", "line 2, column retest_hours_inpatient", "hours"),
        (f"{ITEMS},reference_change_pct\nA,a,f,nan\n", "line 2, column reference_change_pct", "number"),
        (f"{ITEMS},valid_from\nA,a,f,2024-02-30\n", "line 2, column valid_from", "YYYY-MM-DD"),
        (f"{ITEMS},valid_from\nA,a,f,45292\n", "line 2, column valid_from", "YYYY-MM-DD"),
        (f'{ITEMS}\nA,"two\nlines",f\n,b\n', "line 4, column item_code", "text"),
        (f"{ITEMS}\nA,a,f,one too many\n", "line 2", "3 cells"),
        (f'{ITEMS}\nA,"a,f\n', "line 2", "comma-separated"),
        (f"{ITEMS}\nA,a,f\nB,b,f\nA,c,f\n", "line 4, column item_code", "one row at a time"),
        (
            f"{PERIODS}\nA,a,f,2020-01-01,2022-01-01\nA,a,f,2021-12-31,\n",
            "line 3, column item_code",
            "one row at a time",
        ),
        (f"{PERIODS}\nA,a,f,2020-01-01,2020-01-01\n", "line 2, column valid_to", "on which the row no longer holds"),
    ],
    "price_ceilings.csv": [
        (f"{CEILINGS}\nA,-1\n", "line 2, column price_ceiling", "at least 0, in yuan"),
        (f"{CEILINGS}\nA,1.234\n", "line 2, column price_ceiling", "at most 2 decimals"),
    ],
    "thresholds.toml": [
        ("default_retest_hours = 24\nfamily = 3\n", "line 2, key family", "default_retest_hours"),
        ("\ndefault_retest_hours = 'a day'\n", "line 2, key default_retest_hours", "integer"),
        ("default_retest_hours = 0\n", "line 1, key default_retest_hours", "greater than 0"),
        ("[default_retest_hours]\n", "line 1, key default_retest_hours", "integer"),
        ("exam_charge_categories = [3]\n", "key exam_charge_categories.0", "string"),
        ("[readmission]\nwindow_days = 3\n", "line 2, key readmission.window_days", "[family.name]"),
        ("[a.b]\nx = 1\ny = [1]\n", "line 3, key a.b.y", "a number, text"),
        ("[a.b]\nx = {z = 1}\n", "line 2, key a.b.x", "a number, text"),
        ("[a.b]\nx = \n", "thresholds.toml line 2", "key = value"),
        ("[a.b]\nx = 'open", "thresholds.toml line 2", "key = value"),
    ],
    "legal_basis.toml": [
        ("[x]\narticle = '1'\n", "line 1, key x.title", "this key"),
        (UNSOURCED.replace("2020-01-01", "'2020'"), "line 4, key x.in_force_from", "date"),
        (f"{UNSOURCED}source = ' '\n", "line 5, key x.source", "words in both languages"),
        (f"{LAW}url = 'flk'\n", "line 6, key x.url", "pattern"),
        (f"{LAW}in_force_to = 2020-01-01\n", "line 6, key x.in_force_to", "after"),
        (f"{LAW}{WORDS} 2019-12-31\n", "line 9, key x.wordings.0.in_force_from", "a day from 2020-01-01 on"),
        (
            f"{LAW}in_force_to = 2022-01-01\n{WORDS} 2020-01-01\n",
            "line 7, key x.wordings.0.in_force_to",
            "a day until 2022-01-01",
        ),
        (
            f"{LAW}{WORDS} 2020-01-01\n{WORDS} 2021-01-01\n",
            "line 13, key x.wordings.1.in_force_from",
            "one wording at a time",
        ),
        (
            f"{LAW}{WORDS} 2020-01-01\ntext_checked = 'yes'\n",
            "line 10, key x.wordings.0.text_checked",
            "two_copies",
        ),
    ],
    "deadlines.toml": [
        (
            "[x]\ntitle = {en = 'e', zh = 'z'}\nlength = 1\nunit = 'weeks'\nsource = 's'\n",
            "line 4, key x.unit",
            "working_days",
        ),
        ("[x]\nlenght = 1\n", "deadlines.toml line 1, key x.title", "this key"),
    ],
    "campaign.toml": [
        ("campaign_id = 'c'\n", "campaign.toml line 1, key title", "this key"),
    ],
    "exam_items.xlsx": [
        (b"PK", "exam_items.xlsx", "exam_items.csv"),
    ],
    "Exam_items.csv": [
        (f"{ITEMS}\n", "Exam_items.csv", "exam_items.csv"),
    ],
}
"""By file: what stands in it, where the fault is told to be, and what is told to be allowed there."""


def fault(tmp_path: Path, name: str, text: str | bytes, head: str = HEAD) -> PackError:
    """The error of a pack that has one faulty file."""
    folder = tmp_path / "p"
    folder.mkdir(exist_ok=True)
    (folder / "pack.toml").write_text(head, encoding="utf-8")
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(PackError) as caught:
        load_pack(folder)
    return caught.value


@pytest.mark.parametrize(
    ("name", "text", "where", "allowed"), [(name, *fault) for name, faults in FAULTS.items() for fault in faults]
)
def test_a_fault_names_file_line_key_and_what_is_allowed(
    tmp_path: Path, name: str, text: str | bytes, where: str, allowed: str
) -> None:
    error = fault(tmp_path, name, text)
    assert error.exit_code == 2
    assert str(tmp_path / "p" / name) in str(error.where)
    assert where in str(error.where)
    assert allowed in str(error.allowed)


def test_a_duplicate_key_names_both_lines(tmp_path: Path) -> None:
    error = fault(tmp_path, "exam_items.csv", f"{ITEMS}\nA,a,f\nB,b,f\nA,c,f\n")
    assert error.wrong == "a key stands twice"
    assert error.got == "lines 2 and 4"


def test_periods_that_touch_do_not_overlap(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    folder.mkdir()
    (folder / "pack.toml").write_text(HEAD, encoding="utf-8")
    (folder / "exam_items.csv").write_text(f"{PERIODS}\nA,new,f,2022-01-01,\nA,old,f,,2022-01-01\n", encoding="utf-8")
    assert load_pack(folder).tables["exam_items"]["item_name"].to_list() == ["old", "new"]


def test_undecodable_bytes_are_reported_with_their_offset(tmp_path: Path) -> None:
    error = fault(tmp_path, "exam_items.csv", ITEMS.encode() + b"\nA,\xff\xff,f\n")
    assert "offset" in str(error.got)
    assert "GB18030" in str(error.allowed)


def test_no_cell_of_a_row_is_repeated_in_an_error(tmp_path: Path) -> None:
    error = fault(tmp_path, "exam_items.csv", f"{ITEMS},modality\nSECRETCODE,secretname,f,secretmodality\n")
    assert "secret" not in str(error).lower()


@pytest.mark.parametrize(
    ("head", "where", "allowed"),
    [
        ('name = "p"\n', "pack.toml line 1, key version", "this key"),
        ('name = "p"\nversion = 1\n', "pack.toml line 2, key version", "string"),
        ('name = ""\nversion = "1"\n', "pack.toml line 1, key name", "character"),
        ('name = "p"\nversion = "1"\nauthor = "x"\n', "pack.toml line 3, key author", "name, version, extends"),
        ('name = "p"\nversion = "1"\nin_force_from = "soon"\n', "pack.toml line 3, key in_force_from", "date"),
        ('name = "p"\nversion = "1"\nextends = "nowhere"\n', "pack.toml line 3, key extends", "cn-national"),
        ('name = "p"\nversion = "1"\nextends = "."\n', "pack.toml line 3, key extends", "a pack that ends it"),
        ('name = "cn-national"\nversion = "1"\nextends = "cn-national"\n', "pack.toml line 1, key name", "of its own"),
    ],
)
def test_a_fault_in_pack_toml_names_its_line_and_key(tmp_path: Path, head: str, where: str, allowed: str) -> None:
    error = fault(tmp_path, "pack.toml", head, head)
    assert where in str(error.where)
    assert allowed in str(error.allowed)


def test_packs_that_extend_each_other_are_a_circle(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pack.toml").write_text(
            f'name = "{name}"\nversion = "1"\nextends = "../{other}"\n', encoding="utf-8"
        )
    with pytest.raises(PackError, match="circle") as caught:
        load_pack(tmp_path / "a")
    assert str(tmp_path / "b" / "pack.toml") in str(caught.value.where)
    assert "a extends b extends a" in str(caught.value)


def test_an_unknown_pack_names_the_shipped_ones(tmp_path: Path) -> None:
    with pytest.raises(PackError) as caught:
        load_pack(tmp_path / "nothing")
    assert all(name in str(caught.value.allowed) for name in shipped_packs())
    assert caught.value.where == "--pack"
