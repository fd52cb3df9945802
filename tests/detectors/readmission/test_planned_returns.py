"""Every kind of planned return is a row of the pack, and every row of the pack exempts the return it speaks of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from detectors.ascii_tables import Row
from detectors.readmission.cycle import CYCLE
from detectors.specs import Case, Spec, found_by_case
from schemas.pack import load_pack

ROWS = load_pack("cn-national").tables["planned_readmission"].to_dicts()
ACUTE = (
    load_pack("cn-national")
    .tables["exemptions"]
    .filter(pl.col("detector_id") == "readmission.cycle", pl.col("exemption_id") == "new_acute_diagnosis")[
        "detail_include"
    ][0]
)
COLUMNS = ("flagged_event_id", "exemption_id")
KINDS = {
    "chemotherapy",
    "immunotherapy",
    "radiotherapy",
    "dialysis",
    "transfusion",
    "staged_surgery",
    "device_removal",
    "rehabilitation",
    "obstetric",
    "newborn",
}


def stays(**later: str) -> list[Row]:
    """Two stays three days apart for lung disease; ``later`` changes the second one."""
    own = {"patient_id": "P1", "institution_id": "H1", "encounter_type": "inpatient", "discharge_disposition": "home"}
    base: Row = {**own, "main_diagnosis_code": "J44.1"}
    return [
        {**base, "encounter_id": "A", "started_at": "2025-03-01T08:00:00", "ended_at": "2025-03-10T10:00:00"},
        {**base, "encounter_id": "B", "started_at": "2025-03-13T09:00:00", "ended_at": "2025-03-20T10:00:00", **later},
    ]


def planned(number: int, row: dict[str, str]) -> Case:
    """The return that a row of the pack speaks of: announced, coded as a diagnosis, or coded as a procedure."""
    tables: dict[str, list[Row]] = {"encounter": stays()}
    if row["kind"] == "purpose":
        announced = {"readmission_plan_31d": "1", "readmission_plan_purpose": f"拟行{row['pattern']}"}
        tables["encounter"][0] = {**tables["encounter"][0], **announced}
    elif row["kind"] == "diagnosis":
        tables = {"encounter": stays(main_diagnosis_code=row["pattern"] + "00"[len(row["pattern"]) - 1 :])}
    else:
        done: Row = {"encounter_id": "B", "procedure_code": row["pattern"], "performed_at": "2025-03-14T09:00:00"}
        tables["procedure"] = [done]
    return Case(f"r{number:03d}", "", "", {name: tuple(rows) for name, rows in tables.items()}, COLUMNS, ())


def found(cases: list[Case]) -> Mapping[str, Sequence[Row]]:
    return found_by_case(Spec(CYCLE.id, {}, tuple(cases)), CYCLE)


def test_the_pack_knows_every_kind_of_planned_return() -> None:
    named = {"_".join(row["rule_id"].split("_")[:-2]) for row in ROWS}
    assert named == KINDS


def test_every_row_of_the_pack_exempts_the_return_it_speaks_of() -> None:
    cases = [planned(number, row) for number, row in enumerate(ROWS)]
    told = found(cases)
    for case, row in zip(cases, ROWS, strict=True):
        [finding] = told[case.id]
        assert finding["exemption_id"] in ("planned_readmission", "newborn_or_obstetric"), row["rule_id"]


@pytest.mark.parametrize("group", ["S", "T"])
def test_injuries_are_acute_diagnoses_of_the_pack(group: str) -> None:
    assert group in str(ACUTE).split(";")
    told = found([Case("c", "", "", {"encounter": tuple(stays(main_diagnosis_code=f"{group}72.0"))}, COLUMNS, ())])
    [finding] = told["c"]
    assert finding["exemption_id"] == "new_acute_diagnosis"


def test_an_unplanned_return_of_the_same_disease_is_not_exempt() -> None:
    [finding] = found([Case("c", "", "", {"encounter": tuple(stays())}, COLUMNS, ())])["c"]
    assert finding["exemption_id"] is None
