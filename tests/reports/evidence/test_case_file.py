"""What a page tells of review, law and money: only what is recorded, held and charged."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reports.evidence.money import counted_files, hashes_of, money_of, sources_of, sum_of
from reports.evidence.review import Reviews
from reports.evidence.view import Lookups, evidence_page
from reports.render import render_run
from reports.rows import Lead, Review, rows_of
from reports.run_folder import Bundle, Run, bundles, read_run
from schemas.card import Text
from schemas.errors import IntegrityError
from schemas.review_snapshot import REVIEW_SCHEMA

LEAD_ID = "0b5d77aa"


@pytest.fixture(scope="module")
def read(run: Path) -> Run:
    return read_run(run)


@pytest.fixture(scope="module")
def bundle(read: Run) -> Bundle:
    return next(one for one in bundles(read, read.leads) if one.lead.lead_id == LEAD_ID)


def told(lead: Lead, **values: Any) -> dict[str, Any]:
    """A row of reviews.parquet about a lead; what is not told is null."""
    own = {"kind": "verdict", "subject_type": lead.subject_type, "subject_id": lead.subject_id, "lead_id": lead.lead_id}
    return dict.fromkeys(REVIEW_SCHEMA.names) | own | values


def review(lead: Lead, **values: Any) -> Review:
    return Review(**told(lead, **values))


def test_a_lead_without_reviews_is_not_yet_reviewed(bundle: Bundle) -> None:
    file = Reviews(()).of(bundle.lead)
    assert (file.state.en, file.chain_head) == ("not yet reviewed", None)
    assert (file.verdicts, file.replies, file.ledger, file.earlier) == ((), (), (), ())


def test_a_verdict_on_one_finding_does_not_hide_that_on_the_lead(bundle: Bundle) -> None:
    rows = (
        review(bundle.lead, verdict="substantiated"),
        review(bundle.lead, verdict="needs_records", finding_id="f000000000000001"),
    )
    assert Reviews(rows).of(bundle.lead).state.en == "substantiated"
    assert Reviews(rows[1:]).of(bundle.lead).state.en == "needs records"


def test_the_newest_verdict_is_the_state_and_other_years_of_the_patient_are_earlier_cases(bundle: Bundle) -> None:
    lead = bundle.lead
    patient = lead.subject_id.partition("|")[0]
    other = replace(lead, lead_id="before", subject_id=f"{patient}|HI009|2023")
    rows = (
        review(other, kind="ledger", entry_id="L-1", chain_head="9c1e"),
        review(lead, verdict="needs_records", stage="first_review", chain_head="9c1e"),
        review(lead, kind="reply", note="我院说明", chain_head="9c1e"),
        review(lead, verdict="justified", stage="second_review", chain_head="9c1e"),
        review(replace(lead, lead_id="x", subject_id="another|HI009|2023"), kind="ledger", chain_head="9c1e"),
    )
    file = Reviews(rows).of(lead)
    assert file.state == Text(en="justified (second review)", zh="合理（复审）")
    assert [row.note for row in file.replies] == ["我院说明"]
    assert [row.entry_id for row in file.earlier] == ["L-1"]
    assert file.chain_head == "9c1e"


def test_reviews_of_the_run_folder_stand_on_the_page(own_run: Path) -> None:
    lead = rows_of(Lead, read_run(own_run).leads)[0]
    rows = [
        told(
            lead,
            verdict="substantiated",
            reviewed_at=datetime.fromisoformat("2026-01-05T09:00"),
            note="<b>记录在案</b>",
            chain_head="9c1e",
        ),
        told(lead, kind="ledger", entry_id="TZ-7", amount=Decimal("600.00"), chain_head="9c1e"),
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=REVIEW_SCHEMA), own_run / "reviews.parquet")
    render_run(own_run)
    text = (own_run / "report/leads" / f"{lead.lead_id}.html").read_text(encoding="utf-8")
    assert all(words in text for words in ("属实", "TZ-7", "9c1e", "&lt;b&gt;记录在案&lt;/b&gt;"))
    assert "尚未审核" not in text


def test_reviews_without_a_column_are_refused(own_run: Path) -> None:
    pq.write_table(pa.table({"lead_id": ["x"]}), own_run / "reviews.parquet")
    with pytest.raises(IntegrityError, match="a column of the reviews is missing"):
        read_run(own_run)


def test_money_is_told_by_finding_and_a_reversal_is_not_counted_twice(bundle: Bundle) -> None:
    lines = [line for line in bundle.lines if line.event_id == bundle.findings[0].flagged_event_id]
    charged = next(line for line in lines if line.net_amount is not None)
    back = replace(charged, row_id="back", amount=Decimal("-1.00"), reversed_amount=None, net_amount=None)
    assert sum_of([*lines, *lines, back]) == sum_of(lines)
    assert sum_of([]).net is None
    money = money_of(bundle.lead, [(finding, Text(en="a", zh="甲"), sum_of(lines)) for finding in bundle.findings])
    assert len(money.rows) == sum(finding.exemption_id is None for finding in bundle.findings)
    assert money.net == bundle.lead.amount_at_issue


def test_sources_name_each_file_once_with_its_hash(read: Run, bundle: Bundle) -> None:
    sources = sources_of([*bundle.lines, *bundle.lines], hashes_of(read.quality))
    assert [source.source_file for source in sources] == sorted({line.source_file for line in bundle.lines})
    assert sum(source.rows for source in sources) == len({(line.source_file, line.source_row) for line in bundle.lines})


def test_a_lead_without_lines_names_every_file_that_was_counted(read: Run) -> None:
    files = counted_files(read.quality)
    assert [file.source_file for file in files] == sorted(one.source_file for one in read.quality.files if one.accepted)
    assert sum(file.rows for file in files) == sum(one.accepted for one in read.quality.files)
    assert all(file.content_sha256 and file.batch_id is None for file in files)


def test_an_exemption_that_a_reviewer_names_is_told_in_words_whichever_detector_tests_it(run: Path) -> None:
    read = read_run(run)
    doctor = next(one for one in bundles(read, read.leads) if one.lead.subject_type == "practitioner")
    page = evidence_page(read, doctor, Lookups(read, frozenset()))
    assert page.exemption_title("planned_readmission").en == "Planned readmission"
    assert page.exemption_title("unheard of").zh == "unheard of"


def test_an_exemption_that_no_rule_of_the_lead_tests_is_told_as_the_reviewer_s_own(own_run: Path) -> None:
    lead = next(one for one in rows_of(Lead, read_run(own_run).leads) if one.lead_id == LEAD_ID)
    common = {"verdict": "justified", "reason_code": "exemption_holds", "chain_head": "9c1e"}
    pages = {}
    for named in ("emergency", "planned_readmission"):
        rows = [told(lead, reviewed_at=datetime.fromisoformat("2026-01-05T09:00"), exemption_id=named, **common)]
        pq.write_table(pa.Table.from_pylist(rows, schema=REVIEW_SCHEMA), own_run / "reviews.parquet")
        render_run(own_run)
        pages[named] = (own_run / "report/leads" / f"{LEAD_ID}.html").read_text(encoding="utf-8")
    assert "由审核人指出" in pages["planned_readmission"]
    assert "由审核人指出" not in pages["emergency"]
