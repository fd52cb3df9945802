"""What each key of a profile does to the rows of a file."""

import pytest

from pipelines.ingest import ingest_extract
from pipelines.ingest.pseudonym import Protection
from pipelines.ingest.pseudonym_key import PseudonymKey
from schemas.errors import InputError

HEAD = """
name = "mine"
version = "1"
title = { en = "mine", zh = "我的" }
"""


class Mine:
    """A profile of one's own over a warehouse that has what a run needs to start."""

    def __init__(self, bench):
        self.bench = bench
        bench.ingest(bench.extract("plain"))
        for table in ("patient", "institution", "encounter"):
            bench.connection.execute(f"delete from main.{table}")

    def take(self, profile, *, head="", protection=None, name="mine", **files):
        path = self.bench.folder / f"{name}.toml"
        path.write_text(HEAD + head + profile, encoding="utf-8")
        folder = self.bench.folder / name
        folder.mkdir(exist_ok=True)
        for file, text in files.items():
            (folder / f"{file}.csv").write_text(text, encoding="utf-8")
        return ingest_extract(
            self.bench.connection, folder, str(path), workspace=self.bench.workspace, protection=protection
        )

    def visits(self, columns, rows, **more):
        """Rows of one source ``visits`` into departments; ``columns`` are the lines of ``[table.columns]``."""
        names = rows.partition("\n")[0].split(",")
        profile = source("visits", *names) + f'[[table]]\nname = "department"\nfrom = "visits"\n{columns}'
        return self.take(profile, visits=rows, **more)


def source(kind, *columns, extra=""):
    listed = "\n".join(f'"{column}" = {{}}' for column in columns)
    return f'\n[source.{kind}]\nfiles = ["{kind}*"]\n{extra}\n[source.{kind}.columns]\n{listed}\n\n'


DEPARTMENT = '[table.columns]\ninstitution_id = "inst"\ndepartment_code = "code"\n'


@pytest.fixture
def mine(bench):
    return Mine(bench)


def departments(bench, columns="department_code"):
    rows = bench.rows(f"select {columns} from main.department order by source_file, source_row, department_code")
    return [row[0] if len(row) == 1 else row for row in rows]


def value_of(mine, origin, *cells, header="inst,code,x,y"):
    """What the origin makes of each cell of column x, as a department's name."""
    rows = "\n".join([header, *(f"H,{at},{cell}" for at, cell in enumerate(cells))]) + "\n"
    mine.visits(DEPARTMENT + f"department_name = {origin}\n", rows)
    return departments(mine.bench, "department_name")


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
    assert departments(mine.bench) == ["1", "2"]
    assert (account.rows_in, account.accepted, account.set_aside) == (2, 2, {"excluded": 1, "void": 2})


def test_a_condition_on_a_column_that_the_file_lacks_leaves_nothing_out(mine):
    where = 'where = [{ column = "x", in = ["1"] }]\n'
    profile = (
        source("visits", "inst", "code", "x") + f'[[table]]\nname = "department"\nfrom = "visits"\n{where}{DEPARTMENT}'
    )

    mine.take(profile, visits="inst,code\nH,1\n")

    assert departments(mine.bench) == ["1"]


def test_distinct_rows_take_the_first_line_and_count_the_others(mine):
    columns = "distinct = true\n" + DEPARTMENT + 'department_name = "x"\n'

    outcome = mine.visits(columns, "inst,code,x\nH,1,a\nH,2,b\nH,1,c\nH,1,a\n")

    (account,) = outcome.files
    assert departments(mine.bench, "department_code, department_name, source_row") == [("1", "a", 2), ("2", "b", 3)]
    assert (account.rows_in, account.accepted, account.duplicate) == (4, 2, 2)


@pytest.mark.parametrize(("only_new", "kept"), [("only_new = true\n", "old"), ("", "new")])
def test_only_new_rows_never_replace_what_is_known(mine, only_new, kept):
    mine.visits(DEPARTMENT + 'department_name = "x"\n', "inst,code,x\nH,1,old\n", name="first")

    outcome = mine.visits(only_new + DEPARTMENT + 'department_name = "x"\n', "inst,code,x\nH,1,new\n", name="next")

    assert departments(mine.bench, "department_name") == [kept]
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


JOINED = (
    source("visits", "inst", "code", "key")
    + source("bills", "key", "paid", "note", "ok")
    + '[[table]]\nname = "department"\nfrom = "visits"\n'
    'joins = [{ source = "bills", on = { key = "key" }, sum = ["paid"], '
    'where = [{ column = "ok", in = ["1", ""] }] }]\n'
    + DEPARTMENT
    + 'department_name = { concat = ["bills.paid", "bills.note"] }\n'
)


