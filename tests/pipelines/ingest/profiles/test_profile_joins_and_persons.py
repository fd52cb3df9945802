"""Values that come from another file, and persons who have no code of their own."""

from pipelines.ingest.pseudonym import Protection
from pipelines.ingest.pseudonym_key import PseudonymKey


def source(kind, *columns, extra=""):
    listed = "\n".join(f'"{column}" = {{}}' for column in columns)
    return f'\n[source.{kind}]\nfiles = ["{kind}*"]\n{extra}\n[source.{kind}.columns]\n{listed}\n\n'


DEPARTMENT = '[table.columns]\ninstitution_id = "inst"\ndepartment_code = "code"\n'


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

    assert mine.departments("department_name") == ["6.60|first", "|b", None, None]


def test_a_join_whose_file_is_not_there_leaves_its_columns_absent(mine):
    mine.take(JOINED, visits="inst,code,key\nH,1,A\n")

    assert mine.departments("department_code, department_name") == [("1", None)]


def test_a_joined_file_that_comes_later_brings_its_values_then(mine):
    mine.take(JOINED, visits="inst,code,key\nH,1,A\n")

    mine.take(JOINED, visits="inst,code,key\nH,1,A\n", bills="key,paid,note\nA,7,late\n")

    assert mine.departments("department_name") == ["7.00|late"]


def test_a_mapping_may_stand_in_where_a_source_is_absent(mine):
    profile = (
        source("visits", "inst", "code")
        + source("bills", "inst", "code")
        + f'[[table]]\nname = "department"\nfrom = "visits"\n{DEPARTMENT}\n'
        + f'[[table]]\nname = "department"\nfrom = "bills"\nwhen_absent = ["visits"]\n{DEPARTMENT}'
    )

    mine.take(profile, name="both", visits="inst,code\nH,1\n", bills="inst,code\nH,2\n")
    assert mine.departments() == ["1"]
    mine.take(profile, name="one", bills="inst,code\nH,2\n")
    assert set(mine.departments()) == {"1", "2"}


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
