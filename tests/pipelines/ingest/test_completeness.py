"""What an analyst declares complete stands for the institutions and days of the extract."""

import pytest

from pipelines.ingest import present_columns
from pipelines.ingest.completeness import declare_complete
from schemas.errors import UsageError

ENCOUNTERS = (
    "encounter_id,patient_id,institution_id,encounter_type,started_at\n"
    "E1,P1,H1,outpatient,2024-01-05\nE2,P1,H2,outpatient,2024-02-01T08:00:00\n"
)
CLAIMS = (
    "claim_line_id,claim_id,patient_id,institution_id,item_code,charged_at,quantity,unit_price,amount\n"
    "L1,C1,P1,H1,I1,2024-03-31T23:00:00,1,1,1\n"
)
SCOPE = (
    "select table_name, institution_id, cast(period_from as varchar), cast(period_to as varchar), is_complete "
    "from main.extract_scope order by all"
)


@pytest.fixture
def loaded(bench):
    return bench.ingest(bench.extract(encounter__csv=ENCOUNTERS, claim_line__csv=CLAIMS))


def test_each_declared_table_has_a_row_for_each_institution_and_its_days(bench, loaded):
    assert declare_complete(bench.connection, ["exam_result", "claim_line"], loaded.batch_id) == 4

    assert bench.rows(SCOPE) == [
        ("claim_line", "H1", "2024-01-05", "2024-03-31", True),
        ("claim_line", "H2", "2024-02-01", "2024-02-01", True),
        ("exam_result", "H1", "2024-01-05", "2024-03-31", True),
        ("exam_result", "H2", "2024-02-01", "2024-02-01", True),
    ]
    assert present_columns(bench.connection)["extract_scope"] >= {"table_name", "is_complete"}


def test_declaring_again_changes_nothing(bench, loaded):
    declare_complete(bench.connection, ["claim_line", "consent"], loaded.batch_id)
    before = bench.dump()

    assert declare_complete(bench.connection, ["consent", "claim_line", "consent"], loaded.batch_id) == 4

    assert bench.dump() == before


def test_a_declaration_is_a_batch_of_its_own_so_that_runs_know_of_it(bench, loaded):
    declare_complete(bench.connection, ["claim_line"], loaded.batch_id)

    ids = [id_ for (id_,) in bench.rows("select batch_id from ledger.batch order by sequence")]
    assert ids[0] == loaded.batch_id
    assert len(ids) == 2
    assert bench.rows("select distinct batch_id, source_file from main.extract_scope") == [(ids[1], "--complete")]


def test_nothing_declared_is_nothing_written(bench, loaded):
    assert declare_complete(bench.connection, [], loaded.batch_id) == 0
    assert bench.rows("select count(*) from ledger.batch") == [(1,)]


@pytest.mark.parametrize(("tables", "batch"), [(["claims"], None), (["claim_line"], "nowhere")])
def test_unknown_tables_and_batches_are_refused(bench, loaded, tables, batch):
    with pytest.raises(UsageError):
        declare_complete(bench.connection, tables, batch or loaded.batch_id)

    assert bench.rows("select count(*) from main.extract_scope") == [(0,)]