def test_a_join_sums_and_takes_the_first_filled_value_over_all_files(mine):
    mine.take(
        JOINED,
        visits="inst,code,key\nH,1,A\nH,2,B\nH,3,\nH,4,C\n",
        bills1="key,paid,note,ok\nA,1.10,,1\nA,2.20,first,\nA,5.00,void,0\nB,x,b,\n",
        bills2="key,paid,note\nA,3.30,second\n,9,empty\n",
    )

    assert departments(mine.bench, "department_name") == ["6.60|first", "|b", None, None]


def test_a_join_whose_file_is_not_there_leaves_its_columns_absent(mine):
    mine.take(JOINED, visits="inst,code,key\nH,1,A\n")

    assert departments(mine.bench, "department_code, department_name") == [("1", None)]


def test_a_joined_file_that_comes_later_brings_its_values_then(mine):
    mine.take(JOINED, visits="inst,code,key\nH,1,A\n")

    mine.take(JOINED, visits="inst,code,key\nH,1,A\n", bills="key,paid,note\nA,7,late\n")

    assert departments(mine.bench, "department_name") == ["7.00|late"]


def test_a_mapping_may_stand_in_where_a_source_is_absent(mine):
    profile = (
        source("visits", "inst", "code")
        + source("bills", "inst", "code")
        + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}\n'
        + f'[[table]]\nname = "department"\nfrom = "bills"\nwhen_absent = ["visits"]\n{DEPARTMENT}'
    )

    mine.take(profile, name="both", visits="inst,code\nH,1\n", bills="inst,code\nH,2\n")
    assert departments(mine.bench) == ["1"]
    mine.take(profile, name="one", bills="inst,code\nH,2\n")
    assert set(departments(mine.bench)) == {"1", "2"}


def test_ids_are_scoped_by_their_institution_and_those_of_patients_are_not(mine):
    profile = source("visits", "inst", "visit", "who", "doctor", "date") + (
        '[[table]]\nname = "encounter"\nfrom = "visits"\n[table.columns]\nencounter_id = "visit"\npatient_id = "who"\n'
        'institution_id = "inst"\nattending_id = "doctor"\nstarted_at = "date"\n'
        'encounter_type = { constant = "outpatient" }\n\n'
        '[[table]]\nname = "diagnosis"\nfrom = "visits"\ninstitution = "inst"\n[table.columns]\n'
        'encounter_id = "visit"\n'
        'sequence = { constant = "1" }\ndiagnosis_code = "doctor"\n'
    )

    mine.take(
        profile,
        head='scope_ids_by = "institution"\n',
        visits="inst,visit,who,doctor,date\nH1,1,P,D,2024-01-05\nH2,1,P,,2024-01-05\n",
    )

    assert mine.bench.rows(
        "select encounter_id, patient_id, institution_id, attending_id from main.encounter order by all"
    ) == [("H1:1", "P", "H1", "H1:D"), ("H2:1", "P", "H2", None)]
    assert mine.bench.rows("select encounter_id, diagnosis_code from main.diagnosis order by all") == [("H1:1", "D")]


PERSONS = (
    source("visits", "inst", "name")
    + '[[table]]\nname = "practitioner"\nfrom = "visits"\ndistinct = true\n[table.columns]\n'
    'practitioner_id = { person = ["inst", "name"] }\ninstitution_id = "inst"\n'
)
NAMED = "inst,name\nH1,某甲\nH1,某 甲\nH2,某甲\n"


def test_persons_without_a_code_get_a_keyed_hash_of_what_tells_them_apart(mine, bench):
    bench.connection.execute("delete from ledger.batch")
    protection = Protection(PseudonymKey(b"k" * 32))

    mine.take(PERSONS, visits=NAMED, protection=protection)

    found = bench.rows("select practitioner_id, institution_id from main.practitioner order by all")
    assert len(found) == 2
    assert {len(str(id_)) for id_, _place in found} == {32}
    assert bench.rows("select table_name from duckdb_tables() where temporary") == []


def test_persons_are_told_plainly_where_nothing_is_protected(mine, bench):
    mine.take(PERSONS, visits="inst,name\nH1,D1\nH1,D1\n")

    assert bench.rows("select practitioner_id from main.practitioner") == [("H1|D1",)]


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
    assert departments(mine.bench, "department_name") == ["a"]
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
    assert departments(mine.bench) == ["1"]


@pytest.mark.parametrize("suffix", ["txt", "tsv", "TXT"])
def test_text_of_other_names_is_read_where_a_profile_names_it(mine, suffix):
    folder = mine.bench.folder / "mine"
    folder.mkdir()
    (folder / f"visits.{suffix}").write_text("inst\x01code\nH\x011\n")

    mine.take(source("visits", "inst", "code") + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}')

    assert departments(mine.bench) == ["1"]


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

    assert departments(mine.bench) == ["1"]
    assert outcome.files[0].unknown_columns == ("CODE",)
