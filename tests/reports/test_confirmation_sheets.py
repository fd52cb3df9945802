"""Fact confirmation sheets: facts with their sources, room to contradict, and never a judgement."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest

from reports.render import print_page, render_lead, render_run
from schemas.errors import UsageError


def sheet(run: Path, name: str) -> str:
    return (run / "report/confirmations" / f"{name}.html").read_text(encoding="utf-8")


def texts_of(run: Path, names: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (run / "report/confirmations").glob(f"{names}.html")]


def findings_of(run: Path, lead_id: str) -> pl.DataFrame:
    lead = pl.read_parquet(run / "leads.parquet").filter(pl.col("lead_id") == lead_id)
    keys = ["subject_type", "subject_id"]
    return pl.read_parquet(run / "findings.parquet").join(lead.select(keys), on=keys, how="semi")


def open_leads(run: Path) -> list[str]:
    leads = pl.read_parquet(run / "leads.parquet")
    return leads.filter(pl.col("finding_count") > pl.col("exempt_count"))["lead_id"].sort().to_list()


def test_each_lead_with_an_open_finding_has_a_sheet_and_an_exempt_one_has_none(rendered: Path) -> None:
    sheets = {path.stem for path in (rendered / "report/confirmations").glob("*.html")}
    assert sorted(name for name in sheets if not name.startswith("institution-")) == open_leads(rendered)


def test_every_line_that_a_fact_rests_on_is_named_with_its_source(rendered: Path) -> None:
    lines = pl.read_parquet(rendered / "evidence/lines.parquet")
    seen = 0
    for lead_id in open_leads(rendered):
        text = sheet(rendered, lead_id)
        asked = findings_of(rendered, lead_id).filter(pl.col("exemption_id").is_null())
        ids = {*asked["index_event_id"].drop_nulls(), *asked["flagged_event_id"].drop_nulls()}
        for line in lines.filter(pl.col("event_id").is_in(ids)).iter_rows(named=True):
            assert f"({line['source_file']} · {line['source_row']})" in text
            seen += 1
    assert seen > 3


def test_an_exempt_finding_is_not_asked_about(rendered: Path) -> None:
    for lead_id in open_leads(rendered):
        text = sheet(rendered, lead_id)
        asked = findings_of(rendered, lead_id).filter(pl.col("exemption_id").is_null()).height
        assert text.count('class="answer"') == asked


def test_a_sheet_has_room_to_contradict_and_to_sign_and_accuses_nobody(rendered: Path) -> None:
    paths = list((rendered / "report/confirmations").glob("*.html"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        assert "违规" not in text
        assert "不属实" in text
        assert 'class="writing"' in text
        number = re.search(r"<title>[^<]*· ([\w-]+)</title>", text)
        assert number is not None
        assert f'content: "{number[1]}"' in text, "each printed sheet bears the number"
        assert text.count('<th scope="row">') == 4


def test_an_institutions_sheet_lists_its_leads_and_links_those_that_have_a_sheet(rendered: Path) -> None:
    leads = pl.read_parquet(rendered / "leads.parquet").filter(pl.col("finding_count") > pl.col("exempt_count"))
    listed: list[str] = []
    for path in (rendered / "report/confirmations").glob("institution-*.html"):
        text = path.read_text(encoding="utf-8")
        links = re.findall(r'href="([0-9a-z]+)\.html"', text)
        assert all((path.parent / f"{link}.html").is_file() for link in links)
        listed += links
    assert sorted(listed) == leads.filter(pl.col("institution_id").is_not_null())["lead_id"].sort().to_list()


def test_a_sheet_about_a_period_names_all_of_it_and_one_about_a_day_names_it_once(own_run: Path) -> None:
    findings = pl.read_parquet(own_run / "findings.parquet")
    over_a_year = pl.col("evidence").str.replace("{", '{"period": "2025Q1-2025Q4", ', literal=True)
    told = pl.when(pl.col("subject_type") == "practitioner").then(over_a_year).otherwise("evidence")
    findings.with_columns(told.alias("evidence")).write_parquet(own_run / "findings.parquet")
    render_run(own_run)
    assert "2025-01-01 – 2025-12-31" in sheet(own_run, "a1c2d3e4")
    assert any("2025-01-01 –" in text for text in texts_of(own_run, "institution-*"))
    assert not re.search(r"(\d{4}-\d\d-\d\d) – \1", "".join(texts_of(own_run, "*")))


def test_a_lead_beyond_the_top_gets_its_sheet_with_its_page(own_run: Path) -> None:
    render_lead(own_run, "0b5d77aa")
    assert "0b5d77aa" in sheet(own_run, "0b5d77aa")
    assert "confirmations/0b5d77aa.html" in (own_run / "report/MANIFEST.sha256").read_text(encoding="utf-8")


@pytest.mark.browser
def test_a_page_is_printed_to_pdf_and_the_list_of_hashes_names_it(own_run: Path) -> None:
    made = print_page(own_run, render_lead(own_run, "0b5d77aa"))
    assert made.read_bytes().startswith(b"%PDF")
    assert "leads/0b5d77aa.pdf" in (own_run / "report/MANIFEST.sha256").read_text(encoding="utf-8")


def test_without_a_browser_it_is_said_what_would_help(own_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAM_AUDIT_BROWSER", "no-such-browser")
    with pytest.raises(UsageError, match="no browser") as raised:
        print_page(own_run, render_lead(own_run, "0b5d77aa"))
    assert "EXAM_AUDIT_BROWSER" in str(raised.value)
