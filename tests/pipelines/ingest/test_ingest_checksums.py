"""Check digits of resident ids and credit codes: what has the shape, what is right, what goes to quarantine."""

from __future__ import annotations

import pytest

from pipelines.ingest.checksums import (
    has_resident_id_check_digit,
    has_resident_id_shape,
    is_mistaken_credit_code,
    lengthened_resident_id,
)
from pipelines.ingest.pseudonym import Protection
from pipelines.ingest.pseudonym_key import PseudonymKey

KEY = PseudonymKey(b"0123456789abcdef" * 2)
RIGHT, WRONG = "11010519491231002X", "110105194912310021"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(number: int) -> str:
    """A resident id with a right check digit, by the standard's own weights."""
    digits = f"33010219{50 + number % 50:02d}0101{number % 1000:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True))
    return digits + "10X98765432"[total % 11]


@pytest.mark.parametrize(
    "text",
    [RIGHT, WRONG, "810000199408230021"],
)
def test_shape_of_a_resident_id(text: str) -> None:
    assert has_resident_id_shape(text)


@pytest.mark.parametrize(
    "text",
    ["", "P1", "11010519491331002X", "110105194902300021", "99010519491231002X", "1101051949123100", "X" * 18],
)
def test_hospital_numbers_have_another_shape(text: str) -> None:
    assert not has_resident_id_shape(text)


def test_check_digit_is_that_of_the_standard() -> None:
    assert has_resident_id_check_digit(RIGHT)
    assert not has_resident_id_check_digit(WRONG)
    assert all(has_resident_id_check_digit(resident_id(number)) for number in range(200))


@pytest.mark.parametrize(
    ("short", "long"), [("110105491231002", RIGHT), ("110105491331002", "110105491331002"), ("P1", "P1")]
)
def test_fifteen_digits_become_eighteen_where_they_are_a_resident_id(short: str, long: str) -> None:
    assert lengthened_resident_id(short) == long


@pytest.mark.parametrize(
    ("text", "is_mistaken"),
    [
        ("91110000600037341L", False),
        ("91110000600037341A", True),
        ("12345678901234567X", True),
        ("123456789012345678", False),
        ("H11010500123", False),
    ],
)
def test_only_a_credit_code_with_letters_can_be_mistaken(text: str, is_mistaken: bool) -> None:
    assert is_mistaken_credit_code(text) == is_mistaken


def ingest_patients(bench, ids: list[str]):
    content = "patient_id\n" + "".join(f"{id_}\n" for id_ in ids)
    return bench.ingest(bench.extract(patient__csv=content), protection=Protection(KEY))


def test_mistyped_resident_id_goes_to_quarantine_with_its_advice(bench) -> None:
    outcome = ingest_patients(bench, [RIGHT, WRONG, "P1"])
    account = bench.account(outcome, "patient")
    assert (account.accepted, account.quarantined) == (2, 1)
    assert account.quarantine_reasons == {"bad_checksum": 1}
    told = bench.quarantine(outcome, "patient.csv")
    assert WRONG in told
    assert "export as text" in told
    assert "请核对并以文本格式导出" in told
    assert RIGHT not in told


def test_numbers_of_a_hospital_that_only_look_like_resident_ids_are_taken(bench) -> None:
    ids = [f"33010220240105{number:04d}" for number in range(40)]
    account = bench.account(ingest_patients(bench, ids), "patient")
    assert (account.accepted, account.quarantined) == (40, 0)


def test_one_wrong_resident_id_among_many_right_ones_is_found(bench) -> None:
    account = bench.account(ingest_patients(bench, [*(resident_id(n) for n in range(40)), WRONG]), "patient")
    assert (account.accepted, account.quarantine_reasons) == (40, {"bad_checksum": 1})


def test_mistaken_credit_code_of_an_institution_goes_to_quarantine(bench) -> None:
    content = "institution_id,institution_name\nH1,第一医院\n91110000600037341A,第二医院\n"
    outcome = bench.ingest(bench.extract(institution__csv=content), protection=Protection(KEY))
    assert bench.account(outcome, "institution").quarantine_reasons == {"bad_checksum": 1}
    assert "institution_id" in bench.quarantine(outcome, "institution.csv")
