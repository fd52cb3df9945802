"""What a pack is after its overlays: which rows win, what is lent, and that its hash is of the content alone."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from schemas.pack import PackLink, load_pack
from schemas.policy_tables import POLICY_TABLES, policy_schema

ITEMS = "item_code,item_name,family,retest_hours_inpatient,retest_hours_outpatient,valid_from,valid_to\n"


def write_pack(folder: Path, head: str, **files: str) -> Path:
    """A pack folder with pack.toml and files by name, a dot written as two underscores."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack.toml").write_text(head, encoding="utf-8")
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return folder


def rows_of(frame: pl.DataFrame, column: str, value: str) -> list[dict[str, object]]:
    return frame.filter(pl.col(column) == value).to_dicts()


def test_a_pack_of_pack_toml_and_thresholds_toml_is_a_valid_overlay(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path / "p",
        'name = "p"\nversion = "1"\nextends = "cn-national"\n',
        thresholds__toml="default_retest_hours = 24\n[readmission.cycle]\nwindow_days = 31\n"
        "[a.b]\nx = 1.5\ny = true\nz = 'w'\n",
    )
    pack, national = load_pack(folder), load_pack("cn-national")
    assert pack.thresholds["default_retest_hours"] == 24
    assert pack.thresholds["imaging_modalities"] == national.thresholds["imaging_modalities"]
    assert pack.parameters["readmission.cycle"]["window_days"] == 31
    assert pack.parameters["a.b"] == {"x": 1.5, "y": True, "z": "w"}
    assert all(pack.tables[name].equals(national.tables[name]) for name in POLICY_TABLES)
    assert pack.chain == (PackLink("cn-national", national.version), PackLink("p", "1"))
    assert pack.borrowed == ()
    assert pack.in_force_from is None


def test_parameters_of_one_detector_merge_key_by_key(tmp_path: Path) -> None:
    write_pack(tmp_path / "base", 'name = "base"\nversion = "1"\n', thresholds__toml="[a.b]\nx = 1\ny = 1\n")
    top = write_pack(
        tmp_path / "top", 'name = "top"\nversion = "1"\nextends = "../base"\n', thresholds__toml="[a.b]\ny = 2\nz = 2\n"
    )
    assert load_pack(top).parameters == {"a.b": {"x": 1, "y": 2, "z": 2}}


def test_rows_of_an_overlay_replace_all_rows_of_their_key_and_add_new_ones(tmp_path: Path) -> None:
    write_pack(
        tmp_path / "base",
        'name = "base"\nversion = "1"\n',
        exam_items__csv=ITEMS + "A,a,fa,24,12,,2024-01-01\nA,a,fa,48,24,2024-01-01,\nB,b,fb,24,12,,\n",
    )
    top = write_pack(
        tmp_path / "top",
        'name = "top"\nversion = "1"\nextends = "../base"\n',
        exam_items__csv=ITEMS + "A,a2,fa,72,72,,\nC,c,fc,1,1,,\n",
    )
    items = load_pack(top).tables["exam_items"]
    assert [(r["item_code"], r["item_name"], r["pack_source"]) for r in items.to_dicts()] == [
        ("A", "a2", "top"),
        ("B", "b", "base"),
        ("C", "c", "top"),
    ]


def test_an_exemption_is_replaced_only_for_the_detector_that_the_overlay_names(tmp_path: Path) -> None:
    header = ",".join(c.name for c in POLICY_TABLES["exemptions"].columns if c.required)
    top = write_pack(
        tmp_path / "top",
        'name = "top"\nversion = "1"\nextends = "cn-national"\n',
        exemptions__csv=f"{header}\nnew_acute_diagnosis,repeat.*,5,t,t,w,w,weakens,new_diagnosis,between\n",
    )
    rows = rows_of(load_pack(top).tables["exemptions"], "exemption_id", "new_acute_diagnosis")
    told = {(r["detector_id"], r["effect"], r["pack_source"]) for r in rows}
    assert ("repeat.*", "weakens", "top") in told
    assert ("readmission.cycle", "clears", "cn-national") in told
    assert [source for detector_id, _, source in told if detector_id == "repeat.*"] == ["top"]


def test_three_packs_make_a_chain_base_first(tmp_path: Path) -> None:
    write_pack(tmp_path / "a", 'name = "a"\nversion = "1"\n')
    write_pack(tmp_path / "b", 'name = "b"\nversion = "2"\nextends = "../a"\n')
    pack = load_pack(write_pack(tmp_path / "c", 'name = "c"\nversion = "3"\nextends = "../b"\n'))
    assert pack.identity.chain == ("a 1", "b 2", "c 3")
    assert (pack.identity.name, pack.identity.version, pack.identity.sha256) == ("c", "3", pack.sha256)


