"""What each key of a profile does to the rows of a file."""

import pytest

from schemas.errors import InputError


def source(kind, *columns, extra=""):
    listed = "\n".join(f'"{column}" = {{}}' for column in columns)
    return f'\n[source.{kind}]\nfiles = ["{kind}*"]\n{extra}\n[source.{kind}.columns]\n{listed}\n\n'


DEPARTMENT = '[table.columns]\ninstitution_id = "inst"\ndepartment_code = "code"\n'


def value_of(mine, origin, *cells, header="inst,code,x,y"):
    """What the origin makes of each cell of column x, as a department's name."""
    rows = "\n".join([header, *(f"H,{at},{cell}" for at, cell in enumerate(cells))]) + "\n"
    mine.visits(DEPARTMENT + f"department_name = {origin}\n", rows)
    return mine.departments("department_name")


@pytest.mark.parametrize(
    ("origin", "cells", "expected"),
    [
        ('"x"', [" a ,", ",b"], ["a", None]),
        ('{ first_of = ["x", "y"] }', ["a,b", ",b", ","], ["a", "b", None]),
        ('{ concat = ["x", "y"] }', ["a,b", ",b", "a,", ","], ["a|b", "|b", "a|", None]),
        ('{ concat = ["x", "y"], separator = "-" }', ["a,b"], ["a-b"]),
        ('{ constant = "it\'s" }', ["a,"], ["it's"]),
        ("{ source_row = true }", ["a,", "b,"], ["2", "3"]),
        ('{ number_within = ["x"] }', ["a,", "b,", "a,"], ["1", "1", "2"]),
        ('{ number_within = ["x"], leading = { y = ["1"] } }', ["a,0", "a,1", "b,0"], ["2", "1", "1"]),
        ('{ column = "x", nulls = ["0", "-"] }', ["0,", "-,", "00,"], [None, None, "00"]),
        ('{ column = "x", unless_same_as = "y" }', ["a,a", "a,b", "a,"], [None, "a", "a"]),
        (r"""{ column = "x", extract = '^\d\d' }""", ["1234,", "x1,"], ["12", None]),
        (r"""{ column = "x", extract = '-(\d+)' }""", ["a-12-3,"], ["12"]),
        (
            '{ column = "x", normalise = "department" }',
            ["A32.02,", "3202,", "32.02,", "32,", "A320201,", "CT室,", "123,"],
            ["32.02", "32.02", "32.02", "32", "32.02.01", None, None],
        ),
        ('{ column = "x", normalise = "halfwidth" }', ["ＡＢ１２,", "中,"], ["AB12", "中"]),
        ('{ column = "x", normalise = "upper" }', ["ab,"], ["AB"]),
        ('{ column = "x", normalise = "digits" }', ["第１2次,", "无,"], ["12", None]),
        ('{ column = "x", map = { a = "1", b = "" } }', ["a,", "b,", "c,", ","], ["1", None, "c", None]),
        ('{ column = "x", map = { a = "1" }, otherwise = "9" }', ["a,", "c,", ","], ["1", "9", None]),
        (
            '{ column = "x", formats = ["%d/%m/%Y %H:%M", "%d/%m/%Y", "excel"] }',
            ["05/01/2024 08:30,", "05/01/2024,", "45296,", "45296.5,", "nonsense,"],
            ["2024-01-05 08:30:00", "2024-01-05", "2024-01-05", "2024-01-05 12:00:00", "nonsense"],
        ),
        (
            '{ column = "x", zone = "Asia/Shanghai" }',
            ["2024-01-05T20:30:00Z,", "2024-01-05,", "nonsense:,"],
            ["2024-01-06 04:30:00", "2024-01-05", "nonsense:"],
        ),
        ('{ column = "x", unit_factor = "0.01" }', ["1234,", "x,"], ["12.34000000000000", "x"]),
        (
            '{ column = "x", unit_factor = "0.01", decimals = 2 }',
            ["12345,", "-12345,", "1e3,", "x,"],
            ["123.45", "-123.45", "1e3", "x"],
        ),
        ('{ column = "x", decimals = 2 }', ["1.005,", "2.994,", ".5,"], ["1.01", "2.99", "0.50"]),
        ('{ column = "x", numbered = true }', ["a,", "b,", "a,", "a,", ","], ["a", "b", "a|2", "a|3", None]),
        (
            r"""{ column = "x", nulls = ["0"], extract = '\d+', map = { "7" = "77" }, numbered = true }""",
            ["n7,", "0,", "m7,"],
            ["77", None, "77|2"],
        ),
    ],
)
def test_each_origin_and_step(mine, origin, cells, expected):
    assert value_of(mine, origin, *cells) == expected


