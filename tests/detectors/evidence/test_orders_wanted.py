"""Of which orders a sample is asked for: families by their part in the excess, whatever measure it stands in."""

import json

import polars as pl
import pytest

from detectors.evidence.wanted import LINES, Wanted, wanted_of

QUARTERS = [{"quarter": "2025Q4"}, {"quarter": "2025Q1"}]


def _wanted(*told: dict[str, tuple[float, float]], subject: str = "D1", **evidence: object) -> Wanted:
    """Of one doctor with a finding for each mapping of family to observed and expected."""
    findings = [
        {
            "finding_id": f"f{number}",
            "subject_type": "practitioner",
            "subject_id": subject,
            "institution_id": "H1",
            "department_code": "03",
            "patient_id": None,
            "index_event_id": None,
            "flagged_event_id": None,
            "evidence": json.dumps(
                {
                    "setting": "outpatient",
                    "quarters": QUARTERS,
                    "families": [{"family": name, "observed": o, "expected": e} for name, (o, e) in families.items()],
                    **evidence,
                }
            ),
        }
        for number, families in enumerate(told)
    ]
    leads = pl.DataFrame({"subject_type": ["practitioner"], "subject_id": ["D1"]})
    return wanted_of(pl.DataFrame(findings, schema_overrides={"patient_id": pl.String}), leads)


def _families(wanted: Wanted) -> list[str]:
    return wanted.families.sort("turn")["family"].to_list()


def test_families_come_by_their_part_in_the_excess_of_any_finding() -> None:
    wanted = _wanted({"ct": (90, 10), "mr": (30, 10), "ecg": (5, 9)}, {"mr": (9000, 1000), "ct": (1100, 1000)})
    assert _families(wanted) == ["mr", "ct"]
    assert wanted.families["lines"].to_list() == [LINES // 2] * 2


def test_the_six_largest_share_the_lines_and_ties_go_by_name() -> None:
    wanted = _wanted({f"family{number}": (20, 10) for number in range(9)})
    assert _families(wanted) == [f"family{number}" for number in range(6)]
    assert wanted.families["lines"].sum() == LINES


def test_a_unit_is_asked_for_once_with_the_quarters_of_its_findings() -> None:
    wanted = _wanted({"ct": (90, 10)}, {"ct": (50, 10)})
    assert wanted.units.rows() == [("D1", "H1", "03", "outpatient", "2025Q1", "2025Q4")]


@pytest.mark.parametrize(
    "wanted",
    [
        _wanted({"ct": (90, 10)}, subject="D2"),
        _wanted({"ct": (90, 10)}, setting=None),
        _wanted({"ct": (90, 10)}, quarters=None),
        _wanted({}),
    ],
)
def test_without_a_lead_or_families_to_draw_from_nothing_is_asked(wanted: Wanted) -> None:
    assert wanted.families.is_empty()
    assert wanted.units.is_empty()
