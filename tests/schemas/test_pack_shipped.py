"""The shipped packs: valid, sourced in every row, in both languages, and consistent with themselves."""

from __future__ import annotations

import re

import polars as pl
import pytest

from schemas.pack import Pack, load_pack
from schemas.pack_folder import SHIPPED, read_folder, shipped_packs
from schemas.policy_tables import POLICY_TABLES

NATIONAL = load_pack("cn-national")
ITEMS = NATIONAL.tables["exam_items"]


def items_of(family: str) -> list[dict[str, object]]:
    return ITEMS.filter(pl.col("family") == family).to_dicts()


def intervals(family: str) -> set[tuple[object, object, object]]:
    """(any request, stable in-patient, recognition days) of a family."""
    return {
        (r["retest_hours_outpatient"], r["retest_hours_inpatient"], r["recognition_days"]) for r in items_of(family)
    }


def test_the_national_and_the_sample_pack_are_shipped() -> None:
    assert {"cn-national", "sample"} <= set(shipped_packs())


@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_loads_and_is_named_like_its_folder(name: str) -> None:
    pack = load_pack(name)
    assert pack.name == name
    assert pack.borrowed == ()
    assert re.fullmatch(r"[0-9a-f]{64}", pack.sha256)


@pytest.mark.parametrize("name", shipped_packs())
def test_every_row_of_a_shipped_pack_has_a_source(name: str) -> None:
    pack: Pack = load_pack(name)
    unsourced = {table: frame["source"].null_count() for table, frame in pack.tables.items()}
    assert not any(unsourced.values()), unsourced
    assert all(basis.source for basis in pack.legal_bases.values())
    assert all(clock.source for clock in pack.deadlines.values())


@pytest.mark.parametrize("name", shipped_packs())
def test_a_shipped_pack_has_titles_in_both_languages(name: str) -> None:
    title = read_folder(SHIPPED / name).head.title
    assert title is not None
    assert title.en
    assert title.zh


NAMED = {
    "families": ("family", "family"),
    "body_parts": ("body_part", "body_part"),
    "department_names": ("national_department_code", "required_department_code"),
}
"""Table of names → its key, and the column of exam_items.csv whose every code it must name."""


@pytest.mark.parametrize("name", shipped_packs())
@pytest.mark.parametrize("table", NAMED)
def test_every_code_of_an_item_has_a_name(name: str, table: str) -> None:
    pack, (key, column) = load_pack(name), NAMED[table]
    assert set(pack.tables["exam_items"][column].drop_nulls()) <= set(pack.tables[table][key])


@pytest.mark.parametrize("table", NAMED)
def test_no_two_codes_share_a_name(table: str) -> None:
    for column in ("name_en", "name_zh"):
        assert NATIONAL.tables[table][column].is_unique().all(), column


@pytest.mark.parametrize("table", ["exemptions", "planned_readmission", "large_equipment"])
def test_titles_stand_in_both_languages(table: str) -> None:
    for row in NATIONAL.tables[table].to_dicts():
        for column in (c for c in row if c.endswith("_zh")):
            assert re.search("[一-鿿]", str(row[column])), (table, column)
            assert not re.search("[一-鿿]", str(row[column.replace("_zh", "_en")])), (table, column)


def test_no_wording_calls_an_unreviewed_lead_a_breach() -> None:
    for row in NATIONAL.tables["exemptions"].to_dicts():
        assert "违规" not in "".join(str(value) for value in row.values())


@pytest.mark.parametrize(
    ("family", "any_request", "stable_inpatient", "recognition_days"),
    [
        ("blood_count", 12, 24, None),
        ("electrolytes_panel", 12, 24, 7),
        ("potassium", 12, 24, 7),
        ("urea", 12, 24, None),
        ("crp", 24, 48, None),
        ("liver_function", 36, 48, 30),
        ("alt", 36, 48, 30),
        ("calcium", 36, 48, 7),
        ("phosphate", 36, 48, 7),
        ("magnesium", 36, 48, 7),
        ("esr", 168, 168, None),
        ("vitamin_b12", 1344, 1344, None),
        ("folate", 504, 504, None),
        ("ferritin", 504, 504, 30),
        ("lh", 168, 168, None),
        ("fsh", 168, 168, None),
        ("oestradiol", 168, 168, None),
        ("prolactin", 168, 168, None),
        ("progesterone", 168, 168, None),
        ("thyroid_function", 672, 672, None),
        ("hba1c", 960, 960, 60),
        ("lipid_panel", 672, 672, 30),
        ("vitamin_d", 672, 672, None),
        ("igg", 672, 672, None),
        ("afp", 144, 144, None),
        ("psa_total", 312, 312, None),
        ("ca125", 312, 312, None),
        ("ana", 480, 480, None),
        ("anca", 336, 336, None),
        ("anti_dsdna", 2160, 2160, None),
        ("c3", 2160, 2160, None),
        ("c4", 2160, 2160, None),
        ("protein_electrophoresis", 4320, 4320, None),
        ("iron", None, None, 7),
        ("tibc", None, None, 7),
        ("ct", 168, 168, 7),
        ("mr", 168, 168, 7),
        ("radiography", 168, 168, 7),
    ],
)
def test_intervals_are_those_of_the_published_table(
    family: str, any_request: int | None, stable_inpatient: int | None, recognition_days: int | None
) -> None:
    expected = (any_request, stable_inpatient, recognition_days)
    found = intervals(family)
    if family == "ct":  # guidance during an operation is no examination of its own
        found = {row for row in found if row != (None, None, None)}
    assert found == {expected}


