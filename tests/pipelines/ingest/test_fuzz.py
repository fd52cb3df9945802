"""Good files made bad in every way: each ends in an account that adds up or in a clear error, and no row is lost.

The short form runs with all tests; ``make fuzz`` runs the campaign, whose figures stand in FUZZ.md.
"""

import csv
import io
import os
import random
import re
import sys
import zipfile
import zlib
from collections import Counter

import polars as pl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import ExamAuditError

IS_FULL = os.environ.get("EXAM_AUDIT_CAMPAIGN") == "full"
FUZZ = settings(
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
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


def as_text(rows, delimiter=",", end="\n"):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows(rows)
    return stream.getvalue().encode()


def as_parquet(rows):
    stream = io.BytesIO()
    pl.DataFrame(dict(zip(rows[0], map(list, zip(*rows[1:], strict=True)), strict=True))).write_parquet(stream)
    return stream.getvalue()


def as_workbook(rows):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = book.add_worksheet("patient")
    for at, row in enumerate(rows):
        sheet.write_row(at, 0, row)
    book.close()
    return stream.getvalue()


def somewhere(data, dice):
    return dice.randrange(len(data) + 1)


def truncate(data, dice):
    return data[: somewhere(data, dice)]


def drop_a_span(data, dice):
    at = somewhere(data, dice)
    return data[:at] + data[at + dice.randrange(1, 40) :]


def flip(data, dice):
    changed = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def insert_bytes(data, dice):
    at = somewhere(data, dice)
    return data[:at] + dice.randbytes(dice.randrange(1, 6)) + data[at:]


def insert_sign(data, dice):
    at = somewhere(data, dice)
    sign = dice.choice(
        [b'"', b"'", b",", b"\n", b"\r", b"\t", b"|", b"\x00", b"\x01", b"\xef\xbb\xbf", b"\x1a", b"\\", "　".encode()]
    )
    return data[:at] + sign * dice.choice([1, 1, 1, 2, 7]) + data[at:]


def split_lines(data):
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def repeat_lines(data, dice):
    lines = split_lines(data)
    return b"".join(lines + dice.choices(lines, k=dice.randrange(1, 6))) if lines else data


def shuffle_lines(data, dice):
    lines = split_lines(data)
    dice.shuffle(lines)
    return b"".join(lines)


def drop_a_line(data, dice):
    lines = split_lines(data)
    if lines:
        del lines[dice.randrange(len(lines))]
    return b"".join(lines)


def mix_encodings(data, dice):
    lines = split_lines(data)
    chosen = {dice.randrange(len(lines)) for _ in range(3)} if lines else set()
    return b"".join(
        line.decode(errors="ignore").encode("gb18030") if at in chosen else line for at, line in enumerate(lines)
    )


def recode(data, dice):
    return data.decode(errors="ignore").encode(
        dice.choice(["gb18030", "utf-16", "utf-8-sig", "utf-16-be", "big5hkscs"]), errors="replace"
    )


def change_dialect(data, dice):
    lines = split_lines(data)
    first, last = sorted(dice.randrange(len(lines) + 1) for _ in range(2))
    first, last = dice.choice([(0, len(lines)), (0, 1), (first, last)])
    mark = dice.choice([b"\t", b"|", b";", b"\x01", b"::"])
    return b"".join(line.replace(b",", mark) if first <= at < last else line for at, line in enumerate(lines))


def change_line_ends(data, dice):
    return data.replace(b"\n", dice.choice([b"\r\n", b"\r", b"\n\n", b"\n\r", b"\x0b", b"\x85"]))


def huge_field(data, dice):
    at = somewhere(data, dice)
    return data[:at] + dice.choice([b"x", b'"', b"\xe4\xb8\x80", b","]) * dice.choice([70_000, 600_000]) + data[at:]


def quote_everything(data, dice):
    mark = dice.choice([b'"', b"'"])
    return b"".join(
        mark + line.rstrip(b"\n").replace(b",", mark + b"," + mark) + mark + b"\n" for line in split_lines(data)
    )


TEXT_MUTATIONS = [
    *(truncate, drop_a_span, flip, insert_bytes, insert_sign, repeat_lines, shuffle_lines, drop_a_line),
    *(mix_encodings, recode, change_dialect, change_line_ends, huge_field, quote_everything),
]


def inside_the_archive(change):
    """The same mutation on one part of a workbook, which stays a whole archive."""

    def changed(data, dice):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                parts = {name: archive.read(name) for name in archive.namelist()}
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, ValueError, EOFError, OSError, RuntimeError):
            return data
        names = [name for name in parts if "sheet" in name or "Strings" in name or "workbook" in name]
        if not names:
            return data
        chosen = dice.choice(names)
        parts[chosen] = change(parts[chosen], dice)
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, part in parts.items():
                archive.writestr(name, part)
        return stream.getvalue()

    return changed


BINARY_MUTATIONS = [truncate, drop_a_span, flip, insert_bytes]
WORKBOOK_MUTATIONS = [
    *BINARY_MUTATIONS,
    *(
        inside_the_archive(change)
        for change in (truncate, drop_a_span, flip, insert_bytes, insert_sign, huge_field) * 3
    ),
]


def mutations(kinds):
    return st.lists(st.tuples(st.sampled_from(kinds), st.integers(0, 2**32)), min_size=1, max_size=4)


def mutated(data, steps):
    for change, seed in steps:
        data = change(data, random.Random(seed))
    return data


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
@given(mutations(TEXT_MUTATIONS), st.sampled_from([",", "\t", "|", "\x01"]))
def test_canonical_text(shared_bench, steps, delimiter):
    data = mutated(as_text([HEADER, *ROWS], delimiter), steps)

    no_line_is_lost(data, take_in(shared_bench, "canonical text", ".csv", data, "canonical"))


@pytest.fixture(scope="module")
def form_profile(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "form.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return str(path)


@settings(FUZZ, max_examples=900 if IS_FULL else 50)
@given(mutations(TEXT_MUTATIONS), st.sampled_from([",", "\t"]), st.sampled_from(["utf-8", "gb18030"]))
def test_forms_as_text(shared_bench, form_profile, steps, delimiter, encoding):
    data = mutated(as_text(FORM, delimiter).decode().encode(encoding), steps)

    no_line_is_lost(data, take_in(shared_bench, "form as text", ".csv", data, form_profile))


@settings(FUZZ, max_examples=200 if IS_FULL else 12)
@given(mutations(WORKBOOK_MUTATIONS))
def test_forms_as_workbook(shared_bench, form_profile, steps):
    take_in(shared_bench, "form as workbook", ".xlsx", mutated(as_workbook(FORM), steps), form_profile)


@settings(FUZZ, max_examples=200 if IS_FULL else 12)
@given(mutations(BINARY_MUTATIONS))
def test_canonical_parquet(shared_bench, steps):
    take_in(shared_bench, "canonical Parquet", ".parquet", mutated(as_parquet([HEADER, *ROWS]), steps), "canonical")


def test_what_was_never_touched_is_taken_in_whole(shared_bench, form_profile):
    text = take_in(shared_bench, "untouched", ".csv", as_text([HEADER, *ROWS]), "canonical")
    form = take_in(shared_bench, "untouched", ".csv", as_text(FORM), form_profile)

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
