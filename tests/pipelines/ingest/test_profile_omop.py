"""OMOP 5.4: each row of each file is accounted for, and what it means comes out in the canonical tables."""

import datetime as dt

import pytest

from pipelines.direct import audit_directly
from pipelines.settings import RunSettings

FILES = {
    "PERSON": [
        "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime,race_concept_id",
        "1,8507,1960,3,7,,0",
        "2,8532,1970,,,,0",
        "3,0,1980,12,31,,0",
    ],
    "CARE_SITE": [
        "care_site_id,care_site_name,place_of_service_concept_id,location_id,care_site_source_value",
        "10,General Hospital,0,,G",
        "11,,0,,Clinic",
    ],
    "PROVIDER": [
        "provider_id,provider_name,npi,specialty_concept_id,care_site_id,specialty_source_value",
        "100,A,,0,10,Cardiology",
        "101,B,,0,10,Cardiology",
        "102,C,,0,,",
    ],
    "VISIT_OCCURRENCE": [
        "visit_occurrence_id,person_id,visit_concept_id,visit_start_date,visit_start_datetime,visit_end_date,"
        "visit_end_datetime,provider_id,care_site_id,discharged_to_concept_id",
        "1000,1,9201,2024-01-05,2024-01-05 08:30:00,2024-01-09,2024-01-09 10:00:00,100,10,8536",
        "1001,1,9202,2024-02-01,,2024-02-01,,101,,0",
        "1002,2,9203,2024-02-02,2024-02-02 23:00:00,,,,11,4216643",
        "1003,3,9202,2024-02-03,,,,,,",
    ],
    "CONDITION_OCCURRENCE": [
        "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_start_datetime,"
        "visit_occurrence_id,condition_source_value",
        "1,1,255848,2024-01-05,,1000,J18.9",
        "2,1,320128,2024-01-05,,1000,",
        "3,2,0,2024-02-02,,,I10",
    ],
    "PROCEDURE_OCCURRENCE": [
        "procedure_occurrence_id,person_id,procedure_concept_id,procedure_date,procedure_datetime,"
        "visit_occurrence_id,procedure_source_value",
        "1,1,4049990,2024-01-06,2024-01-06 09:00:00,1000,33.24",
    ],
    "MEASUREMENT": [
        "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,value_as_number,"
        "value_as_concept_id,unit_source_value,range_low,range_high,provider_id,visit_occurrence_id,"
        "measurement_source_value,value_source_value",
        "5000,1,3000963,2024-01-05,2024-01-05 09:00:00,13.1,0,g/dL,12,16,100,1000,718-7,13.1",
        "5001,1,3000963,2024-01-05,2024-01-05 19:00:00,,0,g/dL,,,,1000,718-7,low",
        "5002,2,3004501,2024-02-02,,5.5,,mmol/L,3.9,6.1,,1002,,5.5",
        "5003,3,3004501,2024-02-03,,5.5,,mmol/L,3.9,6.1,,,,5.5",
    ],
    "CONCEPT": ["concept_id", "1"],
}


def write_extract(folder):
    folder.mkdir()
    for name, lines in FILES.items():
        (folder / f"{name}.csv").write_text("\n".join(lines).replace(",", "\t") + "\n", "utf-8")
    return folder


@pytest.fixture(scope="module")
def taken_in(tmp_path_factory, make_bench):
    folder = tmp_path_factory.mktemp("omop")
    bench = make_bench(folder, in_memory=True)
    yield bench, bench.ingest(write_extract(folder / "extract"), "omop")
    bench.connection.close()


@pytest.fixture
def rows(taken_in):
    return taken_in[0].rows


def test_every_row_is_accounted_for(taken_in):
    found = {
        one.table_name: (one.rows_in, one.accepted, one.quarantined, one.duplicate, one.set_aside)
        for one in taken_in[1].files
    }

    assert found == {
        "patient": (3, 3, 0, 0, {}),
        "institution": (2, 2, 0, 0, {}),
        "department": (2, 1, 0, 1, {"no_care_site": 1}),
        "practitioner": (2, 2, 0, 0, {"no_care_site": 1}),
        "encounter": (4, 3, 1, 0, {}),
        "diagnosis": (2, 2, 0, 0, {"no_visit": 1}),
        "procedure": (1, 1, 0, 0, {}),
        "exam_order": (4, 3, 1, 0, {}),
        "exam_result": (4, 4, 0, 0, {}),
    }
    assert taken_in[1].ignored == ("CONCEPT.csv",)
    for table, (rows_in, *_others, aside) in found.items():
        file = next(one.source_file for one in taken_in[1].files if one.table_name == table)
        assert rows_in + sum(aside.values()) == len(FILES[file.removesuffix(".csv")]) - 1


def test_patients(rows):
    assert rows("select patient_id, sex, birth_date from main.patient order by all") == [
        ("1", "M", dt.date(1960, 3, 7)),
        ("2", "F", None),
        ("3", "U", dt.date(1980, 12, 31)),
    ]


def test_visits(rows):
    found = rows(
        "select encounter_id, institution_id, department_code, encounter_type, started_at::varchar, "
        "started_at_has_time, discharge_disposition from main.encounter order by all"
    )

    assert found == [
        ("1000", "10", "Cardiology", "inpatient", "2024-01-05 08:30:00", True, "home"),
        ("1001", "10", "Cardiology", "outpatient", "2024-02-01 00:00:00", False, None),
        ("1002", "11", None, "emergency", "2024-02-02 23:00:00", True, "died"),
    ]


def test_diagnoses_and_procedures(rows):
    assert rows("select encounter_id, sequence, diagnosis_code from main.diagnosis order by all") == [
        ("1000", 1, "J18.9"),
        ("1000", 2, "320128"),
    ]
    assert rows("select encounter_id, procedure_code, performed_at::varchar from main.procedure") == [
        ("1000", "33.24", "2024-01-06 09:00:00")
    ]


def test_measurements_are_orders_and_reports(rows):
    assert rows(
        "select order_id, encounter_id, institution_id, item_code, ordering_practitioner_id, performed_at::varchar "
        "from main.exam_order order by all"
    ) == [
        ("5000", "1000", "10", "718-7", "100", "2024-01-05 09:00:00"),
        ("5001", "1000", "10", "718-7", "100", "2024-01-05 19:00:00"),
        ("5002", "1002", "11", "3004501", None, "2024-02-02 00:00:00"),
    ]
    assert rows("select report_id, order_id, value, unit, ref_low, ref_high from main.exam_result order by all")[
        :2
    ] == [
        ("5000", "5000", "13.1", "g/dL", 12.0, 16.0),
        ("5001", "5001", "low", "g/dL", None, None),
    ]


def test_the_extract_runs_to_a_report(tmp_path):
    extract = write_extract(tmp_path / "extract")

    run = audit_directly(RunSettings(extract=extract, workspace=tmp_path / "workspace", profile="omop"))

    assert (run / "report" / "index.html").is_file()