def test_a_pack_that_stands_alone_borrows_only_what_protects_the_innocent(tmp_path: Path) -> None:
    pack = load_pack(write_pack(tmp_path / "p", 'name = "p"\nversion = "1"\n'))
    national = load_pack("cn-national")
    assert pack.borrowed == ("exemptions.csv", "planned_readmission.csv", "legal_basis.toml")
    assert pack.chain == (PackLink("p", "1"),)
    assert pack.tables["exemptions"].equals(national.tables["exemptions"])
    assert pack.tables["planned_readmission"].equals(national.tables["planned_readmission"])
    assert pack.legal_bases == national.legal_bases
    lent = {"exemptions", "planned_readmission"}
    assert all(pack.tables[name].is_empty() for name in POLICY_TABLES if name not in lent)
    assert (pack.thresholds, pack.parameters, pack.deadlines, pack.campaign) == ({}, {}, {}, None)


def test_a_file_of_only_a_header_drops_the_protection_on_purpose(tmp_path: Path) -> None:
    headers = {
        f"{name}__csv": ",".join(POLICY_TABLES[name].required_columns) + "\n"
        for name in ("exemptions", "planned_readmission")
    }
    pack = load_pack(write_pack(tmp_path / "p", 'name = "p"\nversion = "1"\n', legal_basis__toml="", **headers))
    assert pack.borrowed == ()
    assert pack.tables["exemptions"].is_empty()
    assert pack.tables["planned_readmission"].is_empty()
    assert pack.legal_bases == {}


def test_a_base_that_has_the_protective_file_is_enough_for_the_whole_chain(tmp_path: Path) -> None:
    header = ",".join(POLICY_TABLES["exemptions"].required_columns)
    write_pack(tmp_path / "a", 'name = "a"\nversion = "1"\n', exemptions__csv=f"{header}\n")
    pack = load_pack(write_pack(tmp_path / "b", 'name = "b"\nversion = "1"\nextends = "../a"\n'))
    assert "exemptions.csv" not in pack.borrowed
    assert pack.tables["exemptions"].is_empty()


def test_legal_bases_deadlines_and_campaign_are_replaced_entry_by_entry(tmp_path: Path) -> None:
    basis = (
        "[fund_regulation_art_15]\ntitle = {en = 'e', zh = 'z'}\narticle = '15'\nin_force_from = 2026-01-01\n"
        "source = 's'\n"
    )
    clock = "[evidence_hold]\ntitle = {en = 'e', zh = 'z'}\nlength = 9\nunit = 'days'\nsource = 's'\n"
    campaign = (
        "campaign_id = 'c'\ntitle = {en = 'e', zh = 'z'}\nstarts_on = 2026-01-01\nends_on = 2027-01-01\n"
        "persons_sampled_per_institution = 5\nsource = 's'\n"
    )
    folder = write_pack(
        tmp_path / "p",
        'name = "p"\nversion = "1"\nextends = "cn-national"\n',
        legal_basis__toml=basis,
        deadlines__toml=clock,
        campaign__toml=campaign,
    )
    pack, national = load_pack(folder), load_pack("cn-national")
    assert pack.legal_bases.keys() == national.legal_bases.keys()
    assert pack.legal_bases["fund_regulation_art_15"].in_force_from == date(2026, 1, 1)
    assert pack.legal_bases["fund_regulation_art_40"] == national.legal_bases["fund_regulation_art_40"]
    assert (pack.deadlines["evidence_hold"].length, pack.deadlines["limitation"].length) == (9, 2)
    assert pack.campaign is not None
    assert pack.campaign.campaign_id == "c"