def test_a_column_that_no_file_has_is_absent_and_not_empty(mine):
    outcome = mine.visits(DEPARTMENT + 'department_name = "x"\n', "inst,code,x\nH,1,a\n")
    mine.take(
        source("visits", "inst", "code", "x") + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}'
        'department_name = "x"\n',
        name="second",
        visits="inst,code\nH,2\n",
    )

    rows = mine.bench.rows("select columns_present from ledger.file where source_file = 'visits.csv' order by all")
    assert sorted(len(columns) for (columns,) in rows) == [2, 3]
    assert outcome.files[0].unknown_columns == ()


def test_rows_that_a_condition_leaves_out_are_counted_by_reason(mine):
    where = 'where = [{ column = "x", in = ["1", ""], reason = "void" }, { column = "code", not_in = ["9"] }]\n'

    outcome = mine.visits(where + DEPARTMENT, "inst,code,x\nH,1,1\nH,2,\nH,3,0\nH,9,1\nH,9,0\n")

    (account,) = outcome.files
    assert mine.departments() == ["1", "2"]
    assert (account.rows_in, account.accepted, account.set_aside) == (2, 2, {"excluded": 1, "void": 2})


def test_a_condition_on_a_column_that_the_file_lacks_leaves_nothing_out(mine):
    where = 'where = [{ column = "x", in = ["1"] }]\n'
    profile = (
        source("visits", "inst", "code", "x") + f'[[table]]\nname = "department"\nfrom = "visits"\n{where}{DEPARTMENT}'
    )

    mine.take(profile, visits="inst,code\nH,1\n")

    assert mine.departments() == ["1"]


def test_distinct_rows_take_the_first_line_and_count_the_others(mine):
    columns = "distinct = true\n" + DEPARTMENT + 'department_name = "x"\n'

    outcome = mine.visits(columns, "inst,code,x\nH,1,a\nH,2,b\nH,1,c\nH,1,a\n")

    (account,) = outcome.files
    assert mine.departments("department_code, department_name, source_row") == [("1", "a", 2), ("2", "b", 3)]
    assert (account.rows_in, account.accepted, account.duplicate) == (4, 2, 2)


@pytest.mark.parametrize(("only_new", "kept"), [("only_new = true\n", "old"), ("", "new")])
def test_only_new_rows_never_replace_what_is_known(mine, only_new, kept):
    mine.visits(DEPARTMENT + 'department_name = "x"\n', "inst,code,x\nH,1,old\n", name="first")

    outcome = mine.visits(only_new + DEPARTMENT + 'department_name = "x"\n', "inst,code,x\nH,1,new\n", name="next")

    assert mine.departments("department_name") == [kept]
    assert outcome.files[0].duplicate == (kept == "old")


def test_split_parts_make_rows_in_step_and_empty_ones_none(mine):
    columns = (
        '[table.columns]\nencounter_id = "visit"\ndiagnosis_code = { column = "codes", split = "#" }\n'
        'diagnosis_name = { column = "names", split = "#" }\nsequence = { number_within = ["visit"] }\n'
    )
    profile = source("visits", "visit", "codes", "names") + f'[[table]]\nname = "diagnosis"\nfrom = "visits"\n{columns}'

    outcome = mine.take(profile, visits="visit,codes,names\nV1,I10# E11 #,高血压#糖尿病\nV2,,\nV3,J18.9,\n")

    found = mine.bench.rows(
        "select encounter_id, sequence, diagnosis_code, diagnosis_name, source_row from main.diagnosis order by all"
    )
    assert found == [
        ("V1", 1, "I10", "高血压", 2),
        ("V1", 2, "E11", "糖尿病", 2),
        ("V3", 1, "J18.9", None, 4),
    ]
    assert outcome.files[0].rows_in == 3


