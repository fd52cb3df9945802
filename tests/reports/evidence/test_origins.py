"""Each entry of a patient's record leads back to the rows of the extracts that it is read from."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from reports.evidence.origins import Origins, places
from reports.rows import Happening, Origin
from reports.sharing.masking import masked, masks_of

AT = datetime.fromisoformat("2025-03-05T10:20")


def origin(record_id: str, table: str, row: int, code: str | None = None) -> Origin:
    return Origin("P1", record_id, table, code, "b1", f"{table}.csv", row)


ROWS = (
    origin("O1", "exam_result", 7),
    origin("O1", "exam_result", 8),
    origin("O1", "exam_result", 11),
    origin("O1", "claim_line", 40),
    origin("O1", "exam_order", 3),
    origin("O1", "consent", 2),
    origin("E1", "encounter", 20),
    origin("E1", "encounter", 21),
    origin("E1", "diagnosis", 30, "i10"),
    origin("E1", "diagnosis", 31, "J18.9"),
    origin("E1", "procedure", 50, "34.04"),
    origin("L9", "claim_line", 41),
)
ORIGINS = Origins(ROWS)


def told(kind: str, event_id: str | None, detail: str | None = None) -> list[tuple[str, int]]:
    happening = Happening("P1", AT, True, kind, detail, event_id)
    return [(row.table_name, row.source_row) for row in ORIGINS.of_happening(happening)]


def test_an_examination_leads_to_its_order_charges_and_reports() -> None:
    assert places(ORIGINS.of_examination("O1")) == (
        ("exam_order.csv", "3"),
        ("claim_line.csv", "40"),
        ("exam_result.csv", "7–8, 11"),
    )
    assert places(ORIGINS.of_examination("L9")) == (("claim_line.csv", "41"),)
    assert places(ORIGINS.of_examination("unknown")) == ()


def test_a_stay_leads_to_all_its_encounters() -> None:
    assert places(ORIGINS.of_stay("E1")) == (("encounter.csv", "20–21"),)


@pytest.mark.parametrize(
    ("kind", "event_id", "detail", "rows"),
    [
        ("new_diagnosis", "E1", "I10", [("diagnosis", 30)]),
        ("new_diagnosis", "E1", "K29.5", [("encounter", 20), ("encounter", 21)]),
        ("operation", "E1", "34.04", [("procedure", 50)]),
        ("consent", "O1", "CT", [("consent", 2)]),
        ("not_shareable", "O1", "", [("exam_result", 7), ("exam_result", 8), ("exam_result", 11)]),
        ("claimed_reason", "O1", "4", [("exam_order", 3)]),
        ("external", "L9", "HI2", [("claim_line", 41)]),
        ("died", "E1", "", [("encounter", 20), ("encounter", 21)]),
        ("died", None, None, []),
    ],
)
def test_a_happening_leads_to_the_rows_that_tell_it(
    kind: str, event_id: str | None, detail: str | None, rows: list[tuple[str, int]]
) -> None:
    assert told(kind, event_id, detail) == rows


def test_every_row_of_a_page_names_its_source_and_a_run_of_before_is_read_without(run: Path, own_run: Path) -> None:
    from reports.evidence.view import Lookups, evidence_page
    from reports.run_folder import bundles, read_run

    (own_run / "evidence/sources.parquet").unlink()
    for folder, is_told in ((run, True), (own_run, False)):
        read = read_run(folder)
        bundle = next(one for one in bundles(read, read.leads) if one.lead.lead_id == "0b5d77aa")
        page = evidence_page(read, bundle, Lookups(read, frozenset()))
        assert page.record
        assert [entry.record_id for entry in page.record if bool(entry.places) != is_told] == []
        assert any(source.source_file.endswith("encounter.csv") for source in page.sources) == is_told
        assert masked(read, bundle, masks_of(bundle))[1].origins == tuple(
            masks_of(bundle).row(row) for row in bundle.origins
        )