def test_every_table_has_its_declared_types_even_when_empty(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path / "p",
        'name = "p"\nversion = "1"\n',
        price_ceilings__csv="item_code,price_ceiling,valid_from\n007,12.5,2024/1/5\n",
        large_equipment__csv="equipment_id,equipment_class,title_en,title_zh,minimum_field_strength_t\nX,A,e,z,1.5\n",
    )
    pack = load_pack(folder)
    for name, table in POLICY_TABLES.items():
        assert dict(pack.tables[name].schema) == policy_schema(table), name
    assert pack.tables["price_ceilings"].row(0, named=True) == {
        "item_code": "007",
        "item_name": None,
        "level": None,
        "region_code": None,
        "price_ceiling": Decimal("12.50"),
        "valid_from": date(2024, 1, 5),
        "valid_to": None,
        "source": None,
        "pack_source": "p",
    }
    assert pack.tables["large_equipment"]["minimum_field_strength_t"].to_list() == [1.5]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings_that_excel_writes_give_the_same_pack(tmp_path: Path, encoding: str) -> None:
    text = "item_code,item_name,family\nA,胸部检查,ct\n"
    head = 'name = "包"\nversion = "1"\n'
    plain = write_pack(tmp_path / "plain", head, exam_items__csv=text)
    other = write_pack(tmp_path / "other", head)
    (other / "pack.toml").write_bytes(head.encode(encoding))
    (other / "exam_items.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert load_pack(other).sha256 == load_pack(plain).sha256
    assert load_pack(other).tables["exam_items"]["item_name"].to_list() == ["胸部检查"]


def test_the_hash_is_of_the_content_not_of_place_row_order_or_notes(tmp_path: Path) -> None:
    head = 'name = "p"\nversion = "1"\n'
    first = write_pack(tmp_path / "one", head, exam_items__csv="item_code,item_name,family\nA,a,f\nB,b,f\n")
    second = tmp_path / "far" / "away"
    shutil.copytree(first, second)
    (second / "exam_items.csv").write_text("family,item_code,item_name,,\nf,B,b,,\n\nf,A,a,,\n,,,,\n", encoding="utf-8")
    (second / "README.md").write_text("notes", encoding="utf-8")
    (second / "~$exam_items.csv").write_text("lock file of Excel", encoding="utf-8")
    assert load_pack(first).sha256 == load_pack(second).sha256


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("exam_items__csv", "item_code,item_name,family\nA,b,f\n"),
        ("thresholds__toml", "default_retest_hours = 25\n"),
        ("thresholds__toml", "[a.b]\nx = 1\n"),
        ("deadlines__toml", "[k]\ntitle = {en = 'e', zh = 'z'}\nlength = 9\nunit = 'days'\nsource = 's'\n"),
        ("legal_basis__toml", ""),
    ],
)
def test_the_hash_changes_with_anything_that_is_read(tmp_path: Path, name: str, text: str) -> None:
    head = 'name = "p"\nversion = "1"\n'
    items = {"exam_items__csv": "item_code,item_name,family\nA,a,f\n"}
    before = load_pack(write_pack(tmp_path / "one", head, **items))
    after = load_pack(write_pack(tmp_path / "two", head, **(items | {name: text})))
    assert before.sha256 != after.sha256


def test_loading_twice_gives_the_same_hash() -> None:
    assert load_pack("sample").sha256 == load_pack("sample").sha256


def test_an_item_row_may_say_no_more_than_its_code_and_a_limit(tmp_path: Path) -> None:
    folder = write_pack(
        tmp_path / "own",
        'name = "own"\nversion = "1"\n',
        exam_items__csv="item_code,sex_limit,min_age_days,max_age_days\nX1,M,,\nX2,,1,28\n",
        frequency_limits__csv="item_code,maximum_quantity,period_days\nX1,2,1\n",
    )
    tables = load_pack(folder).tables
    items = tables["exam_items"].select("item_code", "item_name", "family", "sex_limit", "min_age_days", "max_age_days")
    assert items.rows() == [("X1", "X1", "X1", "M", None, None), ("X2", "X2", "X2", None, 1, 28)]
    assert tables["frequency_limits"].select("item_code", "quantity_unit").rows() == [("X1", None)]


@pytest.mark.parametrize("modality", ["PETMR", "DSA"])
def test_an_item_may_be_of_every_modality_that_needs_a_body_part(tmp_path: Path, modality: str) -> None:
    folder = write_pack(
        tmp_path / "own", 'name = "own"\nversion = "1"\n', exam_items__csv=f"item_code,modality\nX1,{modality}\n"
    )
    assert load_pack(folder).tables["exam_items"]["modality"].to_list() == [modality]


def test_a_pack_is_read_anew_where_a_byte_of_it_changed_and_only_there(tmp_path: Path) -> None:
    head = 'name = "p"\nversion = "1"\nextends = "%s"\n'
    below = write_pack(tmp_path / "below", head % "cn-national", thresholds__toml="default_retest_hours = 24\n")
    folder = write_pack(tmp_path / "p", (head % below).replace('"p"', '"q"'))
    first = load_pack(folder)
    assert load_pack(folder) is first
    write_pack(below, head % "cn-national", thresholds__toml="default_retest_hours = 48\n")
    assert load_pack(folder).thresholds["default_retest_hours"] == 48
    write_pack(below, head % "cn-national", thresholds__toml="default_retest_hours = 24\n")
    assert load_pack(folder).sha256 == first.sha256