def test_faulty_parts_of_one_line_stand_once_in_its_quarantine(mine):
    columns = (
        '[table.columns]\nencounter_id = "visit"\ndiagnosis_code = { column = "codes", split = "#" }\n'
        'sequence = { column = "codes", split = "#" }\n'
    )
    profile = source("visits", "visit", "codes") + f'[[table]]\nname = "diagnosis"\nfrom = "visits"\n{columns}'

    outcome = mine.take(profile, visits="visit,codes\nV1,1#x#y\n")

    account = outcome.files[0]
    assert (account.rows_in, account.accepted, account.quarantined) == (3, 1, 2)
    text = mine.bench.quarantine(outcome, "visits.csv.diagnosis")
    assert text.count("V1,1#x#y") == 1


def test_a_required_column_that_no_column_can_fill_stops_the_batch(mine):
    profile = source("visits", "inst", "code") + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}'

    with pytest.raises(InputError) as caught:
        mine.take(profile, visits="inst,kode\nH,1\n")

    assert "department_code of department cannot be filled" in caught.value.wrong
    assert mine.bench.rows("select table_name from duckdb_tables() where temporary") == []


def test_the_same_file_under_a_mended_profile_is_read_again(mine):
    rows = "inst,code,x\nH,1,a\n"
    first = mine.visits(DEPARTMENT, rows)
    second = mine.visits(DEPARTMENT + 'department_name = "x"\n', rows)

    assert first.batch_id != second.batch_id
    assert mine.departments("department_name") == ["a"]
    assert mine.bench.rows("select count(*) from superseded.department") == [(1,)]


def test_two_kinds_that_fit_equally_are_an_error_and_the_longer_pattern_wins(mine):
    profile = (
        '[source.a]\nfiles = ["*list*"]\n[source.a.columns]\ninst = {}\ncode = {}\n'
        '[source.b]\nfiles = ["fees*"]\n[source.b.columns]\ninst = {}\n'
        f'[[table]]\nname = "department"\nfrom = "a"\n{DEPARTMENT}'
    )
    with pytest.raises(InputError, match="two kinds"):
        mine.take(profile.replace("*list*", "*list"), feeslist="inst,code\nH,1\n")

    mine.take(profile, feeslist="inst,code\nH,1\n", name="other")
    assert mine.departments() == ["1"]


@pytest.mark.parametrize("suffix", ["txt", "tsv", "TXT"])
def test_text_of_other_names_is_read_where_a_profile_names_it(mine, suffix):
    folder = mine.bench.folder / "mine"
    folder.mkdir()
    (folder / f"visits.{suffix}").write_text("inst\x01code\nH\x011\n")

    mine.take(source("visits", "inst", "code") + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}')

    assert mine.departments() == ["1"]


def test_rows_that_the_reader_left_out_count_once_for_a_table_that_is_fed_twice(mine):
    profile = source("visits", "inst", "code", "x", extra="has_footers = true\n") + (
        f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}\n'
        '[[table]]\nname = "department"\nfrom = "visits"\n[table.columns]\ninstitution_id = "inst"\n'
        'department_code = "x"\n'
    )

    outcome = mine.take(profile, visits="inst,code,x\nH,1,2\n合计,,\n")

    (account,) = outcome.files
    assert (account.rows_in, account.accepted, account.set_aside) == (2, 2, {"total": 1})


def test_a_folder_without_known_files_lists_the_patterns(mine):
    profile = source("visits", "inst", "code") + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}'

    with pytest.raises(InputError) as caught:
        mine.take(profile, bills="x\n1\n")

    assert "visits*" in str(caught.value.allowed)


def test_a_header_may_hold_a_column_twice_where_the_profile_says_so(mine):
    profile = source("visits", "inst", "code", extra="").replace('"code" = {}', '"code" = { may_repeat = true }')
    profile += f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}'

    outcome = mine.take(profile, visits="inst,code,CODE\nH,1,2\n")

    assert mine.departments() == ["1"]
    assert outcome.files[0].unknown_columns == ("CODE",)
