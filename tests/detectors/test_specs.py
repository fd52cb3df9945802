"""Every detector against its spec: what must be found, what must not, and what each exemption says."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from detectors.ascii_tables import Row
from detectors.catalogue import SHIPPED
from detectors.declaration import Detector
from detectors.specs import Case, Spec, found_by_case, read_spec

HERE = Path(__file__).parent
BY_ID = {detector.id: detector for detector in SHIPPED}
SPECS = {path: read_spec(path) for path in sorted(HERE.glob("*/*.toml"))}


@cache
def found(path: Path) -> dict[str, list[Row]]:
    spec = SPECS[path]
    return found_by_case(spec, BY_ID[spec.detector_id])


@pytest.mark.parametrize(
    ("path", "case"),
    [
        pytest.param(path, case, id=f"{spec.detector_id}-{case.id}")
        for path, spec in SPECS.items()
        for case in spec.cases
    ],
)
def test_case_gives_what_it_says(path: Path, case: Case) -> None:
    def ordered(rows: list[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: tuple(str(cell) for cell in row.values()))

    assert ordered(found(path)[case.id]) == ordered(list(case.expected)), case.title


@pytest.mark.parametrize("detector", SHIPPED, ids=lambda detector: detector.id)
def test_spec_covers_hit_near_miss_null_parameters_and_exemptions(detector: Detector) -> None:
    spec = next(spec for spec in SPECS.values() if spec.detector_id == detector.id)
    covered = {case.covers for case in spec.cases}
    assert {"hit", "near_miss", "null"} <= covered
    for parameter in detector.parameters:
        assert {f"parameter:{parameter.name}", f"boundary:{parameter.name}"} & covered, parameter.name
        assert _both_sides(spec, parameter.name), f"{parameter.name}: one case inside its boundary, one outside"
    for exemption_id in detector.exemption_ids:
        assert {f"exemption:{exemption_id}:holds", f"exemption:{exemption_id}:does_not"} <= covered, exemption_id


def _both_sides(spec: Spec, parameter: str) -> bool:
    own = [case for case in spec.cases if case.covers in (f"parameter:{parameter}", f"boundary:{parameter}")]
    return any(case.expected for case in own) and any(not case.expected for case in own)
