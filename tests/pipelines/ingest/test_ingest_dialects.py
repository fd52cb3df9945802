"""Columns separated by anything that real files use, quick and careful reading alike, row for row."""

import pytest

from pipelines.ingest.dialect import DELIMITERS, Dialect

ROWS = [("institution_id", "institution_name"), ("H1", "第一,医院|甲;乙"), ("H2", "二院")]


def text_in(dialect, rows, end="\n"):
    return "".join(dialect.join(row) + end for row in rows)


def loaded(bench):
    return bench.rows("select institution_id, institution_name, source_row from main.institution order by source_row")


@pytest.mark.parametrize("delimiter", DELIMITERS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_with_each_delimiter(bench, delimiter, end):
    quote = "" if delimiter == "\x01" else '"'

    bench.ingest(bench.extract(institution__csv=text_in(Dialect(delimiter, quote), ROWS, end)))

    assert loaded(bench) == [("H1", "第一,医院|甲;乙", 2), ("H2", "二院", 3)]


@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_ragged_rows_with_each_delimiter_lose_no_row(bench, delimiter):
    d = delimiter
    text = f"institution_id{d}institution_name\nH1{d}a\nH2\n\nH3{d}b{d}c\nH4{d}e\n"

    outcome = bench.ingest(bench.extract(institution__csv=text))

    account = bench.account(outcome, "institution")
    assert loaded(bench) == [("H1", "a", 2), ("H4", "e", 6)]
    assert (account.rows_in, account.quarantine_reasons) == (4, {"ragged_row": 2})


def test_single_quotation_marks(bench):
    text = "'institution_id','institution_name'\n'H1','a, ''b'''\n'H2','c\nd'\n"

    bench.ingest(bench.extract(institution__csv=text))

    assert loaded(bench) == [("H1", "a, 'b'", 2), ("H2", "c\nd", 3)]


def test_hive_text_has_no_quotation_marks(bench):
    bench.ingest(bench.extract(institution__csv='institution_id\x01institution_name\nH1\x01"a\nH2\x01b"\n'))

    assert loaded(bench) == [("H1", '"a', 2), ("H2", 'b"', 3)]


def test_a_row_of_tabs_alone_is_a_row(bench):
    outcome = bench.ingest(bench.extract(institution__csv="institution_id\tinstitution_name\nH1\ta\n\t\n\nH2\tb\n"))

    assert bench.account(outcome, "institution").quarantine_reasons == {"missing_required": 1}
    assert bench.account(outcome, "institution").rows_in == 3


def test_the_delimiter_is_the_one_that_makes_known_names(bench):
    text = "institution_id\tinstitution_name\tnote;a,b|c\nH1\ta\t1,2;3|4\n"

    outcome = bench.ingest(bench.extract(institution__csv=text))

    assert bench.account(outcome, "institution").unknown_columns == ("note;a,b|c",)
    assert loaded(bench) == [("H1", "a", 2)]


def test_ids_guarded_from_a_spreadsheet(bench):
    bench.ingest(bench.extract(institution__csv='institution_id,institution_name\n="001",a\n"=""002""",b\n\'003,c\n'))

    assert [row[0] for row in loaded(bench)] == ["001", "002", "003"]
