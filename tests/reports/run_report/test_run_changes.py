import re
from pathlib import Path

import pytest

from reports.figures import signed
from reports.render import render_run
from reports.run_folder import read_run
from reports.run_report.changes import Changes, changes_since, read_earlier
from schemas.errors import IntegrityError, UsageError


@pytest.fixture(scope="module")
def changes(run: Path, earlier_run: Path) -> Changes:
    return changes_since(read_run(run), read_earlier(earlier_run), {"a1c2d3e4", "0b5d77aa"})


def test_leads_that_came_went_or_changed_are_told_by_lead_id(changes: Changes) -> None:
    told = {kind.key: [(one.lead_id, one.href) for one in kind.shown] for kind in changes.leads}
    assert told == {
        "new": [("a1c2d3e4", "leads/a1c2d3e4.html")],
        "grown": [],
        "changed": [("0b5d77aa", "leads/0b5d77aa.html")],
        "withdrawn": [("dead0001", "../../e0/report/leads/dead0001.html")],
    }
    assert changes.unchanged == 2


def test_findings_of_a_changed_lead_are_added_removed_or_altered(changes: Changes) -> None:
    (lead,) = next(kind.shown for kind in changes.leads if kind.key == "changed")
    assert (lead.change.added, lead.change.removed, lead.change.altered) == (1, 1, 2)


def test_why_a_finding_differs_is_told(changes: Changes) -> None:
    told = {one.lead_id: one.change.causes for kind in changes.leads for one in kind.shown}
    assert told["0b5d77aa"] == (("exempted", 1), ("amount", 1), ("data", 2))
    assert told["a1c2d3e4"] == (("later", 1),)


def test_a_detector_that_did_not_run_before_has_no_difference(changes: Changes) -> None:
    told = {one.title.en: (one.before, one.now, one.difference) for one in changes.detectors}
    assert (None, 1, None) in told.values()
    assert (4, 3, -1) in told.values()
    assert (1, 1, 0) in told.values()


def test_what_differs_in_what_went_in_is_named(changes: Changes) -> None:
    assert changes.previous_id == "e0"
    assert (changes.inputs.en, changes.inputs.zh) == ("data, as-of date", "数据批次、截至日期")


def test_a_run_compared_with_itself_has_not_changed(run: Path) -> None:
    same = changes_since(read_run(run), read_earlier(run), ())
    assert [kind.count for kind in same.leads] == [0, 0, 0, 0]
    assert same.unchanged == 4
    assert same.inputs.en == ""
    assert all(one.difference == 0 for one in same.detectors)


def test_the_index_shows_the_change_between_headline_and_matrix(rendered: Path) -> None:
    html = (rendered / "report/index.html").read_text(encoding="utf-8")
    places = [html.index(f'aria-labelledby="{name}"') for name in ("changes", "matrix", "leads", "detectors")]
    assert places == sorted(places)
    assert 'href="../../e0/report/index.html"' in html
    for lead_id in ("a1c2d3e4", "dead0001", "0b5d77aa"):
        assert f"<code>{lead_id}</code>" in html
    for target in re.findall(r'href="((?:\.\./\.\./e0|leads)/[^"]+leads?/[^"]+|leads/[^"]+)"', html):
        assert (rendered / "report" / target).resolve().is_file(), target


def test_the_first_run_says_so(own_run: Path) -> None:
    render_run(own_run, top=0)
    assert "First run of this workspace." in (own_run / "report/index.html").read_text(encoding="utf-8")


def test_a_run_before_that_is_no_run_is_refused(own_run: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="run before"):
        render_run(own_run, previous=tmp_path)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "manifest.json").write_text("{}", encoding="utf-8")
    with pytest.raises(IntegrityError, match="does not have its shape"):
        read_earlier(broken)


def test_differences_are_signed() -> None:
    assert [signed(n) for n in (3, -2, 0, None)] == ["+3", "−2", "0", "–"]
