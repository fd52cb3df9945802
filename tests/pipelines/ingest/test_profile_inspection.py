"""The forms that institutions fill in for an inspection: as sheets and as text, with all that stands round the data."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest
from loaded import loaded

from pipelines.direct import audit_directly
from pipelines.settings import RunSettings

forms = loaded(Path(__file__).with_name("inspection_forms.py"))

KINDS = ["xlsx", ("\t", "gb18030")]


@pytest.fixture(scope="module", params=KINDS, ids=["xlsx", "tabs-gb18030"])
def taken_in(request, tmp_path_factory, make_bench):
    folder = tmp_path_factory.mktemp("forms")
    bench = make_bench(folder, in_memory=True)
    outcome = bench.ingest(forms.write_extract(folder / "extract", request.param), "inspection")
    yield bench, outcome
    bench.connection.close()


@pytest.fixture
def rows(taken_in):
    return lambda sql: taken_in[0].connection.execute(sql).fetchall()


@pytest.fixture
def account(taken_in):
    """The account of a form in a table."""

    def find(form, table):
        return next(one for one in taken_in[1].files if one.source_file.startswith(form) and one.table_name == table)

    return find


def test_every_row_is_accounted_for(taken_in, account):
    bench, outcome = taken_in

    for one in outcome.files:
        assert one.rows_in == one.accepted + one.quarantined + one.duplicate + one.superseded, one
    sheets = [f"{one.name}, sheet 填报要求" for one in sorted(bench.folder.glob("extract/*.xlsx"))]
    assert sorted(outcome.ignored) == sorted(["填报通知.docx", *sheets])
    aside = {"instruction": 6, "remark": 1, "total": 1, "types": 1}
    assert account("2.1", "encounter").set_aside == aside
    assert (account("2.1", "encounter").rows_in, account("2.1", "encounter").accepted) == (3, 3)
    assert (account("2.2", "claim_line").rows_in, account("2.2", "claim_line").accepted) == (3, 2)
    assert account("2.2", "claim_line").quarantine_reasons == {"bad_number": 1}
    assert account("2.1", "diagnosis").set_aside["no_code"] == 2


def test_persons_are_taken_once_with_sex_and_birth_date(rows):
    assert rows("select patient_id, sex, birth_date, insurance_type, region_code from main.patient order by all") == [
        (forms.ZHANG, "M", dt.date(1949, 12, 31), "职工医保", "330106"),
        (forms.LI, "F", dt.date(1880, 1, 1), "职工医保", "330106"),
    ]


def test_the_institution_is_that_of_its_own_form(rows):
    assert rows(
        "select institution_id, institution_name, level, kind, ownership, approved_beds, designated_from, "
        "source_file[:3] from main.institution"
    ) == [
        ("H33010600001", "第一医院", "tertiary", "general_hospital", "public", 1200, dt.date(2010, 1, 1), "1.1"),
    ]


def test_visits_and_stays(rows):
    found = rows(
        "select encounter_id, patient_id, encounter_type, started_at::varchar, ended_at::varchar, started_at_has_time, "
        "main_diagnosis_code, total_amount, department_code from main.encounter order by all"
    )

    h = "H33010600001"
    visit = ("2024-01-05 00:00:00", None, False)
    stay = ("2024-02-01 00:00:00", "2024-02-08 00:00:00", False, "J18.9", Decimal("1234.50"), "重症医学科")
    assert found == [
        (f"{h}:M1", forms.ZHANG, "outpatient", *visit, "J18.9", Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:M1|2", forms.ZHANG, "outpatient", *visit, None, Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:M2", forms.LI, "chronic_outpatient", *visit, "I10", Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:Z1", forms.ZHANG, "inpatient", *stay),
        (f"{h}:Z1|2", forms.ZHANG, "inpatient", *stay),
    ]
    assert len(rows("select distinct case_no from main.encounter where encounter_type = 'inpatient'")) == 1


def test_several_diagnoses_of_one_cell(rows):
    found = rows(
        "select sequence, diagnosis_code, diagnosis_name from main.diagnosis "
        "where encounter_id like '%:M1' order by all"
    )

    assert found == [(1, "J18.9", "肺炎"), (2, "I10", "高血压"), (100, "E11.9", None)]


def test_operations_of_one_cell(rows):
    found = rows(
        "select encounter_id, procedure_code, procedure_name, performed_at::varchar from main.procedure order by all"
    )

    operations = [("33.24", "支气管镜检查"), ("33.27", "肺活检")]
    at = "2024-02-02 10:00:00"
    assert found == [(f"H33010600001:{visit}", *one, at) for visit in ("M1", "Z1") for one in operations]


def test_doctors_have_ids_made_of_institution_and_name(rows):
    found = dict(rows("select practitioner_name, practitioner_id from main.practitioner"))

    assert set(found) == {"王医生", "赵医生", "钱技师", "孙技师"}
    assert rows("select distinct attending_id from main.encounter where encounter_type = 'inpatient'") == [
        (found["赵医生"],)
    ]
    assert rows("select distinct operator_id from main.exam_order where item_code = '210300001'") == [
        (found["钱技师"],)
    ]


def test_departments(rows):
    found = rows("select department_code, is_icu, is_emergency from main.department order by all")

    assert found == [
        ("呼吸内科门诊", None, None),
        ("放射科", None, None),
        ("检验科", None, None),
        ("重症医学科", True, None),
    ]


def test_registered_examinations_and_tests(rows):
    found = rows(
        "select order_id, encounter_id, item_code, item_name, performed_at::varchar, performing_department_code, "
        "status from main.exam_order order by all"
    )

    h, at = "H33010600001", "2024-01-05"
    ct = (f"{h}:M1", "210300001", "胸部CT平扫", f"{at} 00:00:00", "放射科", "performed")
    assert found == [
        (f"{h}:M1|210300001|{at}", *ct),
        (f"{h}:M1|210300001|{at}|2", *ct),
        (f"{h}:M1|250101015|{at}", f"{h}:M1", "250101015", "血常规", f"{at} 00:00:00", "检验科", "performed"),
    ]


def test_reports(rows):
    found = rows(
        "select modality, body_part, analyte_code, reported_at::varchar, value, ref_low, ref_high, conclusion "
        "from main.exam_result order by reported_at"
    )

    assert found == [
        (None, None, "白细胞计数", "2024-01-05 10:00:00", "11.2", 3.5, 9.5, None),
        ("CT", "胸部", None, "2024-01-05 11:00:00", None, None, None, "两肺纹理增多"),
    ]


def test_lines(rows):
    found = rows(
        "select claim_line_id, claim_id, encounter_id, item_code, charged_at::varchar, quantity, amount, price_ceiling "
        "from main.claim_line order by all"
    )

    h, at = "H33010600001", "2024-01-05 09:30:00"
    line = ("250101015", at, Decimal(1), Decimal(25), Decimal(30))
    assert found == [
        (f"{h}:S1|M1|R1|250101015|{at}", f"{h}:S1", f"{h}:M1", *line),
        (f"{h}:S1|M1|R1|250101015|{at}|2", f"{h}:S1", f"{h}:M1", *line),
        (f"{h}:S2|Z1|Y1|250101015|2024-02-02", f"{h}:S2", f"{h}:Z1", "250101015", "2024-02-02 00:00:00", *line[2:]),
    ]


def test_the_same_forms_again_change_nothing(taken_in):
    bench, _outcome = taken_in
    before = bench.dump()

    again = bench.ingest(bench.folder / "extract", "inspection")

    assert not again.is_new
    assert bench.dump() == before


def test_the_forms_run_to_a_report(tmp_path):
    extract = forms.write_extract(tmp_path / "extract", (",", "utf-8-sig"))
    settings = RunSettings(extract=extract, workspace=tmp_path / "workspace", profile="inspection")

    run = audit_directly(settings)

    assert (run / "report" / "index.html").is_file()
    assert forms.ZHANG not in (run / "report" / "quality.html").read_text("utf-8")
