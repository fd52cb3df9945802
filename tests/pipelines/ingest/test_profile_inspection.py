"""The forms that institutions fill in for an inspection: as sheets and as text, with all that stands round the data."""

import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.direct import audit_directly
from pipelines.settings import RunSettings

_HEADER_LINES = Path(__file__).with_name("inspection_headers.csv").read_text("utf-8").splitlines()
HEADERS = {line.split(",")[0]: line.split(",")[1:] for line in _HEADER_LINES}
"""Names of the columns of each form."""
H1 = {"序号": "1", "机构编码": "H33010600001", "机构名称": "第一医院", "机构等级": "三级甲等"}
ZHANG, LI = "11010519491231002X", "440524188001010014"
PERSON = {
    "身份证号": ZHANG,
    "人员姓名": "张某",
    "姓名": "张某",
    "人员性别": "男",
    "性别": "男",
    "人员年龄": "74",
    "年龄": "74",
}
OTHER = {"身份证号": LI, "人员姓名": "李某", "姓名": "李某", "人员性别": "女", "性别": "女"}
VISIT = {
    **{
        "险种类别": "职工医保",
        "参保地区划": "330106",
        "门诊号": "M1",
        "门诊日期": "2024/1/5",
        "门诊科室名称": "呼吸内科门诊",
    },
    **{"首诊医生姓名": "王医生", "疾病编码ICD": "J18.9#I10", "疾病诊断名称": "肺炎#高血压", "次要诊断组合": "E11.9"},
    **{"结算流水号": "S1", "结算类别": "普通门诊", "医疗金额": "380.00", "基金支付": "200.00"},
}
STAY = {
    **{
        "险种类别": "职工医保",
        "参保地区划": "330106",
        "住院号": "Z1",
        "入院日期": "20240201",
        "出院日期": "2024年2月8日",
    },
    **{"住院科室名称": "重症医学科", "主管医生姓名": "赵医生", "疾病编码ICD": "J18.9", "疾病诊断名称": "肺炎"},
    **{"次要诊断组合": "", "结算流水号": "S2", "医疗金额": "1,234.50", "基金支付": "1000"},
}
LINE = {
    **{"门诊号": "M1", "住院号": "Z1", "处方号": "R1", "医嘱号": "Y1", "项目代码": "250101015", "项目名称": "血常规"},
    **{
        "国标代码": "002501010150000",
        "收费项目类别": "检验费",
        "数量": "1",
        "单价": "25.00",
        "金额": "25.00",
        "限价": "30",
    },
    **{"费用发生日期": "2024-01-05 09:30:00", "费用科室名称": "检验科", "结算流水号": "S1"},
}
EXAM = {
    **{"就医方式": "门诊", "就医号": "M1", "就医科室名称": "呼吸内科门诊", "疾病诊断名称": "肺炎"},
    **{
        "检查登记日期": "2024-01-05",
        "检查科室名称": "放射科",
        "检查者姓名": "钱技师",
        "检查项目编码": "210300001",
        "检查项目名称": "胸部CT平扫",
    },
    **{
        "检查报告时间": "2024-01-05 11:00",
        "检查部位": "胸部",
        "检查方法": "CT平扫",
        "检查报告诊断": "两肺纹理增多",
        "影像编号": "IMG1",
    },
    **{
        "检验登记日期": "2024-01-05",
        "检验科室名称": "检验科",
        "检验者姓名": "孙技师",
        "检验项目编码": "250101015",
        "检验项目名称": "血常规",
    },
    **{"检验报告时间": "2024-01-05 10:00:00", "检验样本": "血", "检验方法": "仪器法", "检验值名称": "白细胞计数"},
    **{"检验值描述": "11.2", "检验值范围": "3.5-9.5", "样本编号": "B1", "是否外送": "否"},
}
OPERATION = {
    "手术日期": "2024-02-02",
    "手术开始时间": "2024-02-02 10:00",
    "手术操作编码": "33.24#33.27",
    "手术操作名称": "支气管镜检查#肺活检",
}

