"""A year of made patients in all files of Synthea's CSV exporter: each row is accounted for, and the run ends well."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipelines.direct import audit_directly
from pipelines.settings import RunSettings

COLUMNS = {
    "patients": "Id,BIRTHDATE,DEATHDATE,SSN,DRIVERS,PASSPORT,PREFIX,FIRST,LAST,SUFFIX,MAIDEN,MARITAL,RACE,ETHNICITY,"
    "GENDER,BIRTHPLACE,ADDRESS,CITY,STATE,COUNTY,ZIP,LAT,LON,HEALTHCARE_EXPENSES,HEALTHCARE_COVERAGE",
    "organizations": "Id,NAME,ADDRESS,CITY,STATE,ZIP,LAT,LON,PHONE,REVENUE,UTILIZATION",
    "providers": "Id,ORGANIZATION,NAME,GENDER,SPECIALITY,ADDRESS,CITY,STATE,ZIP,LAT,LON,UTILIZATION",
    "encounters": "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,"
    "BASE_ENCOUNTER_COST,TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION",
    "conditions": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
    "procedures": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,REASONCODE,REASONDESCRIPTION",
    "observations": "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
    "imaging_studies": "Id,DATE,PATIENT,ENCOUNTER,SERIES_UID,BODYSITE_CODE,BODYSITE_DESCRIPTION,MODALITY_CODE,"
    "MODALITY_DESCRIPTION,INSTANCE_UID,SOP_CODE,SOP_DESCRIPTION,PROCEDURE_CODE",
    "claims_transactions": "ID,CLAIMID,CHARGEID,PATIENTID,TYPE,AMOUNT,METHOD,FROMDATE,TODATE,PLACEOFSERVICE,"
    "PROCEDURECODE,MODIFIER1,MODIFIER2,DIAGNOSISREF1,DIAGNOSISREF2,DIAGNOSISREF3,DIAGNOSISREF4,UNITS,DEPARTMENTID,"
    "NOTES,UNITAMOUNT,TRANSFEROUTID,TRANSFERTYPE,PAYMENTS,ADJUSTMENTS,TRANSFERS,OUTSTANDING,APPOINTMENTID,LINENOTE,"
    "PATIENTINSURANCEID,FEESCHEDULEID,PROVIDERID,SUPERVISINGPROVIDERID",
}
"""Columns of each file that the profile reads."""

IGNORED = {
    "allergies": "START,STOP,PATIENT,ENCOUNTER,CODE,SYSTEM,DESCRIPTION,TYPE,CATEGORY",
    "careplans": "Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION",
    "claims": "Id,PATIENTID,PROVIDERID,APPOINTMENTID,SERVICEDATE,STATUS1",
    "devices": "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,UDI",
    "immunizations": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST",
    "medications": "START,STOP,PATIENT,PAYER,ENCOUNTER,CODE,DESCRIPTION,BASE_COST,DISPENSES,TOTALCOST",
    "payer_transitions": "PATIENT,MEMBERID,START_YEAR,END_YEAR,PAYER,OWNERSHIP",
    "payers": "Id,NAME,AMOUNT_COVERED,UNIQUE_CUSTOMERS",
    "supplies": "DATE,PATIENT,ENCOUNTER,CODE,DESCRIPTION,QUANTITY",
}
"""Columns of files that it leaves alone."""

CLASSES = ("wellness", "ambulatory", "outpatient", "emergency", "urgentcare", "inpatient", "virtual", "home", "snf")
PATIENTS, INSTITUTIONS, VISITS = 24, 3, 18

Row = dict[str, object]


def write_year(folder: Path) -> Path:
    """Write the extract into a new folder."""
    folder.mkdir()
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for name, row in _people_and_places():
        rows[name].append(row)
    for number in range(PATIENTS * VISITS):
        for name, row in _visit(number):
            rows[name].append(row)
    rows |= {name: [dict.fromkeys(columns.split(","), "x")] for name, columns in IGNORED.items()}
    for name, columns in (COLUMNS | IGNORED).items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns.split(","), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows[name])
    return folder


def _people_and_places() -> Iterator[tuple[str, Row]]:
    for place in range(INSTITUTIONS):
        yield "organizations", {"Id": f"o-{place}", "NAME": f'Hôpital "{place}", North', "ADDRESS": "1 STREET"}
        for doctor in range(2):
            own: Row = {"Id": f"d-{place}-{doctor}", "ORGANIZATION": f"o-{place}", "NAME": "X Y"}
            yield "providers", own | {"SPECIALITY": ("GENERAL PRACTICE", "RADIOLOGY")[doctor]}
    for number in range(PATIENTS):
        died = "2024-12-31" if number == 0 else ""
        who: Row = {"Id": f"p-{number}", "BIRTHDATE": f"{1940 + number * 3}-02-28", "DEATHDATE": died}
        yield "patients", who | {"GENDER": "MF"[number % 2], "CITY": "Ürümqi"}


def _visit(number: int) -> Iterator[tuple[str, Row]]:
    """One visit of a patient: a diagnosis, tests, a charge and its payment; sometimes a procedure or a picture."""
    patient, turn = divmod(number, VISITS)
    start = datetime(2024, 1, 1, 17, 30, tzinfo=UTC) + timedelta(days=20 * turn, minutes=7 * patient)
    end, place = (
        start + timedelta(days=3 if turn % len(CLASSES) == 5 else 0, minutes=25),
        (patient + turn) % INSTITUTIONS,
    )
    visit, doctor, kind = f"e-{number}", f"d-{place}-{turn % 2}", CLASSES[turn % len(CLASSES)]
    of_visit: Row = {"PATIENT": f"p-{patient}", "ENCOUNTER": visit}
    spoken: Row = {"START": _moment(start), "STOP": _moment(end), "PATIENT": f"p-{patient}", "ENCOUNTERCLASS": kind}
    yield (
        "encounters",
        {"Id": visit, **spoken, "ORGANIZATION": f"o-{place}", "PROVIDER": doctor, "TOTAL_CLAIM_COST": "129.16"},
    )
    yield "conditions", {**of_visit, "START": f"{start:%Y-%m-%d}", "CODE": "195662009", "DESCRIPTION": "Cold, acute"}
    for minute, (category, code, value) in enumerate(
        (("laboratory", "718-7", "13.1"), ("laboratory", "2339-0", "88"), ("vital-signs", "8302-2", "171"))
    ):
        told: Row = {"DATE": _moment(start + timedelta(minutes=minute)), "CATEGORY": category, "CODE": code}
        yield "observations", {**of_visit, **told, "VALUE": value, "TYPE": "numeric"}
    if turn % 3 == 0:
        yield "procedures", {**of_visit, "START": _moment(start), "STOP": _moment(end), "CODE": "40701008"}
    if turn % 4 == 0:
        study: Row = {"Id": f"i-{number}", "DATE": _moment(start), "SERIES_UID": f"1.2.{number}", "MODALITY_CODE": "DX"}
        for image in range(2):
            yield (
                "imaging_studies",
                {**of_visit, **study, "BODYSITE_DESCRIPTION": "Chest", "INSTANCE_UID": f"1.{image}"},
            )
    for part, (type_, amount) in enumerate((("CHARGE", "129.16"), ("PAYMENT", ""))):
        line: Row = {"ID": f"t-{number}-{part}", "CLAIMID": f"c-{number}", "PATIENTID": f"p-{patient}", "TYPE": type_}
        where: Row = {"PLACEOFSERVICE": f"o-{place}", "APPOINTMENTID": visit, "PROVIDERID": doctor}
        priced: Row = {"AMOUNT": amount, "UNITAMOUNT": amount, "UNITS": 1, "PROCEDURECODE": "185345009"}
        yield "claims_transactions", {**line, **where, **priced, "FROMDATE": _moment(start)}


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def test_a_year_of_every_file_is_accounted_for_row_by_row_and_runs_to_a_report(tmp_path, make_bench):
    extract = write_year(tmp_path / "extract")
    bench = make_bench(tmp_path, in_memory=True)
    outcome = bench.ingest(extract, "synthea")
    bench.connection.close()

    assert {one.source_file for one in outcome.files} == {f"{name}.csv" for name in COLUMNS}
    assert set(outcome.ignored) == {f"{name}.csv" for name in IGNORED}
    for one in outcome.files:
        assert one.rows_in == one.accepted + one.duplicate
        assert (one.duplicate > 0) == (one.source_file == "imaging_studies.csv")
        assert one.rows_in + sum(one.set_aside.values()) == _lines_of(extract / one.source_file)
    run = audit_directly(RunSettings(extract=extract, workspace=tmp_path / "workspace", profile="synthea"))
    assert (run / "report" / "index.html").is_file()


def _lines_of(path):
    """Rows of a file whose fields hold no line ends."""
    return len(path.read_text("utf-8").splitlines()) - 1
