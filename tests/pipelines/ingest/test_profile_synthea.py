"""Synthea's CSV: each row of each file is accounted for, and UTC becomes wall time."""

import datetime as dt
from decimal import Decimal

import pytest

FILES = {
    "patients": [
        "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER",
        "p-1,1960-03-07,,999-00-0001,A,B,M",
        "p-2,1970-01-01,2024-03-01,999-00-0002,C,D,F",
    ],
    "organizations": ["Id,NAME,ADDRESS", 'o-1,"GENERAL, HOSPITAL",1 STREET'],
    "providers": [
        "Id,ORGANIZATION,NAME,GENDER,SPECIALITY",
        "d-1,o-1,E F,F,GENERAL PRACTICE",
        "d-2,o-1,G H,M,GENERAL PRACTICE",
    ],
    "encounters": [
        "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION,BASE_ENCOUNTER_COST,"
        "TOTAL_CLAIM_COST,PAYER_COVERAGE,REASONCODE,REASONDESCRIPTION",
        "e-1,2024-01-05T16:17:47Z,2024-01-05T16:32:47Z,p-1,o-1,d-1,x,ambulatory,1,Visit,77.49,3798.094999,10.5,195,Cold",
        "e-2,2024-02-01T00:00:00Z,2024-02-09T01:00:00Z,p-1,o-1,d-1,x,inpatient,1,Stay,77.49,100,0.00,,",
        "e-3,2024-02-03T02:00:00Z,,p-2,o-1,d-2,x,wellness,1,Check,77.49,100,0.00,,",
        "e-4,2024-02-03T02:00:00Z,,p-2,o-1,d-2,x,telepathy,1,Check,77.49,100,0.00,,",
    ],
    "conditions": [
        "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
        "2024-01-05,,p-1,e-1,195,Cold",
        "2024-01-05,,p-1,e-1,38341003,Hypertension",
        "2024-02-03,,p-2,e-3,195,Cold",
    ],
    "procedures": [
        "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,BASE_COST",
        "2024-02-02T23:00:00Z,2024-02-03T00:00:00Z,p-1,e-2,40701008,Echocardiography,10",
    ],
    "observations": [
        "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
        "2024-01-05T16:20:00Z,p-1,e-1,laboratory,718-7,Hemoglobin,13.1,g/dL,numeric",
        "2024-01-05T16:20:00Z,p-1,e-1,laboratory,718-7,Hemoglobin,13.2,g/dL,numeric",
        "2024-01-05T16:20:00Z,p-1,e-1,vital-signs,8302-2,Height,127.9,cm,numeric",
        "2024-01-05T16:20:00Z,p-1,,,QALY,QALY,1.0,a,numeric",
    ],
    "imaging_studies": [
        "Id,DATE,PATIENT,ENCOUNTER,SERIES_UID,BODYSITE_CODE,BODYSITE_DESCRIPTION,MODALITY_CODE,MODALITY_DESCRIPTION,"
        "INSTANCE_UID,SOP_CODE,SOP_DESCRIPTION,PROCEDURE_CODE",
        "i-1,2024-02-02T12:00:08Z,p-1,e-2,1.2.3,51185008,Chest,DX,Digital Radiography,1.1,1.2,X,399208008",
        "i-1,2024-02-02T12:00:08Z,p-1,e-2,1.2.3,51185008,Chest,DX,Digital Radiography,1.2,1.2,X,399208008",
    ],
    "claims_transactions": [
        "ID,CLAIMID,CHARGEID,PATIENTID,TYPE,AMOUNT,METHOD,FROMDATE,TODATE,PLACEOFSERVICE,PROCEDURECODE,UNITS,NOTES,"
        "UNITAMOUNT,APPOINTMENTID,PROVIDERID",
        "t-1,c-1,0,p-1,CHARGE,77.49,,2024-01-05T16:17:47Z,,o-1,185345009,1,Visit,77.49,e-1,d-1",
        "t-2,c-1,0,p-1,PAYMENT,,CASH,2024-01-05T16:17:47Z,,o-1,185345009,1,Visit,,e-1,d-1",
        "t-3,c-1,0,p-1,CHARGE,x,,2024-01-05T16:17:47Z,,o-1,185345009,1,Visit,77.49,e-1,d-1",
    ],
    "medications": ["START,STOP", "a,b"],
}


