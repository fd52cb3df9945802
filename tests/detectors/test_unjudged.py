"""What a detector row says of those whom the detector could not judge."""

from __future__ import annotations

from detectors.declaration import UNJUDGED
from detectors.runner import unjudged_in_words


def test_reasons_are_told_in_a_fixed_order_and_none_where_all_were_judged() -> None:
    counts = {"too_few_peers": 2, "too_few_cases": 3, "too_few_reports": 0}
    assert unjudged_in_words(counts) == "not judged: 3 with too few cases, 2 with too few peers"
    assert unjudged_in_words(dict.fromkeys(UNJUDGED, 0)) is None
    assert unjudged_in_words({}) is None
