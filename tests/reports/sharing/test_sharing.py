"""What leaves the house: no person, no record, no small number; and an archive that is the same each time."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import polars as pl
import pytest

from reports.render import render_lead
from reports.run_folder import bundles, read_run
from reports.sharing.drawn import write_archive, write_shared_summary
from reports.sharing.masking import Masks, masks_of
from schemas.errors import IntegrityError, UsageError

LEADS = ("7f3a9c01", "a1c2d3e4", "0b5d77aa", "ffee0011")


@pytest.mark.parametrize("lead_id", LEADS)
def test_no_person_and_no_record_stands_on_a_shared_page(own_run: Path, lead_id: str) -> None:
    html = render_lead(own_run, lead_id, is_shared=True).read_text(encoding="utf-8")
    run = read_run(own_run)
    bundle = next(bundles(run, run.leads.filter(pl.col("lead_id") == lead_id)))
    ids = {one.patient_id for one in bundle.findings} | {one.practitioner_id for one in bundle.findings}
    ids |= {one.event_id for one in bundle.events} | {one.row_id for one in bundle.lines}
    ids |= {one.stay_id for one in bundle.stays}
    assert ids - {None}
    for one in ids - {None}:
        assert not re.search(f"(?<![0-9A-Za-z]){re.escape(str(one))}(?![0-9A-Za-z])", html)


def test_a_shared_page_tells_the_same_story_under_labels(own_run: Path) -> None:
    plain = render_lead(own_run, "0b5d77aa", single_file=True).read_text(encoding="utf-8")
    shared = render_lead(own_run, "0b5d77aa", is_shared=True).read_text(encoding="utf-8")
    assert shared.count('class="finding') == plain.count('class="finding')
    assert "P#1" in shared
    assert "R#1" in shared
    assert "P#1" not in plain


def test_an_id_in_a_sentence_is_masked_too_and_equal_ids_have_equal_labels() -> None:
    masks = Masks({"E-1001": "V#1", "E-10": "V#2", "7": "D#1"})
    assert masks.value("E-1001 after E-10, 7 days") == "V#1 after V#2, 7 days"
    assert masks.value({"index_encounter_id": "E-10", "days": 7, "doctor": "7"}) == {
        "index_encounter_id": "V#2",
        "days": 7,
        "doctor": "D#1",
    }


def test_a_page_that_still_holds_an_id_is_not_written() -> None:
    with pytest.raises(IntegrityError, match="not written") as raised:
        Masks({"E-1001": "V#1"}).refuse_leak("<p>E-1001</p>")
    assert "E-1001" not in str(raised.value)


def test_every_id_of_a_bundle_has_a_label_of_its_own(own_run: Path) -> None:
    run = read_run(own_run)
    for bundle in bundles(run, run.leads):
        labels = masks_of(bundle).labels
        assert len(set(labels.values())) == len(labels) > 0


def test_small_numbers_are_withheld_from_the_summary(own_run: Path, tmp_path: Path) -> None:
    html = write_shared_summary(own_run, tmp_path / "summary.html").read_text(encoding="utf-8")
    cells = re.findall(r'<td class="n">(.*?)</td>', html)
    numbers = [int(re.sub(r"\D", "", cell)) for cell in cells if "<abbr" not in cell and cell != "–"]
    assert "<abbr" in html
    assert all(number == 0 or number >= 5 for number in numbers)
    assert "1至4的数目" in html
    assert not re.search(r'<(script|link)[^>]+(src|href)="', html)
    assert len(html) < 200_000, "what draws nothing carries nothing to draw with"
    with zipfile.ZipFile(write_shared_summary(own_run, tmp_path / "summary.zip")) as packed:
        assert packed.namelist() == [f"exam-audit-{own_run.name}-shared/summary.html"]
        assert packed.read(packed.namelist()[0]).decode() == html


def test_an_archive_holds_the_report_and_is_the_same_each_time(rendered: Path, tmp_path: Path) -> None:
    first, second = (write_archive(rendered, tmp_path / name) for name in ("a.zip", "b.zip"))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        names = set(archive.namelist())
        top = f"exam-audit-{rendered.name}"
        assert f"{top}/report/index.html" in names
        assert f"{top}/leads.xlsx" in names
        assert json.loads(archive.read(f"{top}/manifest.json"))["run_id"]


def test_an_archive_needs_a_report_and_a_place(own_run: Path, rendered: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no report"):
        write_archive(own_run, tmp_path / "a.zip")
    with pytest.raises(UsageError, match="cannot be written"):
        write_archive(rendered, tmp_path / "nowhere" / "a.zip")
