"""What each kind of column takes, to the last form, and what it calls a fault."""

import datetime as dt
from decimal import Decimal

import pytest

from detectors.engines.duckdb import open_warehouse
from pipelines.ingest.casting import faults, has_clock, trimmed, value
from schemas.table import Column, Kind


@pytest.fixture(scope="module")
def connection():
    made = open_warehouse(None, threads=1)
    yield made
    made.close()


def cast(connection, column, text):
    """Value and reason codes of one text."""
    found = list(faults(column, "t", "v"))
    flags = ", ".join(predicate for _reason, predicate in found) or "null"
    row = connection.execute(
        f"with texts as (select {trimmed('raw')} as t from (select cast($1 as varchar) as raw)), "
        f"typed as (select t, {value(column, 't')} as v from texts) select v, {flags} from typed",
        [text],
    ).fetchone()
    return row[0], [reason for (reason, _), is_so in zip(found, row[1:], strict=False) if is_so]


def column(kind, **more):
    return Column("c", kind, "C.", "丙。", **more)


@pytest.mark.parametrize("text", [" x", "x ", "\tx\r\n", "\u3000x\u3000", "\u00a0x", "\ufeffx", "x\u3000 "])
def test_blanks_around_a_value_are_dropped(connection, text):
    assert cast(connection, column(Kind.TEXT), text) == ("x", [])


@pytest.mark.parametrize("code_point", [32, 160, 5760, 8192, 8195, 8202, 8239, 8287, 12288])
def test_the_plain_trim_knows_every_space(connection, code_point):
    text = f"{chr(code_point)}x{chr(code_point)}"

    assert [connection.execute(f"select {trimmed('$1', has_odd)}", [text]).fetchone() for has_odd in (True, False)] == [
        ("x",),
        ("x",),
    ]


@pytest.mark.parametrize("text", ["第 一", "a\tb", "医院"])
def test_blanks_inside_a_value_are_kept(connection, text):
    assert cast(connection, column(Kind.TEXT), f" {text}\u3000") == (text, [])


@pytest.mark.parametrize("text", [None, "", " ", "\u3000\t"])
def test_nothing_but_blanks_is_no_value(connection, text):
    assert cast(connection, column(Kind.CODE), text) == (None, [])
    assert cast(connection, column(Kind.DATE, required=True), text) == (None, ["missing_required"])


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
def test_dates(connection, text, day):
    assert cast(connection, column(Kind.DATE), text) == (dt.date(*day), [])


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
def test_what_is_no_date(connection, text):
    assert cast(connection, column(Kind.DATE), text) == (None, ["bad_date"])


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
def test_moments_to_the_second(connection, text, moment):
    assert cast(connection, column(Kind.MOMENT), text) == (dt.datetime(*moment), [])  # noqa: DTZ001 - local wall time


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
def test_what_is_no_local_moment(connection, text):
    assert cast(connection, column(Kind.MOMENT), text) == (None, ["bad_date"])


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
def test_whether_the_hour_is_known(connection, text, is_known):
    assert connection.execute(f"select {has_clock('t')} from (select $1::varchar as t)", [text]).fetchone() == (
        is_known,
    )


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234.00", "1234.00"),
        ("-12,345,678.90", "-12345678.90"),
        ("１２．５", "12.5"),
        ("1，234.00", "1234"),
        ("－３", "-3"),
    ],
)
def test_money_that_is_clear_though_written_otherwise(connection, text, amount):
    assert cast(connection, column(Kind.MONEY), text) == (Decimal(amount).quantize(Decimal("0.01")), [])


@pytest.mark.parametrize("text", ["1,234", "12,34.00", "1,234.5", "1234,567.00", ",234.00"])
def test_a_thousands_separator_that_is_not_clear(connection, text):
    assert cast(connection, column(Kind.MONEY), text)[1] == ["bad_number"]


def test_full_width_signs_of_numbers_flags_choices_and_codes(connection):
    assert cast(connection, column(Kind.INTEGER), "１２") == (12, [])
    assert cast(connection, column(Kind.MEASURE), "１．５") == (1.5, [])
    assert cast(connection, column(Kind.FLAG), "１") == (True, [])
    assert cast(connection, column(Kind.MONTH), "２０２４－１２") == ("2024-12", [])
    assert cast(connection, column(Kind.CHOICE, choices=("CT",)), "ＣＴ") == ("CT", [])
    assert cast(connection, column(Kind.ID), "１１０１０１１９９００３０７１２３Ｘ") == ("11010119900307123X", [])
    assert cast(connection, column(Kind.CODE), "３２．０２（甲），乙") == ("32.02（甲），乙", [])
    assert cast(connection, column(Kind.TEXT), "Ａ１") == ("Ａ１", [])