def test_item_codes_have_the_national_shape() -> None:
    assert ITEMS.height >= 120
    assert ITEMS.filter(~pl.col("item_code").str.contains(r"^00[0-9]{13}$")).is_empty()


def test_items_of_one_family_share_modality_and_intervals() -> None:
    grouped = ITEMS.group_by("family").agg(
        pl.col("modality", "retest_hours_inpatient", "retest_hours_outpatient", "recognition_days").n_unique()
    )
    assert grouped.filter(pl.max_horizontal(pl.exclude("family")) > 1).is_empty()


def test_no_family_has_a_longer_interval_for_any_request_than_for_stable_in_patients() -> None:
    assert ITEMS.filter(pl.col("retest_hours_outpatient") > pl.col("retest_hours_inpatient")).is_empty()


def test_a_series_names_icd_10_categories_and_has_a_daily_maximum() -> None:
    serial = ITEMS.filter(pl.col("serial_by_design").is_not_null())
    assert serial["daily_maximum"].null_count() == 0
    prefix = re.compile(r"1|[A-Z][0-9]{2}(\.[0-9]+)?(;[A-Z][0-9]{2}(\.[0-9]+)?)*")
    assert all(prefix.fullmatch(text) for text in serial["serial_by_design"])


def test_contrast_endoscopy_and_nuclear_medicine_are_special_examinations() -> None:
    special = ITEMS.filter(pl.col("item_name").str.contains("增强") | pl.col("modality").is_in(["ENDO", "NM", "PETCT"]))
    assert special.height > 20
    assert special["is_special_exam"].all()


def test_imaging_has_a_department_on_the_licence() -> None:
    imaging = ITEMS.filter(pl.col("modality").is_in(["CT", "MR", "DR", "US", "MG", "NM", "PETCT"]))
    assert imaging["required_department_code"].str.contains(r"^32\.0[1-9]$").all()
    laboratory = ITEMS.filter(pl.col("modality") == "LAB")
    assert laboratory["required_department_code"].str.contains(r"^30\.0[1-5]$").all()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("panel_items", "panel_item_code"),
        ("panel_items", "item_code"),
        ("recognition_items", "item_code"),
        ("item_map", "item_code"),
        ("price_ceilings", "item_code"),
    ],
)
def test_codes_of_other_tables_are_items_of_the_pack(table: str, column: str) -> None:
    pack = load_pack("sample")
    unknown = set(pack.tables[table][column]) - set(pack.tables["exam_items"]["item_code"])
    assert unknown == set()


def test_indications_name_families_of_the_pack() -> None:
    assert set(NATIONAL.tables["indications"]["family"]) <= set(ITEMS["family"])


def test_no_item_contains_itself() -> None:
    assert NATIONAL.tables["charge_pairs"].filter(pl.col("main_item_code") == pl.col("included_item_code")).is_empty()
    assert NATIONAL.tables["panel_items"].filter(pl.col("panel_item_code") == pl.col("item_code")).is_empty()


def test_no_charge_category_is_both_an_examination_and_not_one() -> None:
    exam = set(NATIONAL.thresholds["exam_charge_categories"])
    assert not exam & set(NATIONAL.thresholds["non_exam_charge_categories"])
    assert {"检查费", "化验费"} <= exam


def test_exemptions_of_a_detector_are_tried_in_one_order_clearing_ones_first() -> None:
    rows = NATIONAL.tables["exemptions"].sort("detector_id", "position")
    for _, group in rows.group_by("detector_id", maintain_order=True):
        assert group["position"].is_unique().all()
        effects = group["effect"].to_list()
        assert effects == sorted(effects)  # "clears" before "not_tested" before "weakens"


def test_every_declared_table_says_what_it_is_in_both_languages() -> None:
    for table in POLICY_TABLES.values():
        assert table.column_names[-3:] == ("valid_from", "valid_to", "source")
        assert set(table.key) <= set(table.column_names)
        assert all(column.prose and re.search("[一-鿿]", column.prose_zh) for column in table.columns), table.name
