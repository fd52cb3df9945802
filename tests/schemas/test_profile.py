"""Profiles are data: shipped ones load, wrong ones say what, where and what instead."""

import pytest

from schemas.errors import ProfileError, UnknownProfileError
from schemas.profile import load_profile, shipped_profiles
from schemas.profile_shapes import ORIGINS, ColumnMapping, Condition, Join, Profile, Refunds, SourceFile, TableMapping

GOOD = """
name = "mine"
version = "1"
title = { en = "mine", zh = "我的" }

[source.visits]
files = ["*visit*"]
[source.visits.columns]
visit = { aliases = ["visit", "就诊号"], required = true }
doctor = {}
total = {}

[source.bills]
files = ["*bill*"]
[source.bills.columns]
visit = {}
paid = {}

[[table]]
name = "patient"
from = "visits"
joins = [{ source = "bills", on = { visit = "visit" }, sum = ["paid"] }]
where = [{ column = "doctor", not_in = [""], reason = "no_doctor" }]
[table.columns]
patient_id = "visit"
region_code = "bills.paid"
"""


def written(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(tmp_path, text):
    path = written(tmp_path, text)
    with pytest.raises(ProfileError) as caught:
        load_profile(path)
    assert str(path) in str(caught.value)
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize("name", shipped_profiles())
def test_shipped_profiles_load_and_are_named_as_their_files(name):
    profile = load_profile(name)

    assert profile.name == name
    assert len(profile.sha256) == 64
    assert profile.title.zh


def test_the_plain_profile_keeps_its_name_as_identity_and_others_add_their_content(tmp_path):
    one = load_profile(written(tmp_path, GOOD))
    other = load_profile(written(tmp_path, GOOD + "\n# a remark\n"))

    assert load_profile("canonical").identity == "canonical"
    assert one.identity.startswith("mine 1 ")
    assert one.identity != other.identity


@pytest.mark.parametrize("name", ["nowhere", "nowhere.toml", "", ".", "../profiles/nhsa"])
def test_an_unknown_profile_lists_those_that_there_are(name):
    with pytest.raises(UnknownProfileError) as caught:
        load_profile(name)

    assert "nhsa" in str(caught.value.allowed)


@pytest.mark.parametrize(
    ("change", "wrong", "key"),
    [
        (('name = "mine"', 'nam = "mine"'), "key", "nam"),
        (('version = "1"', "version = 1"), "wrong kind", "version"),
        (('files = ["*visit*"]', 'file = ["*visit*"]'), "key", "source.visits.file"),
        (("required = true", 'required = "yes"'), "wrong kind", "source.visits.columns.visit.required"),
        (('name = "patient"', 'name = "patients"'), "no such canonical table", "table.0.name"),
        (('from = "visits"', 'from = "visit"'), "no such source", "table.0.from"),
        (('patient_id = "visit"', 'patient_id = "vist"'), "no source column vist", "table.0.columns.patient_id"),
        (("region_code =", "region ="), "patient has no such column", "table.0.columns.region"),
        (('patient_id = "visit"', 'sex = "visit"'), "required column patient_id", "table.0.columns"),
        (('patient_id = "visit"', "patient_id = {}"), "wrong kind", "table.0.columns.patient_id"),
        (
            ('patient_id = "visit"', 'patient_id = { column = "visit", constant = "x" }'),
            "wrong kind",
            "table.0.columns.patient_id",
        ),
        (
            ('patient_id = "visit"', 'patient_id = { column = "visit", extract = "(" }'),
            "not a regular expression",
            "table.0.columns.patient_id",
        ),
        (
            ('patient_id = "visit"', 'patient_id = { first_of = ["visit"], split = "#" }'),
            "only a single column",
            "table.0.columns.patient_id",
        ),
        (
            ('patient_id = "visit"', 'patient_id = { column = "visit", extract = "a(?=b)" }'),
            "not a regular expression",
            "table.0.columns.patient_id",
        ),
        (
            ('patient_id = "visit"', 'patient_id = { column = "visit", formats = ["%Q"] }'),
            "not a format",
            "table.0.columns.patient_id",
        ),
        (
            ('patient_id = "visit"', 'patient_id = { column = "visit", zone = "Asia/Nowhere" }'),
            "no such time zone",
            "table.0.columns.patient_id",
        ),
        (("doctor = {}", "Total = {}"), "differ in case", "source.visits.columns.total"),
        (("doctor = {}", "Line = {}"), "in use", "source.visits.columns.Line"),
        (('source = "bills"', 'source = "bill"'), "no such source", "table.0.joins.0.source"),
        (('on = { visit = "visit" }', 'on = { visit = "visits" }'), "no column visits in bills", "table.0.joins.0.on"),
        (('sum = ["paid"]', 'sum = ["pay"]'), "no column pay in bills", "table.0.joins.0"),
        (('column = "doctor"', 'column = "doctors"'), "no such source column", "table.0.where.0.column"),
        (('reason = "no_doctor"', 'reason = "No doctor"'), "wrong kind", "table.0.where.0.reason"),
        (('not_in = [""]', ""), "TOML", None),
        (('not_in = [""],', ""), "wrong kind", "table.0.where.0"),
        (('version = "1"', 'version = "1"\nscope_ids_by = "institution"'), "ids are scoped", "table.0.institution"),
        (('version = "1"', 'version = "1"\ntables_as_sources = true'), "maps nothing", "tables_as_sources"),
        (('version = "1"', 'version = "1"\nsha256 = "x"'), "unknown key", "sha256"),
    ],
)
def test_what_cannot_be_right_names_its_key(tmp_path, change, wrong, key):
    assert change[0] in GOOD

    error = refused(tmp_path, GOOD.replace(*change, 1))

    assert wrong in str(error)
    if key is not None:
        assert f"key {key}" in str(error.where)


def test_the_line_of_a_fault_is_told(tmp_path):
    error = refused(tmp_path, GOOD.replace('patient_id = "visit"', 'patient_id = "vist"'))

    line = next(at for at, text in enumerate(GOOD.splitlines(), start=1) if text.startswith("patient_id"))
    assert f"line {line}," in str(error.where)
    assert error.allowed == "visit?"


def test_refunds_name_columns_of_their_source(tmp_path):
    refunds = (
        '\n[refunds]\nsource = "bills"\nclaim_id = "visit"\noriginal = "visit"\nflag = "x"\nvalues = ["1"]\n'
        'amount = "paid"\n'
    )

    assert "refunds.flag" in str(refused(tmp_path, GOOD + refunds).where)


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xff\xfe")

    with pytest.raises(ProfileError):
        load_profile(path)


def test_every_key_of_a_profile_is_explained_in_the_readme():
    from schemas.profile import FOLDER

    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for shape in (Profile, SourceFile, Join, Condition, ColumnMapping, TableMapping, Refunds):
        for name, field in shape.model_fields.items():
            key = field.alias or name
            if key not in ("sha256", "name", "source", "table", "refunds", "columns"):
                assert f"`{key}`" in text or f"{key} =" in text, f"{shape.__name__}.{key}"
    for origin in ORIGINS:
        assert f"`{origin}`" in text


def test_plain_profiles_that_differ_in_keeping_names_are_told_apart(tmp_path):
    texts = {
        keeps: f'name = "mine"\nversion = "1"\ntables_as_sources = true\nkeep_names = {keeps}\n'
        'title = { en = "Mine", zh = "我的" }\n'
        for keeps in ("true", "false")
    }
    for keeps, text in texts.items():
        (tmp_path / f"{keeps}.toml").write_text(text, encoding="utf-8")

    assert len({load_profile(tmp_path / f"{keeps}.toml").identity for keeps in texts}) == 2
    assert load_profile("canonical").identity == "canonical"
