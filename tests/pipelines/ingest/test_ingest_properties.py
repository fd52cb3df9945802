"""What holds for every small extract: no row is lost, loading again changes nothing, row order is irrelevant."""

import csv
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import InputError

SLOW = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

ids = st.sampled_from(["P1", "P2", "P3", "P4", "", " P1 ", "1.10101E+17", "患者"])
sexes = st.sampled_from(["M", "F", "u", "X", "", 'M"', "男\n"])
days = st.sampled_from(["1990-01-01", "1990/1/1", "19900101", "1990-02-30", "", "now"])
rows = st.lists(st.tuples(ids, sexes, days), max_size=12)
raw_lines = st.lists(st.text(alphabet='P1,"\nM\r 患', max_size=12), max_size=10)

HEADER = ("patient_id", "sex", "birth_date")


def as_csv(values):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(values)
    return text.getvalue()


def content(bench):
    return bench.rows("select patient_id, sex, birth_date from main.patient order by all")


def reconciled(bench, outcome):
    account = bench.account(outcome, "patient")
    assert account.rows_in == account.accepted + account.quarantined + account.duplicate + account.superseded
    assert account.accepted == len(content(bench))
    quarantined = (
        account.quarantined and len(list(csv.reader(io.StringIO(bench.quarantine(outcome, "patient.csv"))))) - 1
    )
    assert quarantined == account.quarantined
    return account


@SLOW
@given(rows)
def test_every_row_is_accounted_for_and_loading_twice_changes_nothing(shared_bench, values):
    folder = shared_bench.with_patients(as_csv(values))

    account = reconciled(shared_bench, shared_bench.ingest(folder))
    before = shared_bench.dump()
    again = shared_bench.ingest(folder)

    assert account.rows_in == len(values)
    assert not again.is_new
    assert shared_bench.dump() == before


@SLOW
@given(raw_lines)
def test_malformed_text_loses_no_line(shared_bench, lines):
    text = ",".join(HEADER) + "\n" + "\n".join(lines)

    account = reconciled(shared_bench, shared_bench.ingest(shared_bench.with_patients(text)))

    physical = io.StringIO(text, newline="").readlines()[1:]
    assert account.rows_in <= len(physical)
    if '"' not in text:
        assert account.rows_in == sum(1 for line in physical if line.strip())


@SLOW
@given(st.dictionaries(st.sampled_from(["P1", "P2", "P3", "患者", ""]), st.tuples(sexes, days)), st.randoms())
def test_the_order_of_rows_is_irrelevant(shared_bench, values, random):
    ordered = [(patient, *rest) for patient, rest in values.items()] * 2

    def load(rows_in_order):
        outcome = shared_bench.ingest(shared_bench.with_patients(as_csv(rows_in_order)))
        account = reconciled(shared_bench, outcome)
        return content(shared_bench), account.accepted, account.quarantined, account.duplicate

    assert load(ordered) == load(random.sample(ordered, len(ordered)))


@SLOW
@given(st.binary(max_size=60))
def test_bytes_of_any_kind_end_in_an_account_or_a_clear_error(shared_bench, data):
    folder = shared_bench.with_patients(b"patient_id,sex,birth_date\n" + data)
    before = shared_bench.dump()

    try:
        outcome = shared_bench.ingest(folder)
    except InputError:
        assert shared_bench.dump() == before
    else:
        reconciled(shared_bench, outcome)
