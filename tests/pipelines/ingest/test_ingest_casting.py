"""What each kind of column takes, to the last form, and what it calls a fault."""

import datetime as dt

import pytest

from pipelines.ingest.casting import has_clock, trimmed
from schemas.table import Column, Kind


def column(kind, **more):
    return Column("c", kind, "C.", "丙。", **more)


@pytest.mark.parametrize("text", [" x", "x ", "\tx\r\n", "\u3000x\u3000", "\u00a0x", "\ufeffx", "x\u3000 "])
def test_blanks_around_a_value_are_dropped(cast, text):
    assert cast(column(Kind.TEXT), text) == ("x", [])


@pytest.mark.parametrize("code_point", [32, 160, 5760, 8192, 8195, 8202, 8239, 8287, 12288])
def test_the_plain_trim_knows_every_space(bare_connection, code_point):
    text = f"{chr(code_point)}x{chr(code_point)}"

    assert [
        bare_connection.execute(f"select {trimmed('$1', has_odd)}", [text]).fetchone() for has_odd in (True, False)
    ] == [
        ("x",),
        ("x",),
    ]


@pytest.mark.parametrize("text", ["第 一", "a\tb", "医院"])
def test_blanks_inside_a_value_are_kept(cast, text):
    assert cast(column(Kind.TEXT), f" {text}\u3000") == (text, [])


@pytest.mark.parametrize("text", [None, "", " ", "\u3000\t"])
def test_nothing_but_blanks_is_no_value(cast, text):
    assert cast(column(Kind.CODE), text) == (None, [])
    assert cast(column(Kind.DATE, required=True), text) == (None, ["missing_required"])


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024-01-05", (2024, 1, 5)),
        ("2024/1/5", (2024, 1, 5)),
        ("2024-1-5", (2024, 1, 5)),
        ("20240105", (2024, 1, 5)),
        ("2024-02-29", (2024, 2, 29)),
        ("0001-01-01", (1, 1, 1)),
        ("9999-12-31", (9999, 12, 31)),
        ("2024-01-05 00:00:00", (2024, 1, 5)),
        ("2024年1月5日", (2024, 1, 5)),
        ("2024年01月05日", (2024, 1, 5)),
        ("２０２４－０１－０５", (2024, 1, 5)),
        ("２０２４年１月５日", (2024, 1, 5)),
        ("2024.1.5", (2024, 1, 5)),
        ("２０２４．０１．０５", (2024, 1, 5)),
        ("20240105000000", (2024, 1, 5)),
        ("45296", (2024, 1, 5)),
        ("45296.0", (2024, 1, 5)),
        ("20000", (1954, 10, 3)),
        ("79999", (2119, 1, 10)),
    ],
)
def test_dates(cast, text, day):
    assert cast(column(Kind.DATE), text) == (dt.date(*day), [])


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2023-02-29",
        "2024-13-01",
        "0000-01-01",
        "10000-01-01",
        "05/01/2024",
        "2024-01",
        "2024-01/05",
        "2024-01-05 08:30",
        "20240230",
        "202401051",
        "19999",
        "80000",
        "45296.5",
        "4529",
        "452960",
        "2024年1月",
        "2024年2月30日",
        "2024.1/5",
        "20240105083000",
        "infinity",
        "epoch",
        "2024-01-05 (BC)",
        "today",
    ],
)
def test_what_is_no_date(cast, text):
    assert cast(column(Kind.DATE), text) == (None, ["bad_date"])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-05T08:30:00", (2024, 1, 5, 8, 30)),
        ("2024-01-05 08:30:07", (2024, 1, 5, 8, 30, 7)),
        ("2024-01-05T08:30", (2024, 1, 5, 8, 30)),
        ("2024/1/5 8:30", (2024, 1, 5, 8, 30)),
        ("20240105 08:30:07", (2024, 1, 5, 8, 30, 7)),
        ("2024-01-05T23:59:59.999999999", (2024, 1, 5, 23, 59, 59)),
        ("0001-01-01T00:00:00", (1, 1, 1)),
        ("2024-01-05", (2024, 1, 5)),
        ("20240105", (2024, 1, 5)),
        ("20240105083000", (2024, 1, 5, 8, 30)),
        ("202401050830", (2024, 1, 5, 8, 30)),
        ("2024年1月5日8时30分", (2024, 1, 5, 8, 30)),
        ("2024年01月05日 08时30分07秒", (2024, 1, 5, 8, 30, 7)),
        ("2024年1月5日 8:30", (2024, 1, 5, 8, 30)),
        ("２０２４－０１－０５　０８：３０", (2024, 1, 5, 8, 30)),
        ("2024-01-05 08：30", (2024, 1, 5, 8, 30)),
        ("2024.1.5 8:30", (2024, 1, 5, 8, 30)),
        ("45296", (2024, 1, 5)),
        ("45296.3541666667", (2024, 1, 5, 8, 30)),
        ("45296.999988426", (2024, 1, 5, 23, 59, 59)),
    ],
)
def test_moments_to_the_second(cast, text, moment):
    assert cast(column(Kind.MOMENT), text) == (dt.datetime(*moment), [])  # noqa: DTZ001 - local wall time


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-05T08:30:00Z",
        "2024-01-05T08:30:00+08:00",
        "2024-01-05T08:30:00+08",
        "2024-01-05T24:00:00",
        "2024-01-05T08:60:00",
        "2024-01-05T08:30:60",
        "2024-01-05T8",
        "2024-02-30T08:30:00",
        "2024-01-05TT08:30",
        "08:30:00",
        "2024-01-05T08:30:00 UTC",
        "1704443400",
        "20240105250000",
        "20240230083000",
        "2024010508300",
        "2024年1月5日25时00分",
    ],
)
def test_what_is_no_local_moment(cast, text):
    assert cast(column(Kind.MOMENT), text) == (None, ["bad_date"])


@pytest.mark.parametrize(
    ("text", "is_known"),
    [
        ("2024-01-05", False),
        ("2024/1/5", False),
        ("2024年1月5日", False),
        ("20240105", False),
        ("45296", False),
        ("45296.0", False),
        ("45296.25", True),
        ("2024-01-05 00:00", True),
        ("20240105083000", True),
        ("2024年1月5日8时30分", True),
        ("2024-1-5 8时30分", True),
        ("２０２４－０１－０５　０８：３０", True),
    ],
)
def test_whether_the_hour_is_known(bare_connection, text, is_known):
    assert bare_connection.execute(f"select {has_clock('t')} from (select $1::varchar as t)", [text]).fetchone() == (
        is_known,
    )
