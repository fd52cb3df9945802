"""Every innocent explanation names the records that would show it; detectors/shown_by.csv holds nothing else."""

from __future__ import annotations

import pytest

from detectors.catalogue import SHIPPED
from detectors.declaration import Detector
from detectors.shown_by import RECORDS, TABLE, explained, shown_by
from schemas.card import Text


@pytest.mark.parametrize("detector", SHIPPED, ids=lambda detector: detector.id)
def test_explanations_say_what_would_show_them(detector: Detector) -> None:
    missing = [text.en for text in detector.innocent_explanations if not explained(text).shown_by]
    assert missing == [], f"add a row to {TABLE}: the explanation, and codes of RECORDS joined by ;"


def test_the_table_is_sorted_and_names_only_explanations_and_records_that_exist() -> None:
    known = {text.en for detector in SHIPPED for text in detector.innocent_explanations}
    assert list(shown_by()) == sorted(known)
    assert {code for codes in shown_by().values() for code in codes} == RECORDS.keys()


def test_an_explanation_that_the_table_does_not_know_is_kept_without_records() -> None:
    told = explained(Text(en="Something new.", zh="新的解释。"))
    assert (told.zh, told.shown_by) == ("新的解释。", ())
