"""What holds for every small extract: no row is lost, loading again changes nothing, row order is irrelevant."""

import csv
import io
import tempfile
from pathlib import Path

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


def with_bench(make_bench, use):
    with tempfile.TemporaryDirectory() as folder:
        bench = make_bench(Path(folder), in_memory=True)
        try:
            return use(bench)
        finally:
            bench.connection.close()


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
def test_every_row_is_accounted_for_and_loading_twice_changes_nothing(make_bench, values):
    def use(bench):
        folder = bench.extract(patient__csv=as_csv(values))
        account = reconciled(bench, bench.ingest(folder))
        assert account.rows_in == len(values)
        before = bench.dump()
        assert not bench.ingest(folder).is_new
        assert bench.dump() == before

    with_bench(make_bench, use)


@SLOW
@given(raw_lines)
def test_malformed_text_loses_no_line(make_bench, lines):
    def use(bench):
        text = ",".join(HEADER) + "\n" + "\n".join(lines)
        account = reconciled(bench, bench.ingest(bench.extract(patient__csv=text)))
        physical = io.StringIO(text, newline="").readlines()[1:]
        assert account.rows_in <= len(physical)
        if '"' not in text:
            assert account.rows_in == sum(1 for line in physical if line.strip())

    with_bench(make_bench, use)


@SLOW
@given(st.dictionaries(st.sampled_from(["P1", "P2", "P3", "患者", ""]), st.tuples(sexes, days)), st.randoms())
def test_the_order_of_rows_is_irrelevant(make_bench, values, random):
    ordered = [(patient, *rest) for patient, rest in values.items()] * 2
    shuffled = random.sample(ordered, len(ordered))

    def use(text):
        def loaded(bench):
            outcome = bench.ingest(bench.extract(patient__csv=text))
            account = reconciled(bench, outcome)
            return content(bench), account.accepted, account.quarantined, account.duplicate

        return with_bench(make_bench, loaded)

    assert use(as_csv(ordered)) == use(as_csv(shuffled))


@SLOW
@given(st.binary(max_size=60))
def test_bytes_of_any_kind_end_in_an_account_or_a_clear_error(make_bench, data):
    def use(bench):
        folder = bench.extract(patient__csv=b"patient_id,sex,birth_date\n" + data)
        before = bench.dump()
        try:
            outcome = bench.ingest(folder)
        except InputError:
            assert bench.dump() == before
        else:
            reconciled(bench, outcome)

    with_bench(make_bench, use)
