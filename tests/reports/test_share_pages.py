"""The page of a department among its peers: figure, table, names, both languages, wide and narrow, on paper."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import polars as pl
import pytest
from loaded import loaded
from playwright.sync_api import Page

from reports.charts import in_language, share_funnel
from reports.charts.share_funnel import share_limit
from reports.lists.rows import lead_records
from reports.render import render_run
from reports.run_folder import read_run

ADDER = loaded(Path(__file__).with_name("share_lead.py"))
EVIDENCE = {
    "subject": "department",
    "observed": 36,
    "trials": 60,
    "share_funnel": {"trials": [40, 80, 200], "share": [0.1, 0.2, 0.25], "target": 0.2, "phi": 1.4, "tau2": 0.004},
}


@pytest.fixture
def page(own_run: Path) -> Path:
    """The evidence page of a department of the first institution of the sample run."""
    institution_id = pl.read_parquet(own_run / "evidence" / "institutions.parquet")["institution_id"][0]
    lead_id = ADDER.add_share_lead(own_run, institution_id)
    render_run(own_run)
    return own_run / "report" / "leads" / f"{lead_id}.html"


def test_the_limit_of_a_share_is_drawn_at_its_own_z() -> None:
    assert share_limit(100, 0.2, 0.0, 0.01) == pytest.approx(0.2)
    assert share_limit(100, 0.5, 1.96, 0.0) == pytest.approx(0.597, abs=0.001)
    assert share_limit(1, 0.5, 9.0, 0.0) == 1.0
    assert share_limit(1, 0.5, -9.0, 0.0) == 0.0


def test_the_figure_is_valid_in_both_languages_and_names_no_peer() -> None:
    drawn = share_funnel(EVIDENCE)
    assert drawn is not None
    for language in ("en", "zh"):
        told = in_language(drawn, language)
        figure = go.Figure(data=told["data"], layout=told["layout"])
        assert len(figure.data) == 6
    assert "this department" in str(drawn)
    assert share_funnel({"observed": 3, "trials": 0}) is None


def test_the_page_names_the_department_and_tells_its_share_and_its_peers(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert "K05" in text
    assert "疑似" in text
    assert "80.0" in text
    assert "(share.share)" not in text
    assert "P17" not in text


def test_lists_name_the_subject(page: Path) -> None:
    run = read_run(page.parents[2])
    record = next(one for one in lead_records(run) if one["subject_type"] == "department")
    assert "K05" in str(record["subject_name"])
    assert "K05" in (page.parents[1] / "index.html").read_text(encoding="utf-8")


def test_a_change_of_ones_own_is_told_by_quarter_without_peers(own_run: Path) -> None:
    institution_id = pl.read_parquet(own_run / "evidence" / "institutions.parquet")["institution_id"][0]
    lead_id = ADDER.add_trend_lead(own_run, institution_id)
    render_run(own_run)
    text = (own_run / "report" / "leads" / f"{lead_id}.html").read_text(encoding="utf-8")
    assert "2025.07" in text
    assert all(quarter in text for quarter in ("2025Q1", "2025Q4"))
    assert "疑似" in text


@pytest.mark.browser
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_fits_the_screen_and_the_paper(
    page: Path, width: int, opened: Callable[..., tuple[Page, list[str]]]
) -> None:
    shown, troubles = opened(page, width=width)
    assert shown.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert shown.locator(".js-plotly-plot .main-svg").count() > 0
    assert shown.pdf().startswith(b"%PDF")
    assert troubles == []