def write_extract(folder):
    folder.mkdir()
    for name, lines in FILES.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory, make_bench):
    folder = tmp_path_factory.mktemp("synthea")
    bench = make_bench(folder, in_memory=True)
    yield bench, bench.ingest(write_extract(folder / "extract"), "synthea")
    bench.connection.close()


@pytest.fixture
def rows(taken_in):
    return taken_in[0].rows


def test_every_row_is_accounted_for(taken_in):
    found = {
        (one.source_file, one.table_name): (one.rows_in, one.accepted, one.quarantined, one.duplicate, one.set_aside)
        for one in taken_in[1].files
    }

    assert found == {
        ("patients.csv", "patient"): (2, 2, 0, 0, {}),
        ("organizations.csv", "institution"): (1, 1, 0, 0, {}),
        ("providers.csv", "department"): (2, 1, 0, 1, {}),
        ("providers.csv", "practitioner"): (2, 2, 0, 0, {}),
        ("encounters.csv", "encounter"): (4, 3, 1, 0, {}),
        ("conditions.csv", "diagnosis"): (3, 3, 0, 0, {}),
        ("procedures.csv", "procedure"): (1, 1, 0, 0, {}),
        ("observations.csv", "exam_order"): (2, 2, 0, 0, {"no_examination": 2}),
        ("observations.csv", "exam_result"): (2, 2, 0, 0, {"no_examination": 2}),
        ("imaging_studies.csv", "exam_order"): (2, 1, 0, 1, {}),
        ("imaging_studies.csv", "exam_result"): (2, 1, 0, 1, {}),
        ("claims_transactions.csv", "claim_line"): (2, 1, 1, 0, {"no_charge": 1}),
    }
    assert taken_in[1].ignored == ("medications.csv",)


def test_utc_becomes_the_wall_time_of_shanghai(rows):
    assert rows("select encounter_id, started_at::varchar, ended_at::varchar from main.encounter order by all") == [
        ("e-1", "2024-01-06 00:17:47", "2024-01-06 00:32:47"),
        ("e-2", "2024-02-01 08:00:00", "2024-02-09 09:00:00"),
        ("e-3", "2024-02-03 10:00:00", None),
    ]
    assert rows("select performed_at::varchar from main.procedure") == [("2024-02-03 07:00:00",)]


def test_people_and_places(rows):
    assert rows("select patient_id, sex, birth_date, died_on from main.patient order by all") == [
        ("p-1", "M", dt.date(1960, 3, 7), None),
        ("p-2", "F", dt.date(1970, 1, 1), dt.date(2024, 3, 1)),
    ]
    assert rows("select institution_name from main.institution") == [("GENERAL, HOSPITAL",)]


def test_encounters(rows):
    assert rows(
        "select encounter_id, encounter_type, department_code, total_amount, fund_amount, main_diagnosis_code, "
        "attending_id from main.encounter order by all limit 1"
    ) == [("e-1", "outpatient", "GENERAL PRACTICE", Decimal("3798.09"), Decimal("10.50"), "195", "d-1")]
    assert rows("select encounter_type from main.encounter order by all") == [
        ("checkup",),
        ("inpatient",),
        ("outpatient",),
    ]


def test_examinations_and_their_results(rows):
    assert rows(
        "select order_id, institution_id, item_code, body_part, performed_at::varchar from main.exam_order order by all"
    ) == [
        ("e-1|718-7|2024-01-05T16:20:00Z", "o-1", "718-7", None, "2024-01-06 00:20:00"),
        ("e-1|718-7|2024-01-05T16:20:00Z|2", "o-1", "718-7", None, "2024-01-06 00:20:00"),
        ("i-1", "o-1", "399208008", "Chest", "2024-02-02 20:00:08"),
    ]
    assert rows("select order_id, value, modality from main.exam_result order by all") == [
        ("e-1|718-7|2024-01-05T16:20:00Z", "13.1", None),
        ("e-1|718-7|2024-01-05T16:20:00Z|2", "13.2", None),
        ("i-1", None, "DX"),
    ]
