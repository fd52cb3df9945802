"""The careful reading of a CSV: each record's line, and each malformed line a record of its own."""

import pytest

from pipelines.ingest.dialect import COMMA
from pipelines.ingest.records import MAXIMUM_CHARACTERS, MAXIMUM_LINES, read_records


def records(tmp_path, text, width=3):
    path = tmp_path / "records.csv"
    path.write_bytes(("a,b,c\n" + text).encode())
    return [(r.line, r.line_count, r.fault or COMMA.split(r.text)) for r in read_records(path, width, 1)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_kind(tmp_path, end):
    assert records(tmp_path, f"1,2,3{end}{end}4,5,6{end}7,8,9") == [
        (2, 1, ("1", "2", "3")),
        (4, 1, ("4", "5", "6")),
        (5, 1, ("7", "8", "9")),
    ]


def test_a_newline_inside_quotation_marks_moves_the_lines_below(tmp_path):
    assert records(tmp_path, '1,"x\r\ny\n",3\n4,5,6\n') == [(2, 3, ("1", "x\r\ny\n", "3")), (5, 1, ("4", "5", "6"))]


def test_quotation_marks(tmp_path):
    assert records(tmp_path, '"1","a,""b""",""\n4,5"x, "6"\n') == [
        (2, 1, ("1", 'a,"b"', "")),
        (3, 1, ("4", '5"x', ' "6"')),
    ]


@pytest.mark.parametrize("line", ["1,2", "1,2,3,", "1", '"1",2', '1,"2",3,4', ",,,"])
def test_a_ragged_row_is_one_fault(tmp_path, line):
    assert records(tmp_path, f"{line}\n4,5,6\n") == [(2, 1, "ragged_row"), (3, 1, ("4", "5", "6"))]


@pytest.mark.parametrize("line", ['1,"2,3', '1,"2"x,3', '1,2,"', '"1,2,3'])
def test_a_stray_quotation_mark_costs_its_own_line_only(tmp_path, line):
    assert records(tmp_path, f'{line}\n4,5,6\n7,"8",9\n') == [
        (2, 1, "unbalanced_quotes"),
        (3, 1, ("4", "5", "6")),
        (4, 1, ("7", "8", "9")),
    ]


def test_a_field_that_never_closes_is_given_up_after_some_lines(tmp_path):
    found = records(tmp_path, '1,"2,3\n' + "4,5,6\n" * (MAXIMUM_LINES + 5))

    assert found[0] == (2, 1, "unbalanced_quotes")
    assert len(found) == MAXIMUM_LINES + 6
    assert {fields for _line, _count, fields in found[1:]} == {("4", "5", "6")}


def test_a_line_longer_than_can_be_read(tmp_path):
    long = "x" * MAXIMUM_CHARACTERS

    assert records(tmp_path, f'1,{long},3\n1,"{long}",3\n4,5,6\n') == [
        (2, 1, "line_too_long"),
        (3, 1, "line_too_long"),
        (4, 1, ("4", "5", "6")),
    ]