FORMS = {
    "1.1": [
        {
            **H1,
            "所属区划": "330106",
            "机构性质": "公立",
            "机构类型": "综合医院",
            "核定床位": "1200",
            "定点开始日期": "2010-01-01",
        }
    ],
    "2.1": [
        {**H1, **PERSON, **VISIT},
        {
            **H1,
            **OTHER,
            **VISIT,
            "序号": "2",
            "门诊号": "M2",
            "结算流水号": "S3",
            "结算类别": "门诊慢特病",
            "疾病编码ICD": "I10",
        },
        {**H1, **PERSON, **VISIT, "序号": "3", "结算流水号": "S4", "次要诊断组合": "", "疾病编码ICD": ""},
    ],
    "2.2": [{**H1, **PERSON, **LINE}, {**H1, **PERSON, **LINE}, {**H1, **PERSON, **LINE, "数量": "x"}],
    "2.4": [{**H1, **PERSON, "门诊号": "M1", **OPERATION}],
    "3.1": [{**H1, **PERSON, **STAY}, {**H1, **PERSON, **STAY, "结算流水号": "S5"}],
    "3.2": [{**H1, **PERSON, **LINE, "结算流水号": "S2", "费用发生日期": "2024-02-02"}],
    "3.3": [{**H1, **PERSON, "住院号": "Z1", "医嘱号": "Y1", "医嘱科室名称": "重症医学科", "开立医生姓名": "赵医生"}],
    "3.4": [{**H1, **PERSON, "住院号": "Z1", **OPERATION}],
    "4.1": [{**H1, **PERSON, **EXAM}, {**H1, **PERSON, **EXAM}],
    "4.2": [{**H1, **PERSON, **EXAM}],
    "4.3": [{**H1, **PERSON, **EXAM}],
    "4.4": [{**H1, **PERSON, **EXAM}],
}
"""Rows of each form, by the names of its columns; what a row does not name is empty."""


def table_of(form):
    """All rows of a form as it arrives: title, instructions, types, header, data, total, remark."""
    names = HEADERS[form]
    width = len(names)
    rows = FORMS[form.split("-")[0]]
    pad = [""] * (width - 1)
    return [
        [form, *pad],
        ["填表说明：", *pad],
        *([f"{number}、本表由定点医疗机构填报，不得改变列的顺序。", *pad] for number in range(1, 5)),
        ["" for _name in names],
        ["可空" if name == "序号" else "日期型" if "日期" in name else "字符型" for name in names],
        names,
        *([row.get(name, "") for name in names] for row in rows),
        ["合计", *pad],
        ["备注：以上数据由医院信息系统导出。", *pad],
    ]


def as_text(table, delimiter, encoding):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in table]
    return "".join(delimiter.join(row) + "\r\n" for row in quoted).encode(encoding)


def as_workbook(form, table):
    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True})
    book.add_worksheet("填报要求").write(0, 0, "请如实填报")
    sheet = book.add_worksheet(form)
    sheet.merge_range(0, 0, 0, len(table[8]) - 1, form)
    for at, row in enumerate(table[1:], start=1):
        for column, cell in enumerate(row):
            if cell:
                sheet.write_string(at, column, cell)
    book.close()
    return stream.getvalue()


def write_extract(folder, kind):
    folder.mkdir()
    for form in HEADERS:
        table = table_of(form)
        if kind == "xlsx":
            (folder / f"{form}.xlsx").write_bytes(as_workbook(form, table))
        else:
            delimiter, encoding = kind
            (folder / f"{form}.csv").write_bytes(as_text(table, delimiter, encoding))
    (folder / "填报通知.docx").write_bytes(b"x")
    return folder


KINDS = ["xlsx", ("\t", "gb18030")]


@pytest.fixture(scope="module", params=KINDS, ids=["xlsx", "tabs-gb18030"])
def taken_in(request, tmp_path_factory, make_bench):
    folder = tmp_path_factory.mktemp("forms")
    bench = make_bench(folder, in_memory=True)
    outcome = bench.ingest(write_extract(folder / "extract", request.param), "inspection")
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
        (ZHANG, "M", dt.date(1949, 12, 31), "职工医保", "330106"),
        (LI, "F", dt.date(1880, 1, 1), "职工医保", "330106"),
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
        (f"{h}:M1", ZHANG, "outpatient", *visit, "J18.9", Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:M1|2", ZHANG, "outpatient", *visit, None, Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:M2", LI, "chronic_outpatient", *visit, "I10", Decimal("380.00"), "呼吸内科门诊"),
        (f"{h}:Z1", ZHANG, "inpatient", *stay),
        (f"{h}:Z1|2", ZHANG, "inpatient", *stay),
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
    extract = write_extract(tmp_path / "extract", (",", "utf-8-sig"))
    settings = RunSettings(extract=extract, workspace=tmp_path / "workspace", profile="inspection")

    run = audit_directly(settings)

    assert (run / "report" / "index.html").is_file()
    assert ZHANG not in (run / "report" / "quality.html").read_text("utf-8")
