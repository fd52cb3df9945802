import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest

from reports.bundle import MANIFEST
from reports.pages import of_detectors
from reports.render import render_lead, render_run
from schemas.errors import IntegrityError, UsageError

HOSTILE = "<script>alert(1)</script>"
LEADS = ("7f3a9c01", "a1c2d3e4", "0b5d77aa", "ffee0011")


def _page(run: Path, name: str) -> str:
    return (run / "report" / name).read_text(encoding="utf-8")


def _visible(html: str) -> str:
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html))


def test_every_lead_has_a_page_in_order_of_rank(own_run: Path) -> None:
    seen: list[tuple[int, int]] = []
    assert render_run(own_run, on_lead=lambda done, total: seen.append((done, total))) == LEADS
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert {path.stem for path in (own_run / "report/leads").iterdir()} == set(LEADS)


def test_only_the_top_is_rendered_and_old_pages_go(own_run: Path) -> None:
    render_run(own_run)
    assert render_run(own_run, top=1) == LEADS[:1]
    assert [path.name for path in (own_run / "report/leads").iterdir()] == ["7f3a9c01.html"]
    assert "leads/a1c2d3e4.html" not in _page(own_run, "index.html")


def test_one_lead_can_be_rendered_later(own_run: Path) -> None:
    render_run(own_run, top=1)
    path = render_lead(own_run, "ffee0011")
    assert path == own_run / "report/leads/ffee0011.html"
    assert "leads/ffee0011.html" in (own_run / "report" / MANIFEST).read_text()


def test_a_single_file_needs_nothing_beside_it(own_run: Path) -> None:
    html = render_lead(own_run, "0b5d77aa", single_file=True).read_text(encoding="utf-8")
    assert not re.search(r'<(script|link)[^>]+(src|href)="', html)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)
    assert policy is not None
    assert policy[1].count("sha256-") == 2
    assert "unsafe-eval" not in policy[1]


def test_no_page_lets_data_become_markup(rendered: Path) -> None:
    for path in (rendered / "report").rglob("*.html"):
        assert HOSTILE not in path.read_text(encoding="utf-8"), path.name
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in _page(rendered, "leads/0b5d77aa.html")


def test_every_page_forbids_eval_and_other_sources(rendered: Path) -> None:
    for path in (rendered / "report").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "default-src &#39;none&#39;" in html, path.name
        assert "unsafe-eval" not in html
        assert not re.search(r"https?://", html), path.name
        assert not re.search(r"\son[a-z]+=", html), path.name


def test_no_page_accuses_before_a_verdict(rendered: Path) -> None:
    for path in (rendered / "report").rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        assert "违规" not in html
    assert "疑似重复检查" in _page(rendered, "leads/0b5d77aa.html")
    assert "Indicators consistent with: repeat examination" in _page(rendered, "leads/0b5d77aa.html")


def test_rendering_twice_gives_equal_bytes(own_run: Path) -> None:
    manifests = []
    for _ in range(2):
        render_run(own_run)
        manifests.append((own_run / "report" / MANIFEST).read_text())
    assert manifests[0] == manifests[1]


def test_the_manifest_holds_the_hash_of_every_file(rendered: Path) -> None:
    report = rendered / "report"
    lines = (report / MANIFEST).read_text(encoding="utf-8").splitlines()
    listed = dict(reversed(line.split("  ", 1)) for line in lines)
    files = {path.relative_to(report).as_posix() for path in report.rglob("*") if path.is_file()} - {MANIFEST}
    assert set(listed) == files
    assert {"assets/style.css", "assets/page.js", "assets/plotly.min.js", "index.html", "quality.html"} <= files
    for name, digest in listed.items():
        assert hashlib.sha256((report / name).read_bytes()).hexdigest() == digest


def test_a_patient_page_stands_in_the_order_of_the_wireframe(rendered: Path) -> None:
    html = _page(rendered, "leads/0b5d77aa.html")
    order = ["What happened", "Why it may be justified", "Why it was flagged", "Lines of evidence", "How it was found",
             "Why this rank", "Related leads", "Run manifest", "Quality of the data it rests on"]  # fmt: skip
    places = [html.index(f">{words}") for words in order]
    assert places == sorted(places)


def test_a_patient_page_says_n_of_n_and_leads_back_to_the_extract(rendered: Path) -> None:
    text = _visible(_page(rendered, "leads/0b5d77aa.html"))
    assert "3 of 236 examined in 2025-03 (1.3\u202f%); 1 of them exempt." in text
    assert "extract/claim_line.csv" in text
    assert "chest CT" in text or "Chest CT" in text


def test_exempt_findings_come_last_and_are_marked(rendered: Path) -> None:
    html = _page(rendered, "leads/0b5d77aa.html")
    ids = re.findall(r'id="finding-(\w+)"', html)
    assert ids == ["f000000000000001", "f000000000000002", "f000000000000003"]
    assert "Exempt:" in html[html.index(f'id="finding-{ids[2]}"') :]
    assert "Exempt:" not in html[: html.index(f'id="finding-{ids[2]}"')]


def test_a_practitioner_page_shows_the_funnel_and_its_counter_evidence(rendered: Path) -> None:
    text = _visible(_page(rendered, "leads/a1c2d3e4.html"))
    for words in ("Among peers", "By quarter", "By item family", "Case mix", "rolled up:", "Without the patient"):
        assert words in text
    assert "Positive rate 21.9\u202f% (88 of 401); peers 45.6\u202f% (5\u202f120 of 11\u202f240)." in text
    assert "What happened" not in text