@pytest.mark.parametrize("text", ["1", "-1.5", "+2", "0.10", ".5", "7.", "1.2300000", "9999999999999999.99"])
def test_money_to_the_fen(connection, text):
    assert cast(connection, column(Kind.MONEY), text) == (Decimal(text).quantize(Decimal("0.01")), [])


@pytest.mark.parametrize(
    "text",
    ["1.005", "1e3", "1_000", "1,000", "￥5", "inf", "nan", "-", ".", "", "10000000000000000.00", "1 0", "0x1"],
)
def test_what_is_no_money(connection, text):
    assert cast(connection, column(Kind.MONEY), text) == (None, ["bad_number"] if text else [])


def test_quantity_has_four_decimals(connection):
    assert cast(connection, column(Kind.QUANTITY), "0.12340") == (Decimal("0.1234"), [])
    assert cast(connection, column(Kind.QUANTITY), "0.12345") == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-3", -3), ("007", 7), ("12.0", 12), ("+4", 4)])
def test_integers(connection, text, number):
    assert cast(connection, column(Kind.INTEGER), text) == (number, [])


@pytest.mark.parametrize("text", ["1.5", "1e3", "9" * 20, "1_0", "a", "0x1"])
def test_what_is_no_integer(connection, text):
    assert cast(connection, column(Kind.INTEGER), text) == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "number"), [("1.5", 1.5), ("-2", -2.0), ("1e-3", 0.001), (".25", 0.25)])
def test_measures(connection, text, number):
    assert cast(connection, column(Kind.MEASURE), text) == (number, [])


@pytest.mark.parametrize("text", ["inf", "nan", "1_0", "1e999", "<5", "0x1p3"])
def test_what_is_no_measure(connection, text):
    assert cast(connection, column(Kind.MEASURE), text) == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "flag"), [("1", True), ("0", False), ("TRUE", True), ("False", False)])
def test_flags(connection, text, flag):
    assert cast(connection, column(Kind.FLAG), text) == (flag, [])


@pytest.mark.parametrize("text", ["2", "yes", "是", "01"])
def test_what_is_no_flag(connection, text):
    assert cast(connection, column(Kind.FLAG), text) == (None, ["bad_flag"])


def test_choices_are_stored_as_declared(connection):
    chosen = column(Kind.CHOICE, choices=("CT", "other"))

    assert cast(connection, chosen, "ct") == ("CT", [])
    assert cast(connection, chosen, "OTHER ") == ("other", [])
    assert cast(connection, chosen, "CTA") == (None, ["bad_choice"])


def test_months(connection):
    assert cast(connection, column(Kind.MONTH), "2024-12") == ("2024-12", [])
    for text in ("2024-13", "2024-1", "202401", "0000-01", "2024-12-01"):
        assert cast(connection, column(Kind.MONTH), text) == (None, ["bad_month"])


@pytest.mark.parametrize("text", ["1.10101E+17", "1.10101e+17", "1E+17", "1.1E17"])
def test_ids_that_a_spreadsheet_has_turned_into_numbers(connection, text):
    assert cast(connection, column(Kind.ID), text)[1] == ["mangled_id"]
    assert cast(connection, column(Kind.CODE), text)[1] == ["mangled_id"]
    assert cast(connection, column(Kind.TEXT), text) == (text, [])


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("'110101199003071234", "110101199003071234"),
        ('="110101199003071234"', "110101199003071234"),
        ("'", "'"),
        ('=""', '=""'),
        ("=A1", "=A1"),
    ],
)
def test_ids_that_were_guarded_from_a_spreadsheet(connection, text, id_):
    assert cast(connection, column(Kind.ID, required=True), text) == (id_, [])


@pytest.mark.parametrize("text", ["110101199003071234", "2E10", "E11.9", "1E5", "00E+1x", "I10.x05"])
def test_ids_and_codes_that_only_look_odd_are_kept_as_they_are(connection, text):
    assert cast(connection, column(Kind.CODE), text) == (text, [])


def test_a_number_below_the_minimum(connection):
    assert cast(connection, column(Kind.INTEGER, minimum=1), "0") == (0, ["below_minimum"])
    assert cast(connection, column(Kind.INTEGER, minimum=1), "1") == (1, [])
    assert cast(connection, column(Kind.MONEY, minimum=0), "-0.01")[1] == ["below_minimum"]
