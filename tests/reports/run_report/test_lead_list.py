"""The leads as the page's script reads them."""

import json
from pathlib import Path

import pytest

from reports.charts import embedded
from reports.run_folder import read_run
from reports.run_report.lead_list import LeadList, lead_list


@pytest.fixture(scope="module")
def listed(run: Path) -> LeadList:
    return lead_list(read_run(run), {"7f3a9c01"})


def test_every_column_is_as_long_as_the_list(listed: LeadList) -> None:
    assert {name: len(column) for name, column in listed["rows"].items()} == dict.fromkeys(listed["rows"], 4)
    assert listed["rows"]["lead"] == ["7f3a9c01", "a1c2d3e4", "0b5d77aa", "ffee0011"]


def test_money_is_in_fen_and_absent_where_nothing_is_priced(listed: LeadList) -> None:
    assert listed["rows"]["amount"] == [1_248_050, 4_821_000, 68_500, None]
    assert listed["rows"]["fund"] == [873_635, None, 48_800, None]


def test_what_repeats_stands_once_and_is_named_by_its_place(listed: LeadList) -> None:
    rows = listed["rows"]
    assert [listed["institutions"][place][0] for place in rows["institution"]] == ["HI001", "HI001", "HI001", "HI002"]
    assert [listed["detectors"][place] for place in rows["detectors"]][1] == ["ordering.outlier_practitioner"]
    assert len(listed["authorities"]) == len({tuple(codes) for codes in listed["authorities"]})
    assert set(listed["detector_names"]) == {one for ids in listed["detectors"] for one in ids}


def test_only_rendered_leads_have_a_page(listed: LeadList) -> None:
    assert listed["rows"]["page"] == [1, 0, 0, 0]


def test_every_title_reads_as_a_suspicion(listed: LeadList) -> None:
    assert listed["titles"]
    assert all(zh.startswith("疑似") and en.startswith("Indicators consistent with: ") for zh, en in listed["titles"])


def test_the_list_cannot_end_the_element_that_it_stands_in(listed: LeadList) -> None:
    text = embedded(listed)
    assert not set("<>&") & set(text)
    assert json.loads(text) == listed