def test_a_practitioner_page_shows_a_sample_of_orders_with_the_rule_of_the_lot(rendered: Path) -> None:
    html = _page(rendered, "leads/a1c2d3e4.html")
    text = _visible(html[html.index('id="orders"') :])
    for words in ("MD5", "2 of 221 orders", "1 of 131 orders", "O-4410", "extract/claim_line.csv · 9041"):
        assert words in text
    assert 'id="orders"' not in _page(rendered, "leads/7f3a9c01.html")


def test_a_run_of_before_orders_were_drawn_still_has_its_doctor_s_page(own_run: Path) -> None:
    (own_run / "evidence/orders.parquet").unlink()
    assert 'id="orders"' not in render_lead(own_run, "a1c2d3e4").read_text(encoding="utf-8")


def test_a_shared_page_masks_the_orders_drawn(own_run: Path) -> None:
    text = render_lead(own_run, "a1c2d3e4", is_shared=True).read_text(encoding="utf-8")
    assert "2 of 221 orders" in _visible(text)
    assert not [one for one in ("O-4410", "P0044", "P0051", "L-7001", "D017") if one in text]


def test_codes_are_told_in_words(rendered: Path) -> None:
    doctor = _visible(_page(rendered, "leads/a1c2d3e4.html"))
    assert "三级 × 呼吸内科 × 门诊" in doctor
    assert "tertiary × respiratory medicine × out-patient" in doctor
    assert "lipid_panel" not in doctor
    assert "心内一科（03.04）" in _visible(_page(rendered, "leads/7f3a9c01.html"))
    assert '{"en":"full blood count","zh":"血常规"}' in _page(rendered, "leads/0b5d77aa.html").replace('": "', '":"')


def test_a_run_of_before_names_shows_its_codes(own_run: Path) -> None:
    (own_run / "evidence/names.parquet").unlink()
    render_run(own_run)
    assert "三级 × 03.01 × 门诊" in _visible(_page(own_run, "leads/a1c2d3e4.html"))


def test_the_index_says_what_could_not_run(rendered: Path) -> None:
    text = _visible(_page(rendered, "index.html"))
    assert "it runs once the extract holds the file recognition_items" in text
    assert "4 leads from 6 findings, of which 1 are explained" in text


def test_the_index_never_adds_overlapping_money(rendered: Path) -> None:
    text = _visible(_page(rendered, "index.html"))
    assert "¥13\u202f165.50" in text
    assert "a further ¥48\u202f210.00 about doctors, departments or institutions overlaps and is not added" in text


def test_the_quality_page_accounts_for_every_row(rendered: Path) -> None:
    text = _visible(_page(rendered, "quality.html"))
    assert "adds up" in text
    assert "does not add up" not in text
    assert "ordered_at is no date × 12" in text


def test_a_file_that_does_not_add_up_is_said_so(own_run: Path) -> None:
    path = own_run / "quality.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    report["files"][0]["accepted"] -= 1
    path.write_text(json.dumps(report), encoding="utf-8")
    render_run(own_run, top=0)
    assert "does not add up" in _page(own_run, "quality.html")


def test_an_unknown_lead_is_a_usage_error(run: Path) -> None:
    with pytest.raises(UsageError, match="no such lead"):
        render_lead(run, "../../etc")


def test_a_lead_id_that_is_a_path_is_refused(own_run: Path) -> None:
    leads = pl.read_parquet(own_run / "leads.parquet").with_columns(lead_id=pl.lit("../x"))
    leads.write_parquet(own_run / "leads.parquet")
    with pytest.raises(IntegrityError, match="no plain name"):
        render_run(own_run)


@pytest.mark.parametrize("name", ["leads.parquet", "cards.json", "evidence/lines.parquet", "quality.json"])
def test_a_missing_file_is_named(own_run: Path, name: str) -> None:
    (own_run / name).unlink()
    with pytest.raises(UsageError, match=re.escape(name)):
        render_run(own_run)


def test_a_finding_without_its_card_is_an_integrity_error(own_run: Path) -> None:
    (own_run / "cards.json").write_text("[]", encoding="utf-8")
    with pytest.raises(IntegrityError, match="no card"):
        render_run(own_run)


def test_a_run_without_leads_still_has_a_report(own_run: Path) -> None:
    for name in ("leads", "findings", "denominators"):
        frame = pl.read_parquet(own_run / f"{name}.parquet").clear()
        frame.write_parquet(own_run / f"{name}.parquet")
    assert render_run(own_run) == ()
    assert "No leads." in _page(own_run, "index.html")


def test_a_page_lists_the_settings_of_its_own_detectors_alone() -> None:
    settings = {"repeat.same_institution.a": "1", "repeat.panel_overlap.b": "2", "engine": "duckdb"}
    assert [key for key, _ in of_detectors(settings, ("repeat.panel_overlap",))] == ["engine", "repeat.panel_overlap.b"]
    assert len(of_detectors(settings, ())) == 3


def without(path: Path, *columns: str) -> None:
    """A file of a run as it was before these columns were added."""
    pl.read_parquet(path).drop(columns).write_parquet(path)


def test_a_run_of_before_a_column_was_added_can_still_be_read(own_run: Path) -> None:
    without(own_run / "leads.parquet", "included_count", "included_amount")
    without(own_run / "evidence" / "events.parquet", "body_part")
    assert render_lead(own_run, "7f3a9c01").exists()


def test_a_run_that_lacks_what_every_page_needs_is_told(own_run: Path) -> None:
    without(own_run / "evidence" / "events.parquet", "event_id")
    with pytest.raises(IntegrityError, match="got: no event_id; allowed: a run of this version"):
        render_lead(own_run, "7f3a9c01")
