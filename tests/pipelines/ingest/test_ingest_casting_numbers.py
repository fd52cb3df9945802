"""What money, quantities, counts, flags, choices and ids take, to the last form, and what they call a fault."""

from decimal import Decimal

import pytest

from schemas.table import Column, Kind


def column(kind, **more):
    return Column("c", kind, "C.", "丙。", **more)


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
def test_money_that_is_clear_though_written_otherwise(cast, text, amount):
    assert cast(column(Kind.MONEY), text) == (Decimal(amount).quantize(Decimal("0.01")), [])


@pytest.mark.parametrize("text", ["1,234", "12,34.00", "1,234.5", "1234,567.00", ",234.00"])
def test_a_thousands_separator_that_is_not_clear(cast, text):
    assert cast(column(Kind.MONEY), text)[1] == ["bad_number"]


def test_full_width_signs_of_numbers_flags_choices_and_codes(cast):
    assert cast(column(Kind.INTEGER), "１２") == (12, [])
    assert cast(column(Kind.MEASURE), "１．５") == (1.5, [])
    assert cast(column(Kind.FLAG), "１") == (True, [])
    assert cast(column(Kind.MONTH), "２０２４－１２") == ("2024-12", [])
    assert cast(column(Kind.CHOICE, choices=("CT",)), "ＣＴ") == ("CT", [])
    assert cast(column(Kind.ID), "１１０１０１１９９００３０７１２３Ｘ") == ("11010119900307123X", [])
    assert cast(column(Kind.CODE), "３２．０２（甲），乙") == ("32.02（甲），乙", [])
    assert cast(column(Kind.TEXT), "Ａ１") == ("Ａ１", [])


@pytest.mark.parametrize("text", ["1", "-1.5", "+2", "0.10", ".5", "7.", "1.2300000", "9999999999999999.99"])
def test_money_to_the_fen(cast, text):
    assert cast(column(Kind.MONEY), text) == (Decimal(text).quantize(Decimal("0.01")), [])


@pytest.mark.parametrize(
    "text",
    ["1.005", "1e3", "1_000", "1,000", "￥5", "inf", "nan", "-", ".", "", "10000000000000000.00", "1 0", "0x1"],
)
def test_what_is_no_money(cast, text):
    assert cast(column(Kind.MONEY), text) == (None, ["bad_number"] if text else [])


def test_quantity_has_four_decimals(cast):
    assert cast(column(Kind.QUANTITY), "0.12340") == (Decimal("0.1234"), [])
    assert cast(column(Kind.QUANTITY), "0.12345") == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "number"), [("12", 12), ("-3", -3), ("007", 7), ("12.0", 12), ("+4", 4)])
def test_integers(cast, text, number):
    assert cast(column(Kind.INTEGER), text) == (number, [])


@pytest.mark.parametrize("text", ["1.5", "1e3", "9" * 20, "1_0", "a", "0x1"])
def test_what_is_no_integer(cast, text):
    assert cast(column(Kind.INTEGER), text) == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "number"), [("1.5", 1.5), ("-2", -2.0), ("1e-3", 0.001), (".25", 0.25)])
def test_measures(cast, text, number):
    assert cast(column(Kind.MEASURE), text) == (number, [])


@pytest.mark.parametrize("text", ["inf", "nan", "1_0", "1e999", "<5", "0x1p3"])
def test_what_is_no_measure(cast, text):
    assert cast(column(Kind.MEASURE), text) == (None, ["bad_number"])


@pytest.mark.parametrize(("text", "flag"), [("1", True), ("0", False), ("TRUE", True), ("False", False)])
def test_flags(cast, text, flag):
    assert cast(column(Kind.FLAG), text) == (flag, [])


@pytest.mark.parametrize("text", ["2", "yes", "是", "01"])
def test_what_is_no_flag(cast, text):
    assert cast(column(Kind.FLAG), text) == (None, ["bad_flag"])


def test_choices_are_stored_as_declared(cast):
    chosen = column(Kind.CHOICE, choices=("CT", "other"))

    assert cast(chosen, "ct") == ("CT", [])
    assert cast(chosen, "OTHER ") == ("other", [])
    assert cast(chosen, "CTA") == (None, ["bad_choice"])


def test_months(cast):
    assert cast(column(Kind.MONTH), "2024-12") == ("2024-12", [])
    for text in ("2024-13", "2024-1", "202401", "0000-01", "2024-12-01"):
        assert cast(column(Kind.MONTH), text) == (None, ["bad_month"])


@pytest.mark.parametrize("text", ["1.10101E+17", "1.10101e+17", "1E+17", "1.1E17"])
def test_ids_that_a_spreadsheet_has_turned_into_numbers(cast, text):
    assert cast(column(Kind.ID), text)[1] == ["mangled_id"]
    assert cast(column(Kind.CODE), text)[1] == ["mangled_id"]
    assert cast(column(Kind.TEXT), text) == (text, [])


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
def test_ids_that_were_guarded_from_a_spreadsheet(cast, text, id_):
    assert cast(column(Kind.ID, required=True), text) == (id_, [])


@pytest.mark.parametrize("text", ["110101199003071234", "2E10", "E11.9", "1E5", "00E+1x", "I10.x05"])
def test_ids_and_codes_that_only_look_odd_are_kept_as_they_are(cast, text):
    assert cast(column(Kind.CODE), text) == (text, [])


def test_a_number_below_the_minimum(cast):
    assert cast(column(Kind.INTEGER, minimum=1), "0") == (0, ["below_minimum"])
    assert cast(column(Kind.INTEGER, minimum=1), "1") == (1, [])
    assert cast(column(Kind.MONEY, minimum=0), "-0.01")[1] == ["below_minimum"]
