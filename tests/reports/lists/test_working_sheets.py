"""The workbook as inspectors use it: what may be filled in, what is locked, chosen, linked, printed and signed."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from reports.lists import export_leads
from reports.lists.content import contents_of
from reports.lists.working_columns import SEAL_COLUMNS, VERDICT_COLUMNS
from reports.run_folder import read_run

INPUTS = [column.name for column in VERDICT_COLUMNS]
SEALS = [column.name for column in SEAL_COLUMNS]


@pytest.fixture(scope="module", params=["leads", "findings"])
def sheet(request: pytest.FixtureRequest, rendered: Path) -> Worksheet:
    return openpyxl.load_workbook(rendered / "leads.xlsx")[request.param]


def columns(sheet: Worksheet) -> dict[str, str]:
    return {str(cell.value).split("\n")[-1]: cell.column_letter for cell in sheet[1]}


def test_only_the_verdict_cells_can_be_written(sheet: Worksheet) -> None:
    assert sheet.protection.sheet
    where = columns(sheet)
    for row in range(2, sheet.max_row + 1):
        unlocked = [name for name, letter in where.items() if not sheet[f"{letter}{row}"].protection.locked]
        assert unlocked == INPUTS


def test_verdicts_are_chosen_from_the_hidden_sheet(sheet: Worksheet) -> None:
    where = columns(sheet)
    offered = {str(one.sqref).split(":")[0].rstrip("0123456789"): one for one in sheet.data_validations.dataValidation}
    chosen = [name for name in INPUTS if name != "note"]
    assert set(offered) == {where[name] for name in chosen}
    assert all(re.fullmatch(r"lists!\$[A-E]\$2:\$[A-E]\$\d+", one.formula1) for one in offered.values())


def test_the_seal_of_each_row_is_hidden(sheet: Worksheet) -> None:
    where = columns(sheet)
    assert sheet.column_dimensions[where[SEALS[0]]].hidden
    for name in SEALS:
        assert all(sheet[f"{where[name]}{row}"].value for row in range(2, sheet.max_row + 1))


def test_it_prints_on_a4_with_the_header_on_every_page(sheet: Worksheet) -> None:
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.print_area.endswith(f"${columns(sheet)['note']}${sheet.max_row}")


def test_leads_link_to_their_pages_beside_the_workbook(rendered: Path) -> None:
    sheet = openpyxl.load_workbook(rendered / "leads.xlsx")["leads"]
    links = {cell.value: cell.hyperlink.target for row in sheet.iter_rows(min_row=2) for cell in row if cell.hyperlink}
    assert links["7f3a9c01"] == "report/leads/7f3a9c01.html"
    targets = links.values()
    assert all((rendered / target).exists() for target in targets)


def test_findings_link_to_their_place_on_the_page_of_their_lead(rendered: Path) -> None:
    sheet = openpyxl.load_workbook(rendered / "leads.xlsx")["findings"]
    links = [cell.hyperlink for row in sheet.iter_rows(min_row=2) for cell in row if cell.hyperlink]
    assert len(links) == sheet.max_row - 1
    for link in links:
        assert f'id="{link.location}"' in (rendered / str(link.target)).read_text(encoding="utf-8")


def test_an_exported_workbook_links_back_to_the_run(rendered: Path, tmp_path: Path) -> None:
    out = export_leads(rendered, "xlsx", tmp_path / "list.xlsx", b"a key")
    sheet = openpyxl.load_workbook(out)["leads"]
    targets = [link.hyperlink.target for row in sheet.iter_rows(min_row=2) for link in row if link.hyperlink]
    assert targets
    assert all((tmp_path / target).resolve().exists() for target in targets)


def test_another_key_gives_other_signatures_and_nothing_else(run: Path, tmp_path: Path) -> None:
    told = []
    for name, key in (("a", b"one"), ("b", b"other")):
        sheet = openpyxl.load_workbook(export_leads(run, "xlsx", tmp_path / f"{name}.xlsx", key))["leads"]
        where = columns(sheet)
        signed = [sheet[f"{where['signature']}{row}"].value for row in range(2, sheet.max_row + 1)]
        rest = [[c.value for c in row if c.column_letter != where["signature"]] for row in sheet.iter_rows()]
        told.append((signed, rest))
    assert not set(told[0][0]) & set(told[1][0])
    assert told[0][1] == told[1][1]


def test_no_part_of_the_workbook_names_this_machine(rendered: Path) -> None:
    with zipfile.ZipFile(rendered / "leads.xlsx") as parts:
        assert not [name for name in parts.namelist() if str(rendered).encode() in parts.read(name)]


def test_a_finding_that_changes_changes_what_its_lead_says(own_run: Path) -> None:
    before = contents_of(read_run(own_run))
    path = own_run / "findings.parquet"
    findings = pl.read_parquet(path)
    first = findings["finding_id"][0]
    is_first = pl.col("finding_id") == first
    changed = pl.when(is_first).then(pl.lit("emergency")).otherwise(pl.col("exemption_id"))
    findings.with_columns(exemption_id=changed).write_parquet(path)
    after = contents_of(read_run(own_run))
    assert {id_ for id_, said in before.findings.items() if after.findings[id_] != said} == {first}
    assert {id_ for id_, said in before.leads.items() if after.leads[id_] != said} == {before.lead_of[first]}


def test_parquet_keeps_types(run: Path, tmp_path: Path) -> None:
    leads = pl.read_parquet(export_leads(run, "parquet", tmp_path / "leads.parquet", b""))
    assert leads["rank"].to_list() == [1, 2, 3, 4]
    assert leads.schema["amount_at_issue"] == pl.Decimal(18, 2)
    assert leads.schema["detector_ids"] == pl.List(pl.String)
    assert leads.schema["last_occurred_at"] == pl.Datetime("us")


def test_the_platform_gets_results_in_its_own_shape(run: Path, tmp_path: Path) -> None:
    out = export_leads(run, "nhsa", tmp_path / "leads.json", b"")
    results = json.loads(out.read_text(encoding="utf-8"))["result"]
    by_id = {one["jr_id"]: one for one in results}
    assert "f000000000000003" not in by_id, "exempt findings are not told"
    one = by_id["f000000000000001"]
    assert (one["rule_id"], one["vola_amt"], one["sev_deg"]) == ("repeat.same_institution", 600.0, "2")
    assert one["vola_cont"].startswith(f"{one['rule_name']}：")
    assert {found["rule_name"][:2] for found in results} == {"疑似"}
    assert {(found["vola_amt"] > 0, found["vola_amt_stas"]) for found in results} <= {(True, "1"), (False, "0")}
    assert not [text for result in results for text in result.values() if "违规" in str(text)]
    details = [(d["jrd_id"], d["rx_id"], d["vola_item_type"], d["vola_amt"]) for d in one["judge_result_detail_dtos"]]
    assert details == [
        ("f000000000000001-1", "O-1009", "1", 600.0),
        ("f000000000000001-2", "O-1001", "2", 0.0),
    ]
