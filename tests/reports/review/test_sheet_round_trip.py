"""A workbook goes out, is filled in and comes back: what is taken, what is rejected, and why."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import ArgumentError

from reports.review.chain import check_chain
from reports.review.importing import Preview, confirm, preview
from reports.review.leaving import review_rows, verdict_rows
from reports.review.store import CaseStore, open_store
from reports.review.tables import SHEET_IMPORT, VERDICT
from schemas.errors import InputError, UsageError

KEY = b"the key of a workspace in tests"
NOW = datetime(2025, 7, 1, 9, 30, tzinfo=UTC)
SPLIT = {"verdict": "属实 substantiated", "reason_code": "同一病程被分解住院 stay_was_split", "note": "病历证实"}
FINE = {"verdict": "justified", "reason_code": "medical_need_documented"}
Fill = Callable[..., Path]


@pytest.fixture
def case_store(tmp_path: Path) -> CaseStore:
    return open_store(tmp_path / "cases.sqlite")


def seen(path: Path, run: Path, store: CaseStore, reviewer: str = "R1") -> Preview:
    return preview(path, run, store, KEY, reviewer)


def reasons(path: Path, run: Path, store: CaseStore) -> list[str]:
    return [one.rejection.name if one.rejection else one.standing.name for one in seen(path, run, store).rows]


def verdicts(store: CaseStore) -> int:
    with store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(VERDICT)) or 0


def test_a_filled_sheet_comes_back_whole(fill: Fill, own_run: Path, store: CaseStore) -> None:
    path = fill(("leads", 2, SPLIT), ("findings", 3, FINE | {"necessity": "必要 necessary"}))
    first = seen(path, own_run, store)
    assert first.counts == {"new": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    assert verdicts(store) == 0, "a preview writes nothing"
    assert confirm(first, store, NOW).counts["new"] == 2
    with store.reading() as connection:
        assert check_chain(connection)[0] == 2
        rows = review_rows(connection)
    assert rows.select("lead_id", "verdict", "reason_code", "note").row(0) == (
        "7f3a9c01", "substantiated", "stay_was_split", "病历证实",
    )  # fmt: skip
    assert rows["chain_head"].unique().to_list() == [rows["chain_hash"][-1]]
    assert rows["reviewed_at"][0] == datetime.fromisoformat("2025-07-01T09:30:00")


def test_the_same_sheet_again_changes_nothing_and_is_no_error(fill: Fill, own_run: Path, store: CaseStore) -> None:
    path = fill(("leads", 2, SPLIT))
    for _ in range(2):
        done = confirm(seen(path, own_run, store), store, NOW)
    assert done.counts == {"new": 0, "changed": 0, "unchanged": 1, "rejected": 0}
    assert verdicts(store) == 1


def test_a_changed_mind_is_a_new_entry_and_the_newest_counts(fill: Fill, own_run: Path, store: CaseStore) -> None:
    confirm(seen(fill(("leads", 2, SPLIT)), own_run, store), store, NOW)
    again = seen(fill(("leads", 2, FINE)), own_run, store)
    assert again.counts["changed"] == 1
    assert again.rows[0].before is not None
    confirm(again, store, NOW)
    with store.reading() as connection:
        assert check_chain(connection)[0] == 2
        assert verdict_rows(connection).select("finding_id", "outcome").rows() == [
            ("f000000000000004", "unsubstantiated")
        ]


def test_another_reviewer_is_another_opinion(fill: Fill, own_run: Path, case_store: CaseStore) -> None:
    path = fill(("leads", 2, SPLIT))
    confirm(seen(path, own_run, case_store), case_store, NOW)
    assert seen(path, own_run, case_store, "R2").counts["new"] == 1


@pytest.mark.parametrize(
    "column", ["amount_at_issue", "title_zh", "lead_id", "last_occurred_at", "content_hash", "run_id"]
)
def test_altered_evidence_is_rejected_and_the_rest_is_taken(
    fill: Fill, own_run: Path, case_store: CaseStore, column: str
) -> None:
    changed: object = 1.0 if column == "amount_at_issue" else "0b5d77aa"
    path = fill(("leads", 2, SPLIT | {column: changed}), ("leads", 3, FINE))
    assert reasons(path, own_run, case_store) == ["ALTERED", "NEW"]


def test_a_row_of_another_workspace_is_altered(fill: Fill, own_run: Path, case_store: CaseStore) -> None:
    path = fill(("leads", 2, SPLIT))
    assert preview(path, own_run, case_store, b"another key", "R1").rows[0].rejection is not None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"verdict": "guilty", "reason_code": "other"}, "UNKNOWN_VERDICT"),
        ({"note": "only a note"}, "MISSING_VERDICT"),
        ({"verdict": "substantiated"}, "MISSING_REASON"),
        ({"verdict": "substantiated", "reason_code": "whatever"}, "UNKNOWN_REASON"),
        ({"verdict": "substantiated", "reason_code": "data_error"}, "UNFIT_REASON"),
        ({"verdict": "justified", "reason_code": "exemption_holds"}, "MISSING_EXEMPTION"),
        (
            {"verdict": "justified", "reason_code": "exemption_holds", "exemption_held": "moonshine"},
            "UNKNOWN_EXEMPTION",
        ),
        ({"verdict": "justified", "reason_code": "exemption_holds", "exemption_held": "急诊 emergency"}, "NEW"),
        ({"verdict": "inconclusive", "reason_code": "other"}, "MISSING_NOTE"),
        (FINE | {"necessity": "perhaps"}, "UNKNOWN_NECESSITY"),
        (FINE | {"regularity": "perhaps"}, "UNKNOWN_REGULARITY"),
    ],
)
def test_words_that_do_not_fit_are_rejected_one_by_one(
    fill: Fill, own_run: Path, case_store: CaseStore, values: dict[str, object], reason: str
) -> None:
    assert reasons(fill(("leads", 2, values), ("leads", 3, FINE)), own_run, case_store) == [reason, "NEW"]


def test_a_lead_that_nobody_knows_is_told_apart_from_an_altered_one(
    fill: Fill, own_run: Path, case_store: CaseStore
) -> None:
    assert reasons(fill(("leads", 2, SPLIT | {"lead_id": "ffffffff"})), own_run, case_store) == ["UNKNOWN_LEAD"]


def test_equal_rows_count_once_and_contradicting_rows_not_at_all(
    fill: Fill, own_run: Path, case_store: CaseStore
) -> None:
    sheet = openpyxl.load_workbook(fill(("leads", 2, SPLIT)))["leads"]
    copy = {str(cell.value).split("\n")[-1]: sheet.cell(2, cell.column).value for cell in sheet[1]}
    assert reasons(fill(("leads", 2, SPLIT), ("leads", 3, copy)), own_run, case_store) == ["NEW", "DUPLICATE"]
    both = fill(("leads", 2, SPLIT), ("leads", 3, copy | FINE | {"note": None}))
    assert reasons(both, own_run, case_store) == ["DUPLICATE", "DUPLICATE"]


def _later_run(run: Path) -> None:
    """The next run: another rank and score for all; a finding of 0b5d77aa has become cheaper; one lead is gone."""
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    manifest["run_id"] = "later"
    (run / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    leads = pl.read_parquet(run / "leads.parquet").filter(pl.col("lead_id") != "ffee0011")
    leads.with_columns(score=pl.col("score") / 2, rank=5 - pl.col("rank")).write_parquet(run / "leads.parquet")
    findings = pl.read_parquet(run / "findings.parquet")
    is_first = pl.col("finding_id") == "f000000000000001"
    cheaper = pl.when(is_first).then(pl.col("amount_at_issue") / 2).otherwise(pl.col("amount_at_issue"))
    findings.with_columns(amount_at_issue=cheaper.cast(pl.Decimal(18, 2))).write_parquet(run / "findings.parquet")


def test_of_an_older_sheet_only_what_has_changed_is_stale(fill: Fill, own_run: Path, case_store: CaseStore) -> None:
    path = fill(*(("leads", row, FINE) for row in (2, 3, 4, 5)))
    ids = [row.row.key[0] for row in seen(path, own_run, case_store).rows]
    _later_run(own_run)
    assert dict(zip(ids, reasons(path, own_run, case_store), strict=True)) == {
        "7f3a9c01": "NEW", "a1c2d3e4": "NEW", "0b5d77aa": "STALE", "ffee0011": "STALE",
    }  # fmt: skip


def test_the_same_words_about_what_has_changed_since_are_a_new_verdict(
    fill: Fill, own_run: Path, case_store: CaseStore
) -> None:
    for row in (2, 3, 4, 5):
        confirm(seen(fill(("leads", row, FINE)), own_run, case_store), case_store, NOW)
    _later_run(own_run)
    sheet = seen(fill(*(("leads", row, FINE) for row in (2, 3, 4))), own_run, case_store)
    standings = {one.row.key[0]: one.standing.name for one in sheet.rows}
    assert standings == {"7f3a9c01": "UNCHANGED", "a1c2d3e4": "UNCHANGED", "0b5d77aa": "CHANGED"}


def test_a_lead_speaks_for_the_findings_that_rank_and_a_finding_for_itself(
    fill: Fill, own_run: Path, case_store: CaseStore
) -> None:
    sheet = openpyxl.load_workbook(fill(("leads", 2, SPLIT)))["findings"]
    where = {str(cell.value).split("\n")[-1]: cell.column for cell in sheet[1]}
    rows = {sheet.cell(row, where["finding_id"]).value: row for row in range(2, sheet.max_row + 1)}
    leads = openpyxl.load_workbook(fill(("leads", 2, SPLIT)))["leads"]
    row = next(number for number in range(2, 6) if leads.cell(number, 4).value == "0b5d77aa")
    confirmed = {"verdict": "substantiated", "reason_code": "usable_result_ignored"}
    path = fill(("leads", row, confirmed), ("findings", rows["f000000000000002"], FINE))
    confirm(seen(path, own_run, case_store), case_store, NOW)
    with case_store.reading() as connection:
        told = dict(verdict_rows(connection).select("finding_id", "outcome").rows())
    assert told["f000000000000001"] == "substantiated"
    assert told["f000000000000002"] == "unsubstantiated"
    assert "f000000000000003" not in told, "an exempt finding claims nothing"


def test_nothing_is_half_written(
    fill: Fill, own_run: Path, case_store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = seen(fill(("leads", 2, SPLIT), ("leads", 3, FINE)), own_run, case_store)

    # The last of its three tables is not there: what was written into the others before must go again.
    monkeypatch.setattr("reports.review.importing.VERDICT_FINDING", None)
    with pytest.raises(ArgumentError):
        confirm(first, case_store, NOW)
    assert verdicts(case_store) == 0
    with case_store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(SHEET_IMPORT)) == 0


def test_rows_that_nobody_touched_are_not_read(fill: Fill, own_run: Path, case_store: CaseStore) -> None:
    assert seen(fill(), own_run, case_store).rows == ()


def test_no_value_of_a_row_stands_in_its_repr(fill: Fill, own_run: Path, case_store: CaseStore) -> None:
    assert "病历证实" not in repr(seen(fill(("leads", 2, SPLIT)), own_run, case_store))


def test_a_file_that_unpacks_to_too_much_is_refused(
    fill: Fill, own_run: Path, case_store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.review.filled_sheet.UNPACKED_BYTES", 1000)
    with pytest.raises(InputError, match="unpacks to more"):
        seen(fill(("leads", 2, SPLIT)), own_run, case_store)


def test_what_is_no_workbook_of_ours_is_refused(run: Path, case_store: CaseStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        seen(tmp_path / "none.xlsx", run, case_store)
    (tmp_path / "text.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(InputError, match="this is no workbook"):
        seen(tmp_path / "text.xlsx", run, case_store)
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    with pytest.raises(InputError, match="no sheet of this workbook is one of our lists"):
        seen(tmp_path / "other.xlsx", run, case_store)


def test_an_exempt_finding_of_a_subject_without_a_lead_takes_no_verdict(
    fill: Fill, own_run: Path, case_store: CaseStore
) -> None:
    findings = pl.read_parquet(own_run / "findings.parquet")
    alone = pl.when(pl.col("finding_id") == "f000000000000003").then(pl.lit("P0009|HI001|2025"))
    findings.with_columns(subject_id=alone.otherwise("subject_id")).write_parquet(own_run / "findings.parquet")
    sheet = openpyxl.load_workbook(fill())["findings"]
    row = next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, 1).value is None)
    assert reasons(fill(("findings", row, FINE)), own_run, case_store) == ["NO_LEAD"]
