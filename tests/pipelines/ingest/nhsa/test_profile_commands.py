"""``profile list / check`` as a user calls them: what fits, what does not, and never a value of a row."""

import json

import polars as pl
import pytest


@pytest.fixture
def fees(platform):
    for at in range(30):
        platform.fee(f"L{at}", "S1", "M1", at="三月1日9点 SECRET" if at % 3 == 0 else "2025-03-01 09:00:00")
    return platform


def report(called):
    (found,) = json.loads(called.out)
    return found


def test_profiles_are_listed(call):
    assert "nhsa" in call("profile", "list").out
    named = {profile["name"]: profile for profile in json.loads(call("profile", "list", "--json").out)}
    assert "fee_list_d" in named["nhsa"]["sources"]
    assert named["canonical"]["sources"] == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_that_fits_is_explained_column_by_column(call, fees, encoding):
    file = fees.write(encoding=encoding, only=("fee_list_d",)) / "fee_list_d.csv"

    called = call("profile", "check", file, "--profile", "nhsa", "--json")

    assert called.code == 0
    found = report(called)
    assert (found["kind"], found["rows"], found["problems"]) == ("fee_list_d", 30, [])
    assert found["written_as"] == f"{encoding}, delimiter ',', header in line 1"
    columns = {use["column"]: use for use in found["columns"]}
    assert columns["feedetl_sn"]["header"] == "bkkp_sn"
    assert "claim_line.claim_line_id" in columns["feedetl_sn"]["feeds"]
    assert "selfpay_prop" in found["unused"]
    assert found["tables"]["claim_line"] == 30
    conversions = {one["column"]: one for one in found["conversions"]}
    assert conversions["claim_line.charged_at"] == {
        "column": "claim_line.charged_at",
        "filled": 30,
        "converted": 20,
        "faulty": 10,
        "reasons": {"bad_date": 10},
        "patterns": {"字字9字9字 AAAAAA": 10},
    }
    assert "SECRET" not in called.out + called.err


def test_a_renamed_column_is_missing_with_a_suggestion_and_exit_3(call, fees):
    file = fees.write(only=("fee_list_d",), fee_ocur_time="fee_ocur_tm", inscp_amt="inscp_amount") / "fee_list_d.csv"

    called = call("profile", "check", file, "--profile", "nhsa", "--json")

    assert called.code == 3
    found = report(called)
    columns = {use["column"]: use for use in found["columns"]}
    assert columns["fee_ocur_time"] == {
        "column": "fee_ocur_time",
        "header": None,
        "required": True,
        "suggestion": "fee_ocur_tm",
        "feeds": ["encounter.started_at", "claim_line.charged_at"],
    }
    assert columns["inscp_amt"]["suggestion"] == "inscp_amount"
    assert "the required column fee_ocur_time is missing" in found["problems"]
    plain = call("profile", "check", file, "--profile", "nhsa")
    assert "is it fee_ocur_tm?" in plain.out
    assert "would be refused" in plain.err
    assert "SECRET" not in plain.out + plain.err


def test_a_retyped_column_is_a_problem(call, platform):
    for at in range(30):
        platform.fee(f"L{at}", "S1", "M1", cnt="一次")

    called = call("profile", "check", platform.write() / "fee_list_d.csv", "--profile", "nhsa", "--json")

    assert called.code == 3
    assert report(called)["problems"] == ["the column quantity of claim_line no longer holds what it should"]


def test_a_whole_extract_is_checked_file_by_file(call, platform):
    platform.visit("M1", med_type="41")
    platform.fee("L1", "S1", "M1")

    called = call("profile", "check", platform.write(), "--profile", "nhsa", "--json")

    found = {one["source_file"]: one for one in json.loads(called.out)}
    assert sorted(found) == ["fee_list_d.csv", "mdtrt_d.csv"]
    assert found["mdtrt_d.csv"]["excluded"]["encounter"] == {"drugstore": 1}


def test_a_canonical_file_is_explained_too(call, tmp_path):
    pl.DataFrame({"patient_id": ["P1", "P2"], "sex": ["M", "男"], "phone": ["1", "2"]}).write_parquet(
        tmp_path / "patient.parquet"
    )

    found = report(call("profile", "check", tmp_path / "patient.parquet", "--profile", "canonical", "--json"))

    assert found["unused"] == ["phone"]
    assert {one["column"]: one["faulty"] for one in found["conversions"]} == {"patient.patient_id": 0, "patient.sex": 1}


@pytest.mark.parametrize(
    ("file", "profile", "code"),
    [
        ("nowhere.csv", "nhsa", 3),
        ("other.csv", "nhsa", 3),
        ("fee_list_d.csv", "nowhere", 2),
        ("empty_mdtrt_d.csv", "nhsa", 3),
    ],
)
def test_what_cannot_be_checked_is_an_error_of_its_kind(call, tmp_path, file, profile, code):
    for name, text in (("other.csv", "a\n1\n"), ("fee_list_d.csv", "a\n1\n"), ("empty_mdtrt_d.csv", "")):
        (tmp_path / name).write_text(text)

    called = call("profile", "check", tmp_path / file, "--profile", profile)

    assert called.code == code
    assert called.err.startswith("error: ")
    assert "unexpected" not in called.err


def test_a_wrong_profile_of_ones_own_says_file_line_and_key(call, tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('name = "mine"\nversion = 1\ntitle = { en = "x", zh = "x" }\n')

    called = call("profile", "check", tmp_path / "x.csv", "--profile", path)

    assert called.code == 2
    assert "mine.toml line 2, key version" in called.err
