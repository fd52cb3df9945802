"""Good files made bad in every way: each ends in an account that adds up or in a clear error, and no row is lost.

The short form runs with all tests; ``make fuzz`` runs the campaign, whose figures stand in FUZZ.md.
"""

import csv
import io
import os
import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from loaded import loaded

from schemas.errors import ExamAuditError

IS_FULL = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"
FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
damage = loaded(Path(__file__).with_name("damage.py"))

OUTCOMES: Counter[tuple[str, str]] = Counter()

HEADER = ["patient_id", "sex", "birth_date", "insurance_type", "region_code"]
ROWS = [
    [f"P{n:03}", "MFU"[n % 3], f"19{n % 90 + 10}-0{n % 9 + 1}-1{n % 10}", "职工医保", f"3301{n % 7:02}"]
    for n in range(40)
]
FORM_HEADER = ["序号", "身份证号", "性别", "参保地区划", "备注"]
FORM = [
    ["机构人员提取表", "", "", "", ""],
    ["填表说明：1、不得改变列的顺序", "", "", "", ""],
    ["可空", "字符型", "字符型", "字符型", "字符型"],
    FORM_HEADER,
    *([str(n + 1), f"P{n:03}", "男女"[n % 2], f"3301{n % 7:02}", "合计无误" if n == 5 else ""] for n in range(40)),
    ["合计", "40", "", "", ""],
    ["备注：以上数据真实", "", "", "", ""],
]
PROFILE = """
name = "form"
version = "1"
[title]
en = "A form"
zh = "表"
[source.persons]
files = ["*"]
has_preamble = true
has_footers = true
[source.persons.columns]
id = { aliases = ["身份证号"], required = true }
sex = { aliases = ["性别"] }
region = { aliases = ["参保地区划"] }
[[table]]
name = "patient"
from = "persons"
[table.columns]
patient_id = "id"
sex = { column = "sex", map = { "男" = "M", "女" = "F" } }
region_code = "region"
"""


def take_in(bench, kind, suffix, data, profile):
    """Ingest one file of patients; its account and the rows in the warehouse, or None where it was refused."""
    folder = bench.with_patients(None)
    for old in folder.iterdir():
        old.unlink()
    (folder / f"patient{suffix}").write_bytes(data)
    before = bench.rows("select count(*) from ledger.batch")
    refusal = None
    try:
        outcome = bench.ingest(folder, profile)
    except ExamAuditError as error:
        refusal = error
    if refusal is not None:
        assert refusal.exit_code in (2, 3), refusal
        assert bench.rows("select count(*) from ledger.batch") == before
        assert bench.rows("select count(*) from main.patient") == [(0,)]
        OUTCOMES[kind, f"refused: {refusal.wrong}"] += 1
        return None
    account = bench.account(outcome, "patient")
    reconcile(bench, outcome, account)
    OUTCOMES[kind, "accepted, with rows in quarantine" if account.quarantined else "accepted"] += 1
    return account


def reconcile(bench, outcome, account):
    assert account.rows_in == account.accepted + account.quarantined + account.duplicate + account.superseded
    assert bench.rows("select count(*), count(distinct source_row) from main.patient") == [(account.accepted,) * 2]
    folder = bench.workspace / "quarantine" / outcome.batch_id
    kept = sorted(folder.iterdir()) if account.quarantined else []
    csv.field_size_limit(1 << 30)
    rows = [row for path in kept for row in list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))[1:]]
    assert len(rows) == account.quarantined


def lines_with_content(data):
    """Lines of a text in which each line is one record, or None where that cannot be told from outside."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        return None
    lines = re.split(r"\r\n|\r|\n", text)
    if '"' in text or "'" in text or any(line and not line.strip() for line in lines):
        return None
    return sum(1 for line in lines if line)


def no_line_is_lost(data, account):
    lines = lines_with_content(data)
    if account is not None and lines is not None and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert account.rows_in + sum(account.set_aside.values()) + 1 == lines


@settings(FUZZ, max_examples=900 if IS_FULL else 60)
@given(damage.mutations(damage.TEXT_MUTATIONS), st.sampled_from([",", "\t", "|", "\x01"]))
def test_canonical_text(shared_bench, steps, delimiter):
    data = damage.mutated(damage.as_text([HEADER, *ROWS], delimiter), steps)

    no_line_is_lost(data, take_in(shared_bench, "canonical text", ".csv", data, "canonical"))


@pytest.fixture(scope="module")
def form_profile(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "form.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return str(path)


@settings(FUZZ, max_examples=900 if IS_FULL else 50)
@given(damage.mutations(damage.TEXT_MUTATIONS), st.sampled_from([",", "\t"]), st.sampled_from(["utf-8", "gb18030"]))
def test_forms_as_text(shared_bench, form_profile, steps, delimiter, encoding):
    data = damage.mutated(damage.as_text(FORM, delimiter).decode().encode(encoding), steps)

    no_line_is_lost(data, take_in(shared_bench, "form as text", ".csv", data, form_profile))


@settings(FUZZ, max_examples=200 if IS_FULL else 12)
@given(damage.mutations(damage.WORKBOOK_MUTATIONS))
def test_forms_as_workbook(shared_bench, form_profile, steps):
    take_in(shared_bench, "form as workbook", ".xlsx", damage.mutated(damage.as_workbook(FORM), steps), form_profile)


@settings(FUZZ, max_examples=200 if IS_FULL else 12)
@given(damage.mutations(damage.BINARY_MUTATIONS))
def test_canonical_parquet(shared_bench, steps):
    take_in(
        shared_bench,
        "canonical Parquet",
        ".parquet",
        damage.mutated(damage.as_parquet([HEADER, *ROWS]), steps),
        "canonical",
    )


def test_what_was_never_touched_is_taken_in_whole(shared_bench, form_profile):
    text = take_in(shared_bench, "untouched", ".csv", damage.as_text([HEADER, *ROWS]), "canonical")
    form = take_in(shared_bench, "untouched", ".csv", damage.as_text(FORM), form_profile)

    assert (text.rows_in, text.accepted) == (40, 40)
    assert (form.rows_in, form.accepted) == (40, 40)
    assert form.set_aside == {"instruction": 2, "remark": 1, "total": 1, "types": 1}


@pytest.fixture(scope="module", autouse=True)
def _tell_the_figures():
    OUTCOMES.clear()
    yield
    if IS_FULL:
        told = [f"| {kind} | {outcome} | {count} |" for (kind, outcome), count in sorted(OUTCOMES.items())]
        sys.stdout.write("\n".join([f"\n{sum(OUTCOMES.values())} cases", *told, ""]))
